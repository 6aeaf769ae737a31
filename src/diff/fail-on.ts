// What can make a comparison fail a run: one line a condition, and each class of TLS differences.

import type { DiffResult } from './diff.js';
import { classesOf, TLS_CLASSES, type TlsClass } from './tls/change.js';

/** The parts of a result that a condition looks at. */
type Judged = Pick<DiffResult, 'verdict' | 'changes'>;

const CONDITIONS: Readonly<Record<'trust' | 'any' | 'none', (result: Judged) => boolean>> = {
  trust: ({ verdict }) => verdict.trust !== 'same',
  any: ({ changes }) => changes.length > 0,
  none: () => false,
};

export type FailOn = keyof typeof CONDITIONS | TlsClass;

export const FAIL_ON: readonly FailOn[] = [
  ...(Object.keys(CONDITIONS) as (keyof typeof CONDITIONS)[]),
  ...TLS_CLASSES,
];

/** Whether a result meets any of the conditions. */
export function fails(result: Judged, conditions: readonly FailOn[]): boolean {
  return conditions.some((name) =>
    isCondition(name)
      ? CONDITIONS[name](result)
      : result.changes.some(({ tls }) => tls !== undefined && classesOf(tls).includes(name)),
  );
}

function isCondition(name: FailOn): name is keyof typeof CONDITIONS {
  return Object.hasOwn(CONDITIONS, name);
}
