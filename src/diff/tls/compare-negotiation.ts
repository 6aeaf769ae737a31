// What two contexts negotiate differently: TLS versions, ciphers, curves, signatures, ALPN and server names.

import { shownSetting } from '../../disclosure/shown-value.js';
import type { Api } from '../../envoy/detect.js';
import type { Fragment } from '../../source/fragment.js';
import { PARAMETER, PARAMETERS } from '../../tls/fields.js';
import type { TlsSettings } from '../../tls/settings.js';
import { cipherNames, cipherRank, isVersion, isWeakSignature, versionRank } from '../../tls/strength.js';
import type { TlsClass, TlsDifference } from './change.js';
import { sameValue } from './same-value.js';
import {
  type ContextSettings,
  difference,
  type FieldRule,
  namesOf,
  type Told,
  texts,
} from './tls-difference.js';

/** What two contexts say differently of versions, ciphers and the like. */
export function parameterDifferences(old: ContextSettings, now: ContextSettings): TlsDifference[] {
  if (old.settings.parameters === undefined && now.settings.parameters === undefined) return [];
  const [a, b] = [parameters(old.settings), parameters(now.settings)];
  return [
    ...versionBound('minimum', old, now, a, b),
    ...versionBound('maximum', old, now, a, b),
    ...cipherDifference(texts(a[PARAMETER.ciphers]), texts(b[PARAMETER.ciphers]), old.api, now.api),
    ...listDifference(
      fieldPath(PARAMETER.curves),
      'the list of curves',
      texts(a[PARAMETER.curves]),
      texts(b[PARAMETER.curves]),
    ),
    ...signatureDifference(texts(a[PARAMETER.signatures]), texts(b[PARAMETER.signatures])),
    ...namesOf(a, b)
      .filter((name) => !COMPARED.has(name) && !sameValue(a[name], b[name]))
      .map((name) => parameterDifference(name, a[name], b[name])),
  ];
}

const COMPARED: ReadonlySet<string> = new Set([
  PARAMETER.minimum,
  PARAMETER.maximum,
  PARAMETER.ciphers,
  PARAMETER.curves,
  PARAMETER.signatures,
]);

/** A parameter's path below the context. */
function fieldPath(parameter: string): string {
  return `${PARAMETERS}.${parameter}`;
}

/** Of what else there may be nothing is known. */
function parameterDifference(
  name: string,
  old: Fragment | undefined,
  now: Fragment | undefined,
): TlsDifference {
  const [kind, message] =
    name === PARAMETER.compliance ? complianceRule(old, now) : (['unknown', `${name} changes`] as const);
  return difference(
    kind ?? 'other',
    fieldPath(name),
    message,
    shownSetting(name, old),
    shownSetting(name, now),
  );
}

/** Each policy that must be complied with rules something out. */
export const complianceRule: FieldRule = (old, now) => {
  const later = new Set(texts(now));
  return texts(old).every((policy) => later.has(policy))
    ? ['tightened', 'another compliance policy applies']
    : ['loosened', 'a compliance policy no longer applies'];
};

function parameters({ parameters: given }: TlsSettings): Told {
  return typeof given === 'object' && given !== null && !Array.isArray(given) ? (given as Told) : {};
}

function versionBound(
  bound: 'minimum' | 'maximum',
  old: ContextSettings,
  now: ContextSettings,
  a: Told,
  b: Told,
): TlsDifference[] {
  const name = PARAMETER[bound];
  const rank = ({ settings, api }: ContextSettings, told: Told): number =>
    versionRank(told[name] === undefined ? undefined : String(told[name]), bound, settings.side, api);
  // What is left open is left to Envoy on both sides, whichever version of the API says so.
  const isOpen = (told: Told): boolean => told[name] === undefined || told[name] === 'TLS_AUTO';
  if (isOpen(a) && isOpen(b)) return [];
  const [was, is] = [rank(old, a), rank(now, b)];
  const isKnown = [a, b].every((told) => isOpen(told) || isVersion(String(told[name])));
  if (isKnown ? was === is : a[name] === b[name]) return [];
  const what = bound === 'minimum' ? 'the minimum TLS version' : 'the maximum TLS version';
  const text = (told: Told): string => (isOpen(told) ? "Envoy's default" : String(told[name]));
  if (!isKnown) return [difference('unknown', fieldPath(name), `${what} is unknown`, text(a), text(b))];
  return [
    difference(
      is < was ? 'loosened' : 'tightened',
      fieldPath(name),
      `${what} is ${is < was ? 'lower' : 'higher'}`,
      text(a),
      text(b),
    ),
  ];
}

function cipherDifference(
  old: readonly string[],
  now: readonly string[],
  oldApi: Api,
  nowApi: Api,
): TlsDifference[] {
  if (old.join() === now.join()) return [];
  const ranks = (given: readonly string[], api: Api): number[] => cipherNames(given, api).map(cipherRank);
  const [before, after] = [ranks(old, oldApi), ranks(now, nowApi)];
  const [low, lower] = [Math.min(...before), Math.min(...after)];
  const [high, higher] = [Math.max(...before), Math.max(...after)];
  const text = (given: readonly string[]): string =>
    given.length === 0 ? "Envoy's default" : given.join(', ');
  const say = (kind: TlsClass, message: string): TlsDifference[] => [
    difference(kind, fieldPath(PARAMETER.ciphers), message, text(old), text(now)),
  ];
  if (lower < low || higher < high) return say('loosened', 'weaker ciphers are accepted');
  if (lower > low || higher > high) return say('tightened', 'weaker ciphers are no longer accepted');
  return say('negotiation', 'other ciphers of the same strength, or another order');
}

function signatureDifference(old: readonly string[], now: readonly string[]): TlsDifference[] {
  const field = fieldPath(PARAMETER.signatures);
  const [was, is] = [old.some(isWeakSignature), now.some(isWeakSignature)];
  if (was === is) return listDifference(field, 'the list of signature algorithms', old, now);
  const message = is
    ? 'signatures based on SHA-1 are accepted'
    : 'signatures based on SHA-1 are no longer accepted';
  return [difference(is ? 'loosened' : 'tightened', field, message, listText(old), listText(now))];
}

/** A list that is another, or in another order. */
export function listDifference(
  field: string,
  what: string,
  old: readonly string[],
  now: readonly string[],
): TlsDifference[] {
  if (old.join() === now.join()) return [];
  return [difference('negotiation', field, `${what} changes`, listText(old), listText(now))];
}

function listText(values: readonly string[]): string {
  return values.length === 0 ? 'none' : values.join(', ');
}

/**
 * Which server name two clients ask for differently.
 *
 * @param isChecked whether the certificate must have the name that is asked for
 */
export function sniDifference(
  old: string | undefined,
  now: string | undefined,
  isChecked: boolean,
): TlsDifference[] {
  const [was, is] = [old ?? '', now ?? ''];
  if (was === is) return [];
  return [
    isChecked
      ? difference('loosened', 'sni', 'another server name is accepted', was || 'none', is || 'none')
      : difference('negotiation', 'sni', 'another server name is requested', was || 'none', is || 'none'),
  ];
}
