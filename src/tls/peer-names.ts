// The subject alternative names that a validation context accepts, of both versions of the API as one value:
// v2's `verify_subject_alt_name`, the untyped matchers of v2 and early v3, and v3's typed ones.

import { domainToASCII } from 'node:url';
import { withheld } from '../secrecy/quoted.js';
import type { Fragment } from '../source/fragment.js';

/** The kinds of names in a certificate; `any` where the matcher does not say. */
type PeerNameKind = 'uri' | 'dns' | 'email' | 'ip' | 'other' | 'any';

/** A name, or a pattern for names, that a peer's certificate must have one of. */
export interface PeerName {
  readonly kind: PeerNameKind;
  readonly match: 'exact' | 'prefix' | 'suffix' | 'contains' | 'regex' | 'other';
  readonly value: string;
  readonly ignoresCase: boolean;
  /** Of kind `other`: which of the names that have no kind of their own. */
  readonly oid?: string;
}

type Fields = { readonly [name: string]: Fragment };

/** The names that a validation context accepts; any name where there are none. */
export function peerNames(validation: Fragment | undefined): PeerName[] {
  if (!isFields(validation)) return [];
  return [
    ...list(validation.verify_subject_alt_name).map((value) =>
      typed({ kind: 'any', match: 'exact', value: String(value), ignoresCase: false }),
    ),
    ...matchedNames(list(validation.match_subject_alt_names), list(validation.match_typed_subject_alt_names)),
  ];
}

/** Envoy does not look at the matchers without a kind where there are some with one. */
function matchedNames(untyped: readonly Fragment[], ofKinds: readonly Fragment[]): PeerName[] {
  if (ofKinds.length === 0) return untyped.map((matcher) => typed(stringMatcher(matcher, 'any')));
  return ofKinds.map((matcher) => {
    const { san_type: kind, oid, matcher: name } = isFields(matcher) ? matcher : ({} as Fields);
    const known = stringMatcher(name, KINDS.get(String(kind)) ?? 'any');
    return oid === undefined || oid === '' ? known : { ...known, oid: String(oid) };
  });
}

const KINDS: ReadonlyMap<string, PeerNameKind> = new Map<string, PeerNameKind>([
  ['URI', 'uri'],
  ['DNS', 'dns'],
  ['EMAIL', 'email'],
  ['IP_ADDRESS', 'ip'],
  ['OTHER_NAME', 'other'],
]);

function stringMatcher(matcher: Fragment | undefined, kind: PeerNameKind): PeerName {
  const fields = isFields(matcher) ? matcher : {};
  const ignoresCase = fields.ignore_case === true;
  for (const match of ['exact', 'prefix', 'suffix', 'contains'] as const) {
    if (fields[match] !== undefined) return { kind, match, value: String(fields[match]), ignoresCase };
  }
  const regex = isFields(fields.safe_regex) ? fields.safe_regex.regex : fields.regex;
  if (regex !== undefined) return { kind, match: 'regex', value: String(regex), ignoresCase };
  return { kind, match: 'other', value: JSON.stringify(matcher ?? null), ignoresCase };
}

/** A name whose form shows its kind has that kind, said or not: only a URI begins with `spiffe://`. */
function typed(name: PeerName): PeerName {
  if (name.kind !== 'any') return name;
  const whole = name.match === 'exact';
  if (whole || name.match === 'prefix') {
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(name.value)) return { ...name, kind: 'uri' };
  }
  if (!whole) return name;
  if (/^[\d.]+$/.test(name.value) || (name.value.includes(':') && /^[\da-f:.]+$/i.test(name.value)))
    return { ...name, kind: 'ip' };
  if (/^[^@\s]+@[^@\s]+$/.test(name.value)) return { ...name, kind: 'email' };
  if (/^(?:\*\.)?[\w-]+(?:\.[\w-]+)+\.?$/.test(name.value) && domainToASCII(name.value) !== '')
    return { ...name, kind: 'dns' };
  return name;
}

/** A name as text; of a matcher that is not known nothing is shown. */
export function peerNameText({ kind, match, value, ignoresCase, oid }: PeerName): string {
  if (match === 'other') return `a matcher that is not known ${withheld(value)}`;
  const how = match === 'exact' ? '' : `${match} `;
  const which = oid === undefined ? kind : `${kind} (${oid})`;
  const shown = kind === 'any' || kind === 'uri' || kind === 'dns' ? '' : `${which} `;
  return `${shown}${how}${value}${ignoresCase ? ' (any case)' : ''}`;
}

/** Whether every certificate name that `inner` fits also fits `outer`, as far as the patterns tell. */
export function covers(outer: PeerName, inner: PeerName): boolean {
  if (outer.kind !== 'any' && (outer.kind !== inner.kind || outer.oid !== inner.oid)) return false;
  if (inner.ignoresCase && !outer.ignoresCase) return false;
  const fold = (value: string): string => (outer.ignoresCase ? value.toLowerCase() : value);
  const [wide, narrow] = [fold(outer.value), fold(inner.value)];
  switch (outer.match) {
    case 'exact':
      return inner.match === 'exact' && wide === narrow;
    case 'prefix':
      return (inner.match === 'exact' || inner.match === 'prefix') && narrow.startsWith(wide);
    case 'suffix':
      return (inner.match === 'exact' || inner.match === 'suffix') && narrow.endsWith(wide);
    case 'contains':
      return inner.match !== 'regex' && inner.match !== 'other' && narrow.includes(wide);
    case 'regex':
      if (outer.value === '.*') return true;
      if (inner.match === 'exact') return fits(outer.value, inner.value);
      return inner.match === 'regex' && outer.value === inner.value;
    case 'other':
      return inner.match === 'other' && outer.value === inner.value;
  }
}

/** Whether a pattern fits a whole name; one that this engine cannot read fits none. */
function fits(pattern: string, value: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u').test(value);
  } catch {
    return false;
  }
}

function list(value: Fragment | undefined): readonly Fragment[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value as Fragment];
}

function isFields(value: Fragment | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
