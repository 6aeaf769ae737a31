// The waves in which `xdsc plan` moves a mesh from mounted certificates to SDS.

import type { CompileInput } from '../compile/compile.js';
import { deliver } from '../convert/delivery.js';
import { podDelivery } from '../convert/pod-delivery.js';
import { plan } from '../plan/plan.js';
import type { Phase } from '../plan/waves.js';
import type { Cluster } from './cluster.js';
import { RehearsalError } from './failure.js';

/** A wave: what changes, and the names of the workloads that change. */
export interface MigrationWave {
  readonly number: number;
  readonly phase: Phase;
  readonly workloads: readonly string[];
}

/**
 * Plans the move; the mesh is taken as it is before.
 *
 * @throws a RehearsalError where there is no plan, or it has nothing to move
 */
export function wavesOf(
  inputs: readonly CompileInput[],
  { settings, members, trustDomain }: Cluster,
): MigrationWave[] {
  const delivery = deliver({});
  if ('problem' in delivery) throw new RehearsalError(delivery.problem);
  const result = plan(inputs, {
    settings: { ...settings, sds_uds_path: '' },
    provider: delivery.provider,
    pods: podDelivery({ keepSecret: true, trustDomain }, delivery.provider),
    ca: 'own',
    root: 'same',
  });
  const wrong = result.findings.find(({ level }) => level === 'error');
  if (result.plan === undefined) throw new RehearsalError(`there is no plan: ${wrong?.message ?? ''}`);
  if (result.plan.result === 'no-order')
    throw new RehearsalError('no order of the move keeps every connection; xdsc plan lists what breaks');
  if (result.plan.result === 'moved') throw new RehearsalError('the mesh is on SDS already');
  const names = new Set(members.map(({ name }) => name));
  return result.plan.waves.map(({ number, phase, workloads }) => ({
    number,
    phase,
    workloads: workloads.map((id) => id.split('/').reverse().join('.')).filter((name) => names.has(name)),
  }));
}
