// The stage: all that runs in a rehearsal, from the CA to the Envoys. It plays the parts of the cluster: the control
// plane that pushes configuration, the node's agent, and the kubelet that starts pods and ends them.

import { setMaxListeners } from 'node:events';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Agent, startAgent } from '../agent/agent.js';
import { TOKEN_HEADERS } from '../agent/authenticate.js';
import type { AgentEvent, Observer } from '../agent/events.js';
import { type Identity, spiffeId } from '../agent/identity.js';
import { TokenIssuer } from '../agent/token-issuer.js';
import type { KeyType } from '../ca/key-types.js';
import { OwnAuthority } from '../ca/own.js';
import { addresses, type Cluster, type Pod, withPods } from './cluster.js';
import type { Delivery } from './compiled.js';
import { type Credentials, issueCredentials } from './credentials.js';
import type { Address } from './envoy-process.js';
import { RehearsalError } from './failure.js';
import { Guard } from './guard.js';
import { Loopback, NETWORKS_EACH } from './loopback.js';
import type { Member } from './members.js';
import { type PodMounts, RunningPod } from './running-pod.js';
import { SwitchableAuthority } from './switchable-authority.js';
import { checkWatches, watchesIn } from './watches.js';

/** What is put on the stage. */
export interface StageOptions {
  readonly cluster: Cluster;
  /** The path of an Envoy. */
  readonly envoy: string;
  readonly keyType: KeyType;
  /** How long proxies may take until they have what they should, in milliseconds; by default 20 s. */
  readonly patience?: number;
}

/** How pods are made, and where their identities come from. */
export interface PodForm {
  readonly delivery: Delivery;
  readonly mounts: PodMounts;
}

/** Pods after the move to SDS. */
export const ON_SDS: PodForm = { delivery: 'sds', mounts: { socket: true, secret: false } };

/** An address to which clients are diverted. */
export interface DivertedPod {
  /** Where a port of it is. */
  addressOf(port: number): Address;
  begin(): void;
  end(): void;
}

/** Generations that no pod has. */
const DIVERTED = 1000;
/** Between sending a new root and the first certificate that leads to it, in milliseconds. */
const ROOT_SETTLE = 1000;
/** How long an old root stays after that, in milliseconds. */
const ROOT_OVERLAP = 1500;
/** An Envoy that has lost its SDS server comes back after 15 to 18 s at the latest. */
const PATIENCE = 20_000;
/** How many Envoys start at a time. */
const STARTING = 4;
/** Seconds that certificates and tokens are valid: longer than any rehearsal. */
const LIFETIME = 3600;
/** How long the CA may take for one certificate, in milliseconds. */
const CA_TIMEOUT = 3000;

/** All that runs. */
export class Stage {
  /** Those that serve, and all that were started and not ended. */
  private readonly running: RunningPod[] = [];
  private readonly all = new Set<RunningPod>();
  private readonly seats = new Set<number>();
  private readonly observers = new Set<Observer>();
  private readonly nextIp: () => string;
  /** By SPIFFE ID. */
  private readonly identities: ReadonlyMap<string, Identity>;
  private readonly closing = new AbortController();
  private agent: Agent | undefined;
  /** Of all certificates that the agent has issued. */
  readonly serials = new Set<string>();

  private constructor(
    private readonly options: StageOptions,
    private readonly guard: Guard,
    private readonly lock: Server,
    private readonly loopback: Loopback,
    readonly own: OwnAuthority,
    readonly ca: SwitchableAuthority,
    readonly tokenIssuer: TokenIssuer,
  ) {
    // As many wait as there are connections with load.
    setMaxListeners(0, this.closing.signal);
    const { members } = options.cluster;
    this.nextIp = addresses('10.245', new Set(members.map(({ ip }) => ip)));
    this.identities = new Map(
      members.map((member) => {
        const identity = this.identityOf(member);
        return [spiffeId(identity), identity];
      }),
    );
  }

  /**
   * Makes a stage on which nothing runs yet.
   *
   * @throws a RehearsalError where the addresses are taken
   */
  static async create(options: StageOptions): Promise<Stage> {
    const { lock, base } = await ownNetworks();
    const own = await OwnAuthority.create({
      trustDomain: options.cluster.trustDomain,
      keyType: options.keyType,
      intermediate: false,
      maxLifetime: LIFETIME,
    });
    const tokens = await TokenIssuer.create();
    const ca = new SwitchableAuthority(own);
    return new Stage(options, Guard.start(), lock, new Loopback(base), own, ca, tokens);
  }

  get cluster(): Cluster {
    return this.options.cluster;
  }

  /** How long proxies may take until they have what they should, in milliseconds. */
  get patience(): number {
    return this.options.patience ?? PATIENCE;
  }

  get keyType(): KeyType {
    return this.options.keyType;
  }

  /** The folder that holds all files of the rehearsal. */
  get folder(): string {
    return this.guard.folder;
  }

  /** The pods that run. */
  get pods(): readonly RunningPod[] {
    return this.running;
  }

  /** The pod of a workload; of several, the newest. */
  podOf(name: string): RunningPod {
    const pods = this.running.filter((pod) => pod.name === name);
    const [newest] = pods.sort((a, b) => b.pod.generation - a.pod.generation);
    if (newest === undefined) throw new RehearsalError(`no pod of ${name} is running`);
    return newest;
  }

  identityOf({ namespace, account }: Pick<Member, 'namespace' | 'account'>): Identity {
    return { trustDomain: this.options.cluster.trustDomain, namespace, account };
  }

  /** The SPIFFE ID of a workload. */
  idOf(member: Member): string {
    return spiffeId(this.identityOf(member));
  }

  /** The socket on which an identity is served. */
  socketOf(identity: Identity): string {
    const index = [...this.identities.keys()].indexOf(spiffeId(identity));
    return join(this.folder, 'sds', String(index), 'uds_path');
  }

  /** Tells of what happens in the agent until the returned function is called. */
  observe(observer: Observer): () => void {
    this.observers.add(observer);
    return () => this.observers.delete(observer);
  }

  /** A certificate of this CA, for a peer of the rehearsal itself. */
  issue(identity: string, lifetime = LIFETIME): Promise<Credentials> {
    return issueCredentials(this.own, this.options.keyType, identity, lifetime);
  }

  /** Starts the node's agent. */
  async startAgent(): Promise<void> {
    const { trustDomain } = this.options.cluster;
    const identities = [...this.identities.values()];
    this.agent = await startAgent({
      trustDomain,
      identities,
      sockets: identities.map((identity) => ({ path: this.socketOf(identity), identity })),
      socketMode: 0o600,
      authentication: {
        by: 'token',
        headers: TOKEN_HEADERS,
        audiences: [trustDomain],
        issuers: undefined,
        legacy: false,
        keys: undefined,
      },
      names: { certificate: 'default', roots: 'ROOTCA' },
      ca: this.ca,
      keyType: this.options.keyType,
      lifetime: LIFETIME,
      timeout: CA_TIMEOUT,
      roots: [],
      rotateEvery: undefined,
      rootSettle: ROOT_SETTLE,
      rootOverlap: ROOT_OVERLAP,
      tokenIssuer: this.tokenIssuer,
      tokens: { folder: join(this.folder, 'tokens'), lifetime: LIFETIME },
      nodeAgent: undefined,
      observe: (event: AgentEvent) => {
        if (event.kind === 'issued') this.serials.add(event.serial);
        for (const observer of this.observers) observer(event);
      },
    });
  }

  /** Ends the node's agent, and all its streams. */
  stopAgent(): void {
    this.agent?.close();
    this.agent = undefined;
  }

  /** Renews all certificates in use. */
  async rotate(): Promise<void> {
    await this.agent?.rotate();
  }

  /**
   * Puts something else in the place of a workload's pods for its clients: they are told of an address where no pod
   * runs, until the next push.
   */
  divert(name: string): DivertedPod {
    const { pod } = this.podOf(name);
    const seat = this.takeSeat();
    const other = { ...pod, generation: pod.generation + DIVERTED, ip: this.nextIp() };
    this.loopback.seat({ number: seat, ip: other.ip });
    const others = this.running.map((one) => one.pod).filter(({ member }) => member.name !== name);
    return {
      addressOf: (port) => ({ host: this.loopback.podAddress(seat), port: this.loopback.port(port) }),
      begin: () => this.push([...others, other]),
      end: () => {
        this.push();
        this.seats.delete(seat);
      },
    };
  }

  /** The pod that replaces another. */
  successorOf({ pod }: RunningPod): Pod {
    return { ...pod, generation: pod.generation + 1, ip: this.nextIp() };
  }

  /** The first pods of all workloads. */
  firstPods(): Pod[] {
    return this.cluster.members.map((member) => ({ member, generation: 1, ip: member.ip }));
  }

  /**
   * Starts pods, and waits until their proxies serve.
   *
   * @throws a RehearsalError where one does not
   */
  async startPods(pods: readonly Pod[], form: PodForm = ON_SDS): Promise<void> {
    const started = pods.map((pod) => this.seated(pod, form));
    for (const pod of started) this.all.add(pod);
    const inputs = withPods(this.cluster, [...this.running.map(({ pod }) => pod), ...pods]);
    for (const pod of started) {
      if (form.mounts.secret && pod.pod.member.hasProxy)
        pod.mount(await this.issue(this.idOf(pod.pod.member)));
      pod.configure(inputs);
    }
    checkWatches([...this.all].reduce((sum, { compiled }) => sum + watchesIn(compiled), 0));
    const waiting = [...started];
    const work = async (): Promise<void> => {
      for (let pod = waiting.shift(); pod !== undefined; pod = waiting.shift())
        await pod.start((pid) => this.guard.watch(pid));
    };
    await Promise.all(Array.from({ length: STARTING }, work));
    this.running.push(...started);
  }

  /**
   * Compiles the configuration of all proxies anew, as a control plane does, and writes what changed.
   *
   * @param pods those that are endpoints of services
   */
  push(pods: readonly Pod[] = this.running.map(({ pod }) => pod)): void {
    for (const running of this.running) {
      const { pod } = running;
      // A pod that is no endpoint any more is still told of the others.
      running.configure(withPods(this.cluster, pods.includes(pod) ? pods : [...pods, pod]));
    }
  }

  /** Ends pods; what they still serve is cut off. */
  async stopPods(pods: readonly RunningPod[]): Promise<void> {
    await Promise.all(pods.map((pod) => pod.stop()));
    for (const pod of pods) {
      const index = this.running.indexOf(pod);
      if (index >= 0) this.running.splice(index, 1);
      this.all.delete(pod);
      this.seats.delete(pod.seat);
    }
  }

  /**
   * Waits.
   *
   * @throws a RehearsalError where the stage is closed meanwhile, so that whoever waits ends too
   */
  async pause(milliseconds: number): Promise<void> {
    await setTimeout(milliseconds, undefined, { signal: this.closing.signal }).catch(() => {
      throw new RehearsalError('the rehearsal was ended');
    });
  }

  /** Ends all that runs, and removes all files. */
  async close(): Promise<void> {
    this.closing.abort();
    try {
      await this.stopPods([...this.all]);
      this.stopAgent();
      this.lock.close();
    } finally {
      this.guard.release();
    }
  }

  private takeSeat(): number {
    let seat = 0;
    while (this.seats.has(seat)) seat++;
    this.seats.add(seat);
    return seat;
  }

  private seated(pod: Pod, { delivery, mounts }: PodForm): RunningPod {
    const seat = this.takeSeat();
    this.loopback.seat({ number: seat, ip: pod.ip });
    const { namespace, account } = pod.member;
    return new RunningPod(pod, seat, delivery, mounts, {
      loopback: this.loopback,
      settings: this.cluster.settings,
      services: this.cluster.services,
      envoy: this.options.envoy,
      folder: join(this.folder, 'pods', String(seat)),
      socket: this.socketOf(this.identityOf(pod.member)),
      token: join(this.folder, 'tokens', namespace, account, 'token'),
    });
  }
}

/** The first of the second numbers that a rehearsal may have, and how many rehearsals there can be at a time. */
const FIRST_NETWORK = 64;
const REHEARSALS = 16;
/** The port that says that a rehearsal has its addresses. */
const LOCK_PORT = 15_999;

/**
 * Addresses of the loopback that no other rehearsal has, until this process ends.
 *
 * @throws a RehearsalError where all are taken
 */
async function ownNetworks(): Promise<{ readonly lock: Server; readonly base: number }> {
  for (let i = 0; i < REHEARSALS; i++) {
    const base = FIRST_NETWORK + i * NETWORKS_EACH;
    const lock = await locked(`127.${base}.255.254`);
    if (lock !== undefined) return { lock, base };
  }
  throw new RehearsalError(
    `port ${LOCK_PORT} is taken on all addresses that a rehearsal could have; end the other rehearsals`,
  );
}

function locked(host: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((done) => {
    server.once('error', () => done(undefined));
    server.listen(LOCK_PORT, host, () => {
      server.unref();
      done(server);
    });
  });
}
