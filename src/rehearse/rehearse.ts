// A rehearsal: the workloads of some manifests run with real Envoys, and each proof is made or fails.

import type { KeyType } from '../ca/key-types.js';
import type { CompileInput } from '../compile/compile.js';
import { plural } from '../finding/plural.js';
import type { Cluster } from './cluster.js';
import type { EnvoyBinary } from './envoy-binary.js';
import { expectedCalls, policiesOf } from './expected-calls.js';
import type { ExpectedOutcomes } from './expected-file.js';
import type { Loaded } from './load.js';
import { migrate, ON_FILES } from './migration.js';
import type { Policies } from './policies.js';
import { PROOFS, type Proof, type ProofName, type Rehearsal } from './proof.js';
import { callsProof, type MadeCall, makeCalls } from './proofs/calls.js';
import { configurationProof } from './proofs/configuration.js';
import { identitiesProof } from './proofs/identities.js';
import { agentProof, caProof } from './proofs/outages.js';
import { refusalsProof } from './proofs/refusals.js';
import { rotationProof } from './proofs/rotation.js';
import { secretsProof } from './proofs/secrets.js';
import { ON_SDS, Stage } from './stage.js';
import { wavesOf } from './waves.js';

/** What is rehearsed. */
export interface RehearsalOptions {
  readonly cluster: Cluster;
  /** The manifests as they were given. */
  readonly inputs: readonly CompileInput[];
  readonly envoy: EnvoyBinary;
  readonly keyType: KeyType;
  readonly proofs: readonly ProofName[];
  readonly expected: ExpectedOutcomes;
  /** Whether the workloads begin with mounted certificates, and move to SDS. */
  readonly migrate: boolean;
  /** Told of what begins. */
  readonly begin: (what: string) => void;
  /** Ends the rehearsal early. */
  readonly signal: AbortSignal;
}

/**
 * Rehearses. Nothing of it is left afterwards, whatever happens.
 *
 * @throws a RehearsalError where something cannot be started, or the signal has ended it
 */
export async function rehearse(options: RehearsalOptions): Promise<Rehearsal> {
  const { cluster, envoy, keyType, signal } = options;
  const stage = await Stage.create({ cluster, envoy: envoy.path, keyType });
  const aborted = new Promise<never>((_, failed) => {
    const abort = () => failed(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
  });
  aborted.catch(() => {});
  try {
    const proofs = await Promise.race([perform(stage, options), aborted]);
    return {
      ok: proofs.length > 0 && proofs.every(({ ok }) => ok),
      setting: `${plural(cluster.members.length, 'workload')}, Envoy ${envoy.version}, API v3, on the loopback`,
      proofs,
    };
  } finally {
    await stage.close();
  }
}

async function perform(stage: Stage, options: RehearsalOptions): Promise<Proof[]> {
  const { begin, inputs, expected, migrate: moves } = options;
  const { cluster } = stage;
  const policies = policiesOf(inputs, cluster);
  const calls = expectedCalls(cluster, policies, expected);
  const waves = moves ? wavesOf(inputs, cluster) : [];
  begin(`starting ${plural(cluster.members.length, 'workload')}`);
  if (!moves) await stage.startAgent();
  await stage.startPods(stage.firstPods(), moves ? ON_FILES : ON_SDS);
  const proofs: Proof[] = [];
  if (moves) {
    begin('calls with mounted certificates');
    const before = await makeCalls(stage, calls);
    proofs.push({ ...callsProof(stage, before), name: 'before' });
    for await (const step of migrate(stage, waves, loadedOf(before), begin))
      proofs.push(withEnded(stage, step));
  }
  begin('calls');
  return [...proofs, ...(await prove(stage, await makeCalls(stage, calls), policies, options))];
}

async function prove(
  stage: Stage,
  made: readonly MadeCall[],
  policies: Policies,
  { proofs: wanted, begin }: RehearsalOptions,
): Promise<Proof[]> {
  const loaded = loadedOf(made);
  const makers: Readonly<Record<ProofName, () => Proof | Promise<Proof>>> = {
    configuration: () => configurationProof(stage),
    calls: () => callsProof(stage, made),
    identities: () => identitiesProof(stage, made),
    refusals: () => refusalsProof(stage, made, policies),
    rotation: () => rotationProof(stage, loaded),
    agent: () => agentProof(stage, loaded),
    ca: () => caProof(stage, loaded),
    secrets: () => secretsProof(stage),
  };
  const proofs: Proof[] = [];
  for (const name of PROOFS.filter((one) => wanted.includes(one))) {
    begin(name);
    proofs.push(withEnded(stage, await makers[name]()));
  }
  return proofs;
}

/** An Envoy that ended by itself fails the proof in which it did. */
function withEnded({ pods }: Stage, proof: Proof): Proof {
  const ended = pods.flatMap(({ name, envoy }) =>
    envoy?.failure === undefined ? [] : [`the Envoy of ${name} ended: ${envoy.failure}`],
  );
  return ended.length === 0 ? proof : { ...proof, ok: false, problems: [...ended, ...proof.problems] };
}

/** The connections that bear load: those that work. */
function loadedOf(made: readonly MadeCall[]): Loaded[] {
  return made.flatMap(({ connection, result: { outcome } }) =>
    outcome === 'mtls' || outcome === 'plain' || outcome === 'arrived' ? [{ connection, outcome }] : [],
  );
}
