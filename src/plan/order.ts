// The order of waves: servers before those that call them, and together who call one another or are in one
// file (Tarjan's strongly connected components, each on the level above the highest of its callees).

import { grouped } from '../collections/grouped.js';
import type { PlanModel, WorkloadId } from './model.js';

/** Groups of workloads, the first to move first. */
export function serversFirst({ workloads, connections }: PlanModel): WorkloadId[][] {
  const calls = new Map<WorkloadId, Set<WorkloadId>>(workloads.map(({ id }) => [id, new Set()]));
  for (const { client, server, tls } of connections)
    if (tls !== 'plain' && client !== server) calls.get(client)?.add(server);
  // What is converted and applied together moves together.
  for (const { first, id } of fileMates(workloads)) {
    calls.get(first)?.add(id);
    calls.get(id)?.add(first);
  }
  const levels = new Map<WorkloadId, number>();
  for (const component of components(calls)) {
    let level = 0;
    for (const id of component)
      for (const callee of calls.get(id) ?? []) level = Math.max(level, (levels.get(callee) ?? -1) + 1);
    for (const id of component) levels.set(id, level);
  }
  const waves: WorkloadId[][] = [];
  for (const { id } of workloads) {
    const level = levels.get(id) as number;
    waves[level] ??= [];
    waves[level].push(id);
  }
  return waves.filter((wave) => wave !== undefined);
}

/** Workloads in a file after another workload. */
function fileMates(workloads: PlanModel['workloads']): { first: WorkloadId; id: WorkloadId }[] {
  const firsts = new Map<string, WorkloadId>();
  return workloads.flatMap(({ id, file }) => {
    const first = file === undefined ? undefined : firsts.get(file);
    if (first !== undefined) return [{ first, id }];
    if (file !== undefined) firsts.set(file, id);
    return [];
  });
}

/** Cuts a wave into ones of at most a size, except that what is in one file stays together. */
export function cutWave(
  ids: readonly WorkloadId[],
  fileOf: (id: WorkloadId) => string | undefined,
  size: number,
): WorkloadId[][] {
  const units = grouped(ids, (id) => fileOf(id) ?? id);
  const waves: WorkloadId[][] = [];
  for (const mates of units.values()) {
    const last = waves.at(-1);
    if (last !== undefined && last.length + mates.length <= size) last.push(...mates);
    else waves.push([...mates]);
  }
  return waves;
}

/** Strongly connected components, those that are called before those that call. */
function components(calls: ReadonlyMap<WorkloadId, ReadonlySet<WorkloadId>>): WorkloadId[][] {
  const found: WorkloadId[][] = [];
  const numbers = new Map<WorkloadId, number>();
  const lowest = new Map<WorkloadId, number>();
  const stack: WorkloadId[] = [];
  const onStack = new Set<WorkloadId>();
  for (const root of calls.keys()) {
    if (numbers.has(root)) continue;
    // A stack of its own: chains of calls may be deeper than that of the program.
    const open: { readonly id: WorkloadId; readonly rest: Iterator<WorkloadId> }[] = [];
    const enter = (id: WorkloadId): void => {
      numbers.set(id, numbers.size);
      lowest.set(id, numbers.get(id) as number);
      stack.push(id);
      onStack.add(id);
      open.push({ id, rest: (calls.get(id) ?? new Set<WorkloadId>()).values() });
    };
    enter(root);
    while (open.length > 0) {
      const { id, rest } = open.at(-1) as (typeof open)[number];
      const { value: callee, done } = rest.next();
      if (done === true) {
        open.pop();
        const parent = open.at(-1);
        if (parent !== undefined) lower(lowest, parent.id, lowest.get(id) as number);
        if (lowest.get(id) !== numbers.get(id)) continue;
        const component = stack.splice(stack.indexOf(id));
        for (const member of component) onStack.delete(member);
        found.push(component);
      } else if (!numbers.has(callee)) enter(callee);
      else if (onStack.has(callee)) lower(lowest, id, numbers.get(callee) as number);
    }
  }
  return found;
}

function lower(lowest: Map<WorkloadId, number>, id: WorkloadId, to: number): void {
  lowest.set(id, Math.min(lowest.get(id) as number, to));
}
