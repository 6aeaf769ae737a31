// The answer: is trust the same?

import { type Change, type ResourceId, TLS_CLASSES, type TlsClass } from './tls/change.js';

/** Whether the newer configuration trusts the same peers and presents the same identity. */
export interface Verdict {
  readonly trust: 'same' | 'changed' | 'unknown';
  /** How many TLS contexts take a secret from SDS now that was in files. */
  readonly movedToSds: number;
  /** How many take files now that took them from SDS. */
  readonly movedFromSds: number;
  /** The changes for which trust is not the same, or not known to be, the gravest first. */
  readonly reasons: readonly Change[];
  /** How many changes are no matter of TLS. */
  readonly otherChanges: number;
  /** How many changes of TLS leave trust as it is, other than the delivery of secrets. */
  readonly otherTlsChanges: number;
  /** How many changes are of who may do what, once it is known who they are. */
  readonly authorizationChanges: number;
  /** What was taken to be the same by convention, or as the user says, each once. */
  readonly assumptions: readonly string[];
}

/** The classes that change trust. */
export const TRUST_CLASSES: ReadonlySet<TlsClass> = new Set<TlsClass>([
  'tightened',
  'loosened',
  'root',
  'identity',
]);

/**
 * Judges changes.
 *
 * @param renamed what was renamed on purpose, in words
 */
export function judge(changes: readonly Change[], renamed: readonly string[] = []): Verdict {
  const moved = { 'to-sds': new Set<string>(), 'from-sds': new Set<string>() };
  const assumptions = new Set(renamed.map((one) => `the ${one}, as --rename says`));
  let authorizationChanges = 0;
  const changed: Change[] = [];
  const unknown: Change[] = [];
  let otherChanges = 0;
  let otherTlsChanges = 0;
  for (const change of changes) {
    const { tls } = change;
    if (tls === undefined) otherChanges++;
    else if (TRUST_CLASSES.has(tls.class)) changed.push(change);
    else if (tls.class === 'unknown') unknown.push(change);
    else if (tls.class === 'authorization') authorizationChanges++;
    else if (tls.class !== 'delivery') otherTlsChanges++;
    if (tls?.moved !== undefined) moved[tls.moved].add(contextKey(change));
    if (tls?.assumed !== undefined) assumptions.add(tls.assumed);
  }
  return {
    trust: changed.length > 0 ? 'changed' : unknown.length > 0 ? 'unknown' : 'same',
    movedToSds: moved['to-sds'].size,
    movedFromSds: moved['from-sds'].size,
    reasons: [...changed, ...unknown].sort((a, b) => gravity(a) - gravity(b)),
    otherChanges,
    otherTlsChanges,
    authorizationChanges,
    assumptions: [...assumptions].sort(),
  };
}

function gravity({ tls }: Change): number {
  return tls === undefined ? TLS_CLASSES.length : TLS_CLASSES.indexOf(tls.class);
}

/** A context by its resource and path. */
function contextKey({ resource, context }: Change): string {
  return [resource.kind, resource.name, context?.path ?? ''].join('\0');
}

/** A resource in words: `cluster outbound|80||a`. */
export function resourceText({ kind, name }: ResourceId): string {
  return name === '' ? kind : `${kind} ${name}`;
}

/** The verdict as the first line of every report. */
export function verdictText({ trust, movedToSds }: Verdict): string {
  if (trust !== 'same') return `trust ${trust}`;
  if (movedToSds === 0) return 'same trust';
  return `same trust, ${movedToSds} ${movedToSds === 1 ? 'context' : 'contexts'} moved to SDS`;
}
