// An entry says what of one message changed its meaning between v2 and today's v3. Entries are few and
// small; all else the descriptors tell.

import type { Subject } from './subject.js';

/** What becomes of one field. A rule that says nothing of it leaves it to the descriptors. */
export type FieldRule = (subject: Subject, name: string) => void;

/** What becomes of the messages of one type. */
export interface Entry {
  /** Full name of the message in v3; its predecessors have the same entry. */
  readonly type: string;
  /** By the names of fields, in v2 or in an earlier v3. */
  readonly fields?: { readonly [name: string]: FieldRule };
  /** Before any of the fields are looked at. */
  readonly before?: (subject: Subject) => void;
  /** When all fields are settled. */
  readonly after?: (subject: Subject) => void;
}

/** Leaves a field out that has no effect on anything. */
export function leaveOut(why: string): FieldRule {
  return (subject, name) => {
    subject.note('left-out', name, `${name} is left out: ${why}`);
    subject.remove(name);
  };
}

/** Leaves a field out that today's Envoy does by itself. */
export const needless: FieldRule = (subject, name) => subject.remove(name);

/** Settled by the entry's `before` or `after`, which see several fields together. */
export const together: FieldRule = () => {};

/** The same value under another name. */
export function renamed(to: string): FieldRule {
  return (subject, name) => {
    if (subject.has(to)) subject.remove(name);
    else subject.replace(name, { [to]: subject.moved(name) ?? null });
  };
}
