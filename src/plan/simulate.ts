// Runs a plan: after each change, and in the midst of it, everyone who could talk must be able to, and with
// mTLS who had it. A change reaches its workloads one by one, and the replicas of one workload one by one, so
// each connection is tried with either end before and after it.

import type { Change, Connection, PlanModel, Root, Source, WorkloadId, WorkloadState } from './model.js';

/** How a connection ends. */
export type Outcome = 'mtls' | 'plain' | 'fails';

/** A connection that a change breaks. */
export interface Violation {
  /** Which of the changes. */
  readonly step: number;
  readonly connection: Connection;
  readonly was: Outcome;
  readonly now: Outcome;
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
  readonly final: ReadonlyMap<WorkloadId, WorkloadState>;
}

/** Rules that a plan may be granted. */
export interface SimulationOptions {
  /** mTLS may give way to plain text for a while. */
  readonly allowPlaintext?: boolean;
}

/** Runs changes one after the other. */
export function simulate(
  model: PlanModel,
  changes: readonly Change[],
  options: SimulationOptions = {},
): Simulation {
  const stateIn = (states: ReadonlyMap<WorkloadId, WorkloadState>, id: WorkloadId): WorkloadState =>
    states.get(id) as WorkloadState;
  const first = (connection: Connection): Outcome =>
    outcomeOf(
      model,
      connection,
      stateIn(model.initial, connection.client),
      stateIn(model.initial, connection.server),
    );
  const before = model.connections.map(first);
  const byEnd = connectionsByEnd(model);
  const violations: Violation[] = [];
  let checked = 0;
  let states = model.initial;
  changes.forEach((change, step) => {
    const after = apply(states, change);
    const touched = new Set<number>();
    for (const id of change.workloads) {
      if (after.get(id) !== states.get(id)) for (const index of byEnd.get(id) ?? []) touched.add(index);
    }
    for (const index of touched) {
      const was = before[index] as Outcome;
      if (was === 'fails') continue;
      const connection = model.connections[index] as Connection;
      for (const changed of ENDS) {
        const client = stateIn(changed.includes('client') ? after : states, connection.client);
        const server = stateIn(changed.includes('server') ? after : states, connection.server);
        const now = outcomeOf(model, connection, client, server);
        checked++;
        if (isKept(was, now, options)) continue;
        violations.push({ step, connection, was, now, changed });
        break;
      }
    }
    states = after;
  });
  return {
    violations,
    connections: before.filter((outcome) => outcome !== 'fails').length,
    mutual: before.filter((outcome) => outcome === 'mtls').length,
    broken: model.connections.filter((_, index) => before[index] === 'fails'),
    checked,
    final: states,
  };
}

const ENDS: readonly (readonly ('client' | 'server')[])[] = [['client'], ['server'], ['client', 'server']];

function isKept(was: Outcome, now: Outcome, { allowPlaintext = false }: SimulationOptions): boolean {
  if (now === 'fails') return false;
  return was === 'plain' || now === 'mtls' || allowPlaintext;
}

/** States after a change; those of other workloads are the same objects. */
export function apply(
  states: ReadonlyMap<WorkloadId, WorkloadState>,
  { workloads, set }: Change,
): ReadonlyMap<WorkloadId, WorkloadState> {
  const after = new Map(states);
  for (const id of workloads) {
    const state = states.get(id);
    if (state !== undefined) after.set(id, { ...state, ...set });
  }
  return after;
}

function connectionsByEnd({ connections }: PlanModel): ReadonlyMap<WorkloadId, readonly number[]> {
  const byEnd = new Map<WorkloadId, number[]>();
  connections.forEach(({ client, server }, index) => {
    for (const id of new Set([client, server])) {
      const list = byEnd.get(id);
      if (list === undefined) byEnd.set(id, [index]);
      else list.push(index);
    }
  });
  return byEnd;
}

/** What becomes of a connection between ends in some states. */
export function outcomeOf(
  model: Pick<PlanModel, 'sdsRoot'>,
  connection: Connection,
  client: WorkloadState,
  server: WorkloadState,
): Outcome {
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
      // A permissive server tells mTLS by the protocol that only the mesh's own clients offer.
      if (mode === 'permissive') return 'fails';
      return trustEachOther(fileIdentity(connection, client), serving) ? 'mtls' : 'fails';
  }
}

/** What a proxy shows, and whom it believes. */
interface Identity {
  readonly presents: Root;
  readonly trusts: readonly Root[];
}

/** The identity that a delivery gives a proxy; undefined where it does not work. */
function identityOf(
  { sdsRoot }: Pick<PlanModel, 'sdsRoot'>,
  state: WorkloadState,
  source: Source,
): Identity | undefined {
  if (source === 'files') return state.secret ? { presents: 'old', trusts: state.fileRoots } : undefined;
  return state.socket && state.agent ? { presents: sdsRoot, trusts: state.sdsRoots } : undefined;
}

/** The identity in the files that a rule names. Nobody adds a root to files that are not the mesh's own. */
function fileIdentity({ mountedFiles }: Connection, state: WorkloadState): Identity | undefined {
  if (!mountedFiles) return { presents: 'old', trusts: ['old'] };
  return state.secret ? { presents: 'old', trusts: state.fileRoots } : undefined;
}

function trustEachOther(a: Identity | undefined, b: Identity | undefined): boolean {
  return a !== undefined && b !== undefined && a.trusts.includes(b.presents) && b.trusts.includes(a.presents);
}
