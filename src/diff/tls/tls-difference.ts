// What the comparisons of a context's parts have in common: how a difference is put, and what a change of a
// field means by itself.

import type { Api } from '../../envoy/detect.js';
import type { Fragment } from '../../source/fragment.js';
import type { TlsSettings } from '../../tls/settings.js';
import type { TlsClass, TlsDifference } from './change.js';
import type { Relation } from './relation.js';

/** One side's context. */
export interface ContextSettings {
  readonly settings: TlsSettings;
  readonly api: Api;
}

/** A part of a message by field name. */
export type Told = { readonly [name: string]: Fragment };

/** A difference of a field, with what each side says in short words. */
export function difference(
  kind: TlsClass,
  field: string,
  message: string,
  old: string | undefined,
  now: string | undefined,
): TlsDifference {
  return { class: kind, field, message, old, new: now };
}

/** A difference of what stands around contexts, in one sentence. */
export function aroundDifference(kind: TlsClass, message: string): TlsDifference {
  return difference(kind, '', message, undefined, undefined);
}

/** Whether a difference may let more in than before. */
export function loosens({ class: kind }: TlsDifference): boolean {
  return kind === 'loosened' || kind === 'root' || kind === 'identity' || kind === 'unknown';
}

/** Whether a difference changes trust, or may. */
export function changesTrust(difference: TlsDifference): boolean {
  return loosens(difference) || difference.class === 'tightened';
}

/** What it means that a field changes; no class where it says the same in other words. */
export type FieldRule = (
  old: Fragment | undefined,
  now: Fragment | undefined,
) => readonly [TlsClass | undefined, string];

/** A switch that lets more in when it is on, or less. */
export function toggle(on: 'loosened' | 'tightened', whenOn: string, whenOff: string): FieldRule {
  const off = on === 'loosened' ? 'tightened' : 'loosened';
  return (old, now) => {
    const [was, is] = [old === true, now === true];
    if (was === is) return [undefined, ''];
    return is ? [on, whenOn] : [off, whenOff];
  };
}

export const anotherRoot: FieldRule = () => ['root', 'another root is trusted'];

/** What it means how a certificate, or a root, relates to the one before. */
export function deliveryDifference(
  relation: Relation,
  what: 'certificate' | 'root',
  field: string,
  old: string | undefined,
  now: string | undefined,
): TlsDifference[] {
  switch (relation.is) {
    case 'unknown':
      return [
        difference(
          'unknown',
          field,
          `it is unknown whether the ${what} is the same: ${relation.reason}`,
          old,
          now,
        ),
      ];
    case 'another':
      return [
        what === 'root'
          ? difference('root', field, 'another root is trusted', old, now)
          : difference('identity', field, 'another certificate is presented', old, now),
      ];
    case 'same': {
      if (relation.delivery === 'same') return [];
      const message =
        relation.delivery === 'to-sds'
          ? `the ${what} moves to SDS`
          : relation.delivery === 'from-sds'
            ? `the ${what} leaves SDS`
            : `the ${what} is delivered in another way`;
      // There may be one for each context: members are set one by one, which is fastest.
      const found: { -readonly [Name in keyof TlsDifference]: TlsDifference[Name] } = difference(
        'delivery',
        field,
        message,
        old,
        now,
      );
      if (relation.delivery !== 'other') found.moved = relation.delivery;
      if (relation.assumed !== undefined) found.assumed = relation.assumed;
      return [found];
    }
  }
}

/** The names of both, each once, in order. */
export function namesOf(old: object, now: object): string[] {
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
}

/** The items of a list, or the one that stands in its place, as text. */
export function texts(value: Fragment | undefined): string[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value.map(String) : [String(value)];
}
