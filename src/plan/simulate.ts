// Runs a plan: after each change, and in the midst of it, everyone who could talk must be able to, and with
// mTLS who had it. A change reaches its workloads one by one, and the replicas of one workload one by one, so
// each connection is tried with either end before and after it.

import type {
  Connection,
  IdentitySource,
  PlanModel,
  Transition,
  TrustRoot,
  WorkloadId,
  WorkloadStage,
} from './model.js';

/** How a connection ends. */
export type ConnectionOutcome = 'mtls' | 'plain' | 'fails';

/** A connection that a change breaks. */
export interface Violation {
  /** Which of the changes. */
  readonly step: number;
  readonly connection: Connection;
  readonly was: ConnectionOutcome;
  readonly now: ConnectionOutcome;
  /** Which ends have undergone the change. */
  readonly changed: readonly ('client' | 'server')[];
}

/** What came out of a simulation. */
export interface Simulation {
  readonly violations: readonly Violation[];
  /** How many connections there are that worked before. */
  readonly connections: number;
  /** How many of them had mTLS. */
  readonly mutual: number;
  /** Connections that fail before anything is changed. */
  readonly broken: readonly Connection[];
  /** How many outcomes were looked at. */
  readonly checked: number;
  /** The states at the end. */
  readonly final: ReadonlyMap<WorkloadId, WorkloadStage>;
}

/** Rules that a plan may be granted. */
export interface SimulationOptions {
  /** mTLS may give way to plain text for a while. */
  readonly allowPlaintext?: boolean;
}

/** Runs changes one after the other. */
export function simulate(
  model: PlanModel,
  changes: readonly Transition[],
  options: SimulationOptions = {},
): Simulation {
  const { connections } = model;
  const table = new Table(model);
  const before = new Uint8Array(connections.length);
  let states = model.initial;
  let now = table.numbered(states);
  for (let i = 0; i < connections.length; i++) before[i] = table.outcome(i, now, now);
  const violations: Violation[] = [];
  let checked = 0;
  changes.forEach((change, step) => {
    states = apply(states, change);
    const next = table.numbered(states);
    for (let i = 0; i < connections.length; i++) {
      const was = before[i] as number;
      if (was === FAILS || !table.touches(i, now, next)) continue;
      for (const changed of ENDS) {
        const after = table.outcome(
          i,
          changed.includes('client') ? next : now,
          changed.includes('server') ? next : now,
        );
        checked++;
        if (isKept(was, after, options)) continue;
        const connection = connections[i] as Connection;
        violations.push({
          step,
          connection,
          was: OUTCOMES[was] as ConnectionOutcome,
          now: OUTCOMES[after] as ConnectionOutcome,
          changed,
        });
        break;
      }
    }
    now = next;
  });
  const count = (of: (outcome: number) => boolean): number => before.filter(of).length;
  return {
    violations,
    connections: count((outcome) => outcome !== FAILS),
    mutual: count((outcome) => outcome === MTLS),
    broken: connections.filter((_, i) => before[i] === FAILS),
    checked,
    final: states,
  };
}

const OUTCOMES: readonly ConnectionOutcome[] = ['fails', 'plain', 'mtls'];
const FAILS = OUTCOMES.indexOf('fails');
const MTLS = OUTCOMES.indexOf('mtls');

function isKept(was: number, now: number, { allowPlaintext = false }: SimulationOptions): boolean {
  if (now === FAILS) return false;
  return was !== MTLS || now === MTLS || allowPlaintext;
}

/**
 * Outcomes by numbers. In a mesh where everyone may call everyone there are as many connections as workloads
 * squared, but few kinds of connections, and few states that workloads are in.
 */
class Table {
  private readonly ids: readonly WorkloadId[];
  private readonly clients: Int32Array;
  private readonly servers: Int32Array;
  private readonly kinds: Int32Array;
  private readonly examples: Connection[] = [];
  private readonly states: WorkloadStage[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly known = new Map<number, number>();

  constructor(private readonly model: PlanModel) {
    const { connections, initial } = model;
    this.ids = [...initial.keys()];
    const indexes = new Map(this.ids.map((id, index) => [id, index]));
    const kinds = new Map<string, number>();
    this.clients = Int32Array.from(connections, ({ client }) => indexes.get(client) as number);
    this.servers = Int32Array.from(connections, ({ server }) => indexes.get(server) as number);
    this.kinds = Int32Array.from(connections, (connection) => {
      const { purpose, tls, mountedFiles, mode } = connection;
      const key = `${purpose} ${tls} ${mountedFiles} ${mode}`;
      const kind = kinds.get(key) ?? this.examples.push(connection) - 1;
      kinds.set(key, kind);
      return kind;
    });
  }

  /** The number of each workload's state. */
  numbered(states: ReadonlyMap<WorkloadId, WorkloadStage>): Int32Array {
    return Int32Array.from(this.ids, (id) => {
      const state = states.get(id) as WorkloadStage;
      const key = JSON.stringify(state);
      const number = this.numbers.get(key) ?? this.states.push(state) - 1;
      this.numbers.set(key, number);
      return number;
    });
  }

  /** Whether an end of a connection differs between two times. */
  touches(connection: number, before: Int32Array, after: Int32Array): boolean {
    const client = this.clients[connection] as number;
    const server = this.servers[connection] as number;
    return before[client] !== after[client] || before[server] !== after[server];
  }

  /** What becomes of a connection, as a number in `OUTCOMES`, with its ends at times of their own. */
  outcome(connection: number, clientTime: Int32Array, serverTime: Int32Array): number {
    const kind = this.kinds[connection] as number;
    const client = clientTime[this.clients[connection] as number] as number;
    const server = serverTime[this.servers[connection] as number] as number;
    const key = (kind * MAX_STATES + client) * MAX_STATES + server;
    let outcome = this.known.get(key);
    if (outcome === undefined) {
      outcome = OUTCOMES.indexOf(
        outcomeOf(
          this.model,
          this.examples[kind] as Connection,
          this.states[client] as WorkloadStage,
          this.states[server] as WorkloadStage,
        ),
      );
      this.known.set(key, outcome);
    }
    return outcome;
  }
}

/** More states than there are combinations of what a state holds. */
const MAX_STATES = 1 << 16;

const ENDS: readonly (readonly ('client' | 'server')[])[] = [['client'], ['server'], ['client', 'server']];

/** States after a change; those of other workloads are the same objects. */
export function apply(
  states: ReadonlyMap<WorkloadId, WorkloadStage>,
  { workloads, set }: Transition,
): ReadonlyMap<WorkloadId, WorkloadStage> {
  const after = new Map(states);
  for (const id of workloads) {
    const state = states.get(id);
    if (state !== undefined) after.set(id, { ...state, ...set });
  }
  return after;
}

/** What becomes of a connection between ends in some states. */
export function outcomeOf(
  model: Pick<PlanModel, 'sdsRoot'>,
  connection: Connection,
  client: WorkloadStage,
  server: WorkloadStage,
): ConnectionOutcome {
  const serving = identityOf(model, server, server.config);
  if (connection.purpose === 'control plane')
    return trustEachOther(identityOf(model, client, client.bootstrap), serving) ? 'mtls' : 'fails';
  const mode = connection.mode === 'strict' && server.permissive ? 'permissive' : connection.mode;
  const tls = connection.tls === 'istio' && client.plain ? 'plain' : connection.tls;
  // Without its certificate a listener does not take connections of any kind.
  if (mode !== 'plain' && serving === undefined) return 'fails';
  switch (tls) {
    case 'plain':
      return mode === 'strict' ? 'fails' : 'plain';
    case 'istio':
      if (mode === 'plain') return 'fails';
      return trustEachOther(identityOf(model, client, client.config), serving) ? 'mtls' : 'fails';
    case 'files':
      // What is behind a proxy without TLS may have its own.
      if (mode === 'plain') return fileIdentity(connection, client) === undefined ? 'fails' : 'mtls';
      // A permissive server recognizes mTLS by the protocol that only the mesh's own clients offer.
      if (mode === 'permissive') return 'fails';
      return trustEachOther(fileIdentity(connection, client), serving) ? 'mtls' : 'fails';
  }
}

/** What a proxy presents, and which CAs it trusts. */
interface Identity {
  readonly presents: TrustRoot;
  readonly trusts: readonly TrustRoot[];
}

/** The identity that a delivery gives a proxy; undefined where it does not work. */
function identityOf(
  { sdsRoot }: Pick<PlanModel, 'sdsRoot'>,
  state: WorkloadStage,
  source: IdentitySource,
): Identity | undefined {
  if (source === 'files') return state.secret ? { presents: 'old', trusts: state.fileRoots } : undefined;
  return state.socket && state.agent ? { presents: sdsRoot, trusts: state.sdsRoots } : undefined;
}

/** The identity in the files that a rule names. Nobody adds a root to files that are not the mesh's own. */
function fileIdentity({ mountedFiles }: Connection, state: WorkloadStage): Identity | undefined {
  if (!mountedFiles) return { presents: 'old', trusts: ['old'] };
  return state.secret ? { presents: 'old', trusts: state.fileRoots } : undefined;
}

function trustEachOther(a: Identity | undefined, b: Identity | undefined): boolean {
  return a !== undefined && b !== undefined && a.trusts.includes(b.presents) && b.trusts.includes(a.presents);
}
