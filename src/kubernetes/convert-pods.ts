// Moves the workloads of a document to SDS: what each plan wants becomes edits, and outcomes for reports.

import { addToGroup } from '../collections/grouped.js';
import { memo } from '../collections/memo.js';
import type { Finding, Region } from '../finding/finding.js';
import type { Document } from '../source/document.js';
import type { Edit } from '../source/edit.js';
import { Expansion } from '../source/expansion.js';
import { changeList, insertLastMember, keyOf } from '../source/list-edit.js';
import { replaceMember } from '../source/map-edit.js';
import type { Tape } from '../source/tape.js';
import { textAt } from './objects.js';
import {
  type ListChange,
  type MemberChange,
  type PodDelivery,
  type PodLeft,
  type PodPlan,
  planPod,
} from './pod-sds.js';
import { podWorkloads } from './workload.js';

/** What became of a workload: `sds` needed nothing. */
export type WorkloadState = 'converted' | 'partial' | 'left' | 'sds';

/** A workload and what became of it. */
export interface WorkloadOutcome {
  readonly state: WorkloadState;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly region: Region;
  /** What was changed, in words: `volumes -istio-certs +sds-uds-path`. */
  readonly changes: readonly string[];
  readonly left: readonly PodLeft[];
}

/** The edits of a document's workloads, and what to say of them. */
export interface ConvertedPods {
  readonly edits: readonly Edit[];
  readonly outcomes: readonly WorkloadOutcome[];
  readonly findings: readonly Finding[];
}

/** Moves the workloads of a document; those with neither Citadel's secret nor SDS are skipped. */
export function convertPods(document: Document, delivery: PodDelivery): ConvertedPods {
  const { tape } = document;
  const plans = podWorkloads(document).flatMap((workload) => planPod(workload, delivery) ?? []);
  const refused = tape.aliases.length > 0 ? refusedPlans(tape, plans) : new Set<PodPlan>();
  const edits: Edit[] = [];
  const done = new Set<string>();
  for (const plan of plans) {
    for (const change of refused.has(plan) ? [] : plan.changes) {
      const key = `${placeOf(tape, change)} ${change.name}`;
      if (!done.has(key)) edits.push(...editsOf(tape, change));
      done.add(key);
    }
  }
  return {
    edits,
    outcomes: plans.map((plan) => outcomeOf(plan, refused.has(plan))),
    findings: plans.flatMap((plan) => (refused.has(plan) ? [] : plan.warnings)),
  };
}

function editsOf(tape: Tape, change: ListChange | MemberChange): readonly Edit[] {
  const { map, name } = change;
  if (change.kind === 'list') return changeList(tape, map, name, change.removed, change.added);
  const key = keyOf(tape, map, name);
  return [
    key < 0
      ? insertLastMember(tape, map, name, change.value)
      : replaceMember(tape, map, key, name, change.value),
  ];
}

/** The node that a change is made in: a list, also where an alias leads to it, or the map that lacks it. */
function placeOf(tape: Tape, { map, name }: ListChange | MemberChange): number {
  const value = tape.get(map, name);
  return value < 0 ? map : value;
}

/**
 * The plans that aliases forbid. Text at an anchor changes only if all its users need the same change, and
 * an anchor goes only if its aliases go too.
 */
function refusedPlans(tape: Tape, plans: readonly PodPlan[]): Set<PodPlan> {
  const expansion = new Expansion(tape, new Set());
  const refused = new Set<PodPlan>();
  for (let before = -1; before !== refused.size; ) {
    before = refused.size;
    const wishes = new Map<string, { place: number; wants: Map<string, PodPlan[]> }>();
    const gone: number[] = [];
    for (const plan of plans) {
      if (refused.has(plan)) continue;
      for (const change of plan.changes) {
        const place = placeOf(tape, change);
        const key = `${place} ${change.name}`;
        const wish = memo(wishes, key, () => ({ place, wants: new Map() }));
        const { map: _, ...want } = change;
        addToGroup(wish.wants, JSON.stringify(want), plan);
        if (change.kind === 'list') gone.push(...change.removed);
      }
    }
    for (const { place, wants } of wishes.values()) {
      const [first = [], ...others] = wants.values();
      if (others.length === 0 && first.length === expansion.of(place)) continue;
      for (const plan of [first, ...others].flat()) refused.add(plan);
    }
    const isGone = (node: number): boolean => gone.some((item) => item <= node && node < tape.next(item));
    const cut = tape.aliases.filter((alias) => isGone(tape.resolve(alias)) && !isGone(alias));
    for (const plan of plans) {
      const cuts = plan.changes.some(
        (change) =>
          change.kind === 'list' &&
          change.removed.some((item) =>
            cut.some((alias) => item <= tape.resolve(alias) && tape.resolve(alias) < tape.next(item)),
          ),
      );
      if (cuts) refused.add(plan);
    }
  }
  return refused;
}

function outcomeOf({ workload, changes, left }: PodPlan, refused: boolean): WorkloadOutcome {
  const { kind, name, namespace, document, node } = workload;
  const region = document.source.region(document.tape.start(node), document.tape.start(node));
  const forbidden: PodLeft = {
    reason: 'alias',
    detail: `${kind} ${name} shares part of its pod, through a YAML alias, with text that does not change`,
    remedy: 'replace the alias with a copy of the text, then convert again',
    region,
  };
  const changed = changes.length > 0 && !refused;
  const all = refused ? [forbidden, ...left] : left;
  const state = changed ? (all.length > 0 ? 'partial' : 'converted') : all.length > 0 ? 'left' : 'sds';
  const words = changed ? changes.map((change) => wordsOf(document.tape, change)) : [];
  return { state, kind, name, namespace, region, changes: words, left: all };
}

function wordsOf(tape: Tape, change: ListChange | MemberChange): string {
  if (change.kind === 'member') {
    const { value } = change;
    return typeof value === 'number'
      ? `${change.name} ${value}`
      : Object.entries(value)
          .map(([name, member]) => `${name} ${member}`)
          .join(', ');
  }
  const removed = change.removed.map((item) => `-${textAt(tape, tape.resolve(item), 'name')}`);
  return [change.name, ...removed, ...change.added.map(({ name }) => `+${name}`)].join(' ');
}
