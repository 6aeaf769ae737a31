// The waves of a migration. First everybody is given SDS beside the secret, then configurations change over to
// it, then the secret goes: so each step can be taken by one workload after the other, and taken back. Where
// the CA behind SDS has another root, both are trusted from before the first change until after the last.

import type { PlanModel, PlanWorkload, Transition, TrustRoot, WorkloadId } from './model.js';
import { cutWave, serversFirst } from './order.js';

/** What a wave is for. */
export type Phase =
  | 'agent'
  | 'trust-both'
  | 'pods'
  | 'permissive'
  | 'plain-clients'
  | 'config'
  | 'mutual-clients'
  | 'strict'
  | 'bootstrap'
  | 'secret'
  | 'drop-old-root';

/** Workloads that change in the same way, each at a time of its own. */
export interface Wave extends Transition {
  readonly phase: Phase;
}

/** How to move. */
export interface WaveOptions {
  /** Whether configurations change all at once, as Pilot's do, or workload by workload. */
  readonly switch: 'mesh' | 'workload';
  /** Whether both roots can be trusted at once while the CA changes. */
  readonly trust: 'both' | 'one';
  /** Let clients send plaintext while configurations change. */
  readonly throughPlaintext: boolean;
  /** How many workloads a wave has at most. */
  readonly waveSize: number;
}

/** The waves in which a mesh moves; whether they keep every connection is for the simulation to say. */
export function wavesOf(model: PlanModel, options: WaveOptions): Wave[] {
  const { workloads, initial, sdsRoot, connections } = model;
  const order = serversFirst(model);
  const byId = new Map(workloads.map((workload) => [workload.id, workload]));
  const isMoving = (id: WorkloadId): boolean => byId.get(id)?.blocked === undefined;
  const all = workloads.map(({ id }) => id);
  const moving = all.filter(isMoving);
  const state = (id: WorkloadId) => initial.get(id);
  const waves: Wave[] = [];
  const add = (phase: Phase, ids: readonly WorkloadId[], set: Transition['set']): void => {
    if (ids.length > 0) waves.push({ phase, workloads: ids, set });
  };
  const inWaves = (
    phase: Phase,
    wanted: (workload: PlanWorkload) => boolean,
    set: Transition['set'],
  ): void => {
    for (const level of order) {
      const ids = level.filter((id) => isMoving(id) && wanted(byId.get(id) as PlanWorkload));
      for (const wave of cutWave(ids, (id) => byId.get(id)?.file, options.waveSize)) add(phase, wave, set);
    }
  };
  const toConfig = all.filter((id) => state(id)?.config === 'files');
  const otherRoot = sdsRoot === 'new' && toConfig.length > 0;
  const both: readonly TrustRoot[] = ['old', 'new'];
  add(
    'agent',
    all.filter((id) => state(id)?.agent === false),
    { agent: true },
  );
  if (otherRoot && options.trust === 'both') add('trust-both', all, { fileRoots: both, sdsRoots: both });
  inWaves('pods', ({ id }) => state(id)?.socket === false, { socket: true });
  if (options.throughPlaintext) {
    const meshClients = new Set(connections.filter(({ tls }) => tls === 'istio').map(({ client }) => client));
    const strictServers = new Set(
      connections.filter(({ mode }) => mode === 'strict').map(({ server }) => server),
    );
    add(
      'permissive',
      all.filter((id) => strictServers.has(id)),
      { permissive: true },
    );
    add(
      'plain-clients',
      all.filter((id) => meshClients.has(id)),
      { plain: true },
    );
  }
  if (options.switch === 'mesh') add('config', toConfig, { config: 'sds' });
  else inWaves('config', ({ id }) => state(id)?.config === 'files', { config: 'sds' });
  if (options.throughPlaintext) {
    const undone = (phase: Phase): readonly WorkloadId[] =>
      waves.find((wave) => wave.phase === phase)?.workloads ?? [];
    add('mutual-clients', undone('plain-clients'), { plain: false });
    add('strict', undone('permissive'), { permissive: false });
  }
  const asksControlPlane = new Set(
    connections.filter(({ purpose }) => purpose === 'control plane').map(({ client }) => client),
  );
  inWaves('bootstrap', ({ id }) => asksControlPlane.has(id), { bootstrap: 'sds' });
  inWaves('secret', ({ id, keepsSecret }) => keepsSecret === undefined && state(id)?.secret === true, {
    secret: false,
  });
  const allMoved =
    toConfig.every((id) => options.switch === 'mesh' || isMoving(id)) &&
    [...asksControlPlane].every(isMoving);
  const ruleFiles = connections.some(({ tls }) => tls === 'files');
  if (otherRoot && options.trust === 'both' && allMoved && !ruleFiles && moving.length === all.length)
    add('drop-old-root', all, { fileRoots: ['new'], sdsRoots: ['new'] });
  return waves;
}
