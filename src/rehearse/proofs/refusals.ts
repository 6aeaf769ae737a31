// Who should be refused is refused: peers with a wrong certificate, with none, or in plain text; servers with another
// identity; and those who ask the agent with a wrong token. Each check also sees the right peer accepted, so that a
// refusal is due to what is wrong and to nothing else.

import { type Identity, spiffeId } from '../../agent/identity.js';
import { OwnAuthority } from '../../ca/own.js';
import { type Connection, call, connectionName } from '../calls.js';
import { issueCredentials } from '../credentials.js';
import { answersPlain, answersTls, Impostor } from '../peers.js';
import type { Policies } from '../policies.js';
import type { Proof } from '../proof.js';
import { givesCertificate } from '../secret-request.js';
import type { Stage } from '../stage.js';
import type { MadeCall } from './calls.js';

/** Counts what was tried. */
class Tally {
  readonly problems: string[] = [];
  tried = 0;
  failed = 0;

  check(holds: boolean, problem: string): void {
    this.tried++;
    if (holds) return;
    this.failed++;
    this.problems.push(problem);
  }
}

/** Tries all who should be refused. */
export async function refusalsProof(
  stage: Stage,
  made: readonly MadeCall[],
  policies: Policies,
): Promise<Proof> {
  const mutual = made.filter(({ result }) => result.outcome === 'mtls').map(({ connection }) => connection);
  const clients = new Tally();
  const servers = new Tally();
  const tokens = new Tally();
  await wrongClients(stage, mutual, policies, clients);
  await wrongServers(stage, mutual, servers);
  await wrongTokens(stage, tokens);
  const all = [clients, servers, tokens];
  const sum = (of: (tally: Tally) => number): number => all.reduce((total, tally) => total + of(tally), 0);
  return {
    name: 'refusals',
    ok: all.every(({ problems, tried }) => problems.length === 0 && tried > 0),
    requests: sum(({ tried }) => tried),
    failed: sum(({ failed }) => failed),
    detail:
      mutual.length === 0
        ? 'no server speaks mTLS'
        : 'clients without a certificate, with that of another CA, with an expired one, and in plain text; servers with another identity; tokens of others, expired, for another audience, and none',
    problems: all.flatMap(({ problems }) => problems),
  };
}

/** What a client may show to a port that speaks mTLS. */
async function wrongClients(
  stage: Stage,
  mutual: readonly Connection[],
  policies: Policies,
  tally: Tally,
): Promise<void> {
  const ports = distinct(mutual, ({ service, port }) => `${service.hostname}:${port.port}`);
  const other = await OwnAuthority.create({
    trustDomain: stage.cluster.trustDomain,
    keyType: stage.keyType,
    intermediate: false,
    maxLifetime: LIFETIME,
  });
  for (const { client, service, port } of ports) {
    // Only a client that is let in shows what a certificate does.
    const id = stage.idOf(client);
    const right = await stage.issue(id);
    const foreign = await issueCredentials(other, stage.keyType, id, LIFETIME);
    const expired = await stage.issue(id, -1);
    const mode = policies.modeOf({
      server: { name: service.name, namespace: service.namespace, hasProxy: true },
      port,
    });
    for (const [name, target] of port.targets) {
      const pod = stage.podOf(name);
      if (pod.envoy === undefined || port.protocol === 'TCP') continue;
      const at = pod.port(target);
      const server = `${name}:${target}`;
      tally.check(await answersTls(at, right), `${server} refuses the certificate of ${client.name}`);
      tally.check(!(await answersTls(at)), `${server} accepts a client without a certificate`);
      tally.check(!(await answersTls(at, foreign)), `${server} accepts a certificate of another CA`);
      tally.check(!(await answersTls(at, expired)), `${server} accepts a certificate that has expired`);
      if (mode === 'strict') tally.check(!(await answersPlain(at)), `${server} accepts plain text`);
    }
  }
}

const LIFETIME = 3600;

/** A server with a certificate of this CA, but of another workload. */
async function wrongServers(stage: Stage, mutual: readonly Connection[], tally: Tally): Promise<void> {
  for (const [name] of distinctServers(stage, mutual)) {
    const connections = mutual.filter(({ port, client }) => port.targets.has(name) && client.name !== name);
    if (connections.length === 0) continue;
    const own = stage.idOf(stage.podOf(name).pod.member);
    const another =
      stage.cluster.members.map((member) => stage.idOf(member)).find((id) => id !== own) ?? `${own}-impostor`;
    const diverted = stage.divert(name);
    const targets = new Set(connections.map(({ port }) => port.targets.get(name) as number));
    const impostor = await Impostor.start([...targets].map(diverted.addressOf), await stage.issue(another));
    try {
      diverted.begin();
      for (const connection of connections) {
        const seen = impostor.connections;
        const result = await untilDiverted(stage, connection, () => impostor.connections > seen);
        const who = connectionName(connection);
        tally.check(impostor.connections > seen, `${who}: the impostor was never asked`);
        tally.check(result === 'refused', `${who}: took the certificate of ${another}`);
      }
    } finally {
      diverted.end();
      impostor.close();
    }
    for (const connection of connections)
      tally.check(
        await recovers(stage, connection),
        `${connectionName(connection)}: does not work afterwards`,
      );
  }
}

/** How long a client may take to see other endpoints, in milliseconds. */
const PATIENCE = 10_000;
/** Between two of its calls, in milliseconds. */
const PERIOD = 20;

async function untilDiverted(
  stage: Stage,
  connection: Connection,
  isDiverted: () => boolean,
): Promise<string> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const { outcome } = await call(stage, connection);
    if (isDiverted() || performance.now() > deadline) return outcome;
    await stage.pause(PERIOD);
  }
}

async function recovers(stage: Stage, connection: Connection): Promise<boolean> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    if ((await call(stage, connection)).outcome === 'mtls') return true;
    if (performance.now() > deadline) return false;
    await stage.pause(PERIOD);
  }
}

/** What may be shown to the agent. */
async function wrongTokens(stage: Stage, tally: Tally): Promise<void> {
  const { trustDomain, members } = stage.cluster;
  const identities = members.filter(({ hasProxy }) => hasProxy).map((member) => stage.identityOf(member));
  const token = (identity: Identity, lifetime = LIFETIME, audience = trustDomain): Promise<string> =>
    stage.tokenIssuer.projected(identity, { audience, lifetime });
  for (const identity of distinct(identities, spiffeId)) {
    const id = spiffeId(identity);
    const socket = stage.socketOf(identity);
    const other = identities.find((one) => spiffeId(one) !== id) ?? { ...identity, account: 'other' };
    const gives = (shown: string | undefined) => givesCertificate(socket, shown);
    tally.check(await gives(await token(identity)), `the agent refuses the token of ${id}`);
    tally.check(
      !(await gives(await token(other))),
      `the agent gives ${id} to the token of ${spiffeId(other)}`,
    );
    tally.check(!(await gives(await token(identity, -60))), `the agent gives ${id} to an expired token`);
    tally.check(
      !(await gives(await token(identity, LIFETIME, 'elsewhere'))),
      `the agent gives ${id} to a token for another audience`,
    );
    tally.check(!(await gives(undefined)), `the agent gives ${id} without a token`);
  }
}

function distinctServers(stage: Stage, mutual: readonly Connection[]): (readonly [string, number])[] {
  const targets = mutual.flatMap(({ port }) => [...port.targets]);
  return distinct(targets, ([name]) => name).filter(([name]) => stage.podOf(name).envoy !== undefined);
}

function distinct<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}
