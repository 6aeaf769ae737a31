// Compares two TLS contexts as settings values and says of every difference what it means: are fewer or more
// peers accepted, is another root trusted, is another certificate presented, or does a secret only arrive in
// another way?

import type { Api } from '../envoy/detect.js';
import type { Fragment } from '../source/fragment.js';
import { certificateText, rootText } from '../tls/in-words.js';
import { covers, type PeerName, peerNames, peerNameText } from '../tls/peer-names.js';
import type { Certificate, Root, TlsSettings, Validation } from '../tls/settings.js';
import { cipherNames, cipherRank, isVersion, isWeakSignature, versionRank } from '../tls/strength.js';
import type { TlsClass, TlsDifference } from './change.js';
import {
  type Relation,
  relateCertificates,
  relateRoots,
  resolvedValidation,
  type SecretRules,
  sameValue,
} from './same-secret.js';

/** One side's context. */
export interface ContextSettings {
  readonly settings: TlsSettings;
  readonly api: Api;
}

/** All differences of two contexts, the gravest parts first. */
export function compareTls(old: ContextSettings, now: ContextSettings, rules: SecretRules): TlsDifference[] {
  const [a, b] = [old.settings, now.settings];
  return [
    ...validationDifferences(a, b, rules),
    ...clientCertificateDifferences(a, b),
    ...certificateDifferences(a.certificates, b.certificates, rules),
    ...parameterDifferences(old, now),
    ...listDifference('alpn_protocols', 'ALPN', a.alpn, b.alpn),
    ...sniDifference(a.sni, b.sni),
    ...restDifferences(a.rest, b.rest),
    ...(old.api === now.api ? [] : [versionDifference(old.api, now.api)]),
  ];
}

type Told = { readonly [name: string]: Fragment };

function difference(
  kind: TlsClass,
  field: string,
  message: string,
  old: string | undefined,
  now: string | undefined,
): TlsDifference {
  return { class: kind, field, message, old, new: now };
}

// What is presented.

const CERTIFICATE_FIELD = 'tls_certificates';

function certificateDifferences(
  old: readonly Certificate[],
  now: readonly Certificate[],
  rules: SecretRules,
): TlsDifference[] {
  if (old.length === 0 && now.length === 0) return [];
  const left = [...old];
  const right = [...now];
  const found: TlsDifference[] = [];
  // Those that are the same first, so that one more or less does not shift the others.
  for (const relation of ['same', 'unknown'] as const) {
    for (const one of [...left]) {
      const other = right.find((candidate) => relateCertificates(one, candidate, rules).is === relation);
      if (other === undefined) continue;
      left.splice(left.indexOf(one), 1);
      right.splice(right.indexOf(other), 1);
      found.push(...certificateDifference(one, other, rules));
    }
  }
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [one, other] = [left[i], right[i]];
    const message =
      one === undefined
        ? 'another certificate is presented as well'
        : other === undefined
          ? 'a certificate is no longer presented'
          : 'another certificate is presented';
    found.push(
      difference('identity', CERTIFICATE_FIELD, message, certificateText(one), certificateText(other)),
    );
  }
  if (left.length === 0 && found.length === 0 && old.length > 1) {
    const order = (list: readonly Certificate[]): string => list.map(certificateText).join(', ');
    if (order(old) !== order(now))
      found.push(
        difference(
          'negotiation',
          CERTIFICATE_FIELD,
          'the order of certificates changes',
          order(old),
          order(now),
        ),
      );
  }
  return found;
}

function certificateDifference(old: Certificate, now: Certificate, rules: SecretRules): TlsDifference[] {
  const relation = relateCertificates(old, now, rules);
  const found = deliveryDifference(
    relation,
    'certificate',
    CERTIFICATE_FIELD,
    certificateText(old),
    certificateText(now),
  );
  if (old.delivery !== 'direct' || now.delivery !== 'direct') return found;
  for (const name of namesOf(old.extras, now.extras)) {
    const [was, is] = [old.extras[name], now.extras[name]];
    if (sameValue(was, is)) continue;
    const kind =
      name === 'private_key_provider' || name === 'pkcs12'
        ? 'identity'
        : DELIVERY.has(name)
          ? 'delivery'
          : 'other';
    found.push(difference(kind, `${CERTIFICATE_FIELD}.${name}`, `${name} changes`, shown(was), shown(is)));
  }
  return found;
}

/** How files are watched and opened is a matter of delivery. */
const DELIVERY = new Set(['watched_directory', 'password']);

function deliveryDifference(
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
          `whether the ${what} is the same cannot be told: ${relation.reason}`,
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
            : `the ${what} comes by another way`;
      return [
        {
          ...difference('delivery', field, message, old, now),
          ...(relation.delivery !== 'other' && { moved: relation.delivery }),
          ...(relation.assumed !== undefined && { assumed: relation.assumed }),
        },
      ];
    }
  }
}

// Who is accepted.

const VALIDATION_FIELD = 'validation_context';

function validationDifferences(a: TlsSettings, b: TlsSettings, rules: SecretRules): TlsDifference[] {
  const old = resolvedValidation(a.validation, rules.old);
  const now = resolvedValidation(b.validation, rules.new);
  if (checksPeers(old) !== checksPeers(now)) {
    const message = checksPeers(now)
      ? "the peer's certificate is checked now"
      : "the peer's certificate is no longer checked";
    const kind = checksPeers(now) ? 'tightened' : 'loosened';
    return [difference(kind, VALIDATION_FIELD, message, validationText(old), validationText(now))];
  }
  return [...rootDifference(old?.root, now?.root, rules), ...ruleDifferences(toldBy(old), toldBy(now))];
}

/** Without a root, a pin, or something that brings its own, a certificate is not looked at. */
function checksPeers(validation: Validation | undefined): boolean {
  if (validation === undefined) return false;
  const told = toldBy(validation);
  return (
    validation.root !== undefined ||
    pins(told).length > 0 ||
    OWN_ROOTS.some((name) => told[name] !== undefined)
  );
}

/** What brings the root by other means than a file or a secret. */
const OWN_ROOTS = [
  'custom_validator_config',
  'ca_certificate_provider_instance',
  'system_root_certs',
  'validation_context_certificate_provider',
  'validation_context_certificate_provider_instance',
];

function toldBy(validation: Validation | undefined): Told {
  const rest = validation?.rest;
  return typeof rest === 'object' && rest !== null && !Array.isArray(rest) ? (rest as Told) : {};
}

function rootDifference(old: Root | undefined, now: Root | undefined, rules: SecretRules): TlsDifference[] {
  const field = `${VALIDATION_FIELD}.trusted_ca`;
  if (old === undefined && now === undefined) return [];
  if (old === undefined || now === undefined) {
    const [kind, message] =
      now === undefined
        ? (['loosened', 'no root is trusted any more: what stays does not check the chain'] as const)
        : (['tightened', 'the chain is checked up to a root now'] as const);
    return [difference(kind, field, message, rootText(old), rootText(now))];
  }
  return deliveryDifference(relateRoots(old, now, rules), 'root', field, rootText(old), rootText(now));
}

function ruleDifferences(old: Told, now: Told): TlsDifference[] {
  const found = [...nameDifference(old, now), ...pinDifference(old, now)];
  for (const name of namesOf(old, now)) {
    if (COMPARED.has(name) || sameValue(old[name], now[name])) continue;
    const rule = RULES.get(name);
    const [kind, message] =
      rule === undefined ? (['other', `${name} changes`] as const) : rule(old[name], now[name]);
    if (kind !== undefined)
      found.push(
        difference(kind, `${VALIDATION_FIELD}.${name}`, message, shown(old[name]), shown(now[name])),
      );
  }
  return found;
}

const COMPARED = new Set([
  'verify_subject_alt_name',
  'match_subject_alt_names',
  'match_typed_subject_alt_names',
  'verify_certificate_hash',
  'verify_certificate_spki',
]);

type Rule = (old: Fragment | undefined, now: Fragment | undefined) => readonly [TlsClass | undefined, string];

/** A switch that lets more in when it is on, or less. */
function toggle(on: 'loosened' | 'tightened', whenOn: string, whenOff: string): Rule {
  const off = on === 'loosened' ? 'tightened' : 'loosened';
  return (old, now) => {
    const [was, is] = [old === true, now === true];
    if (was === is) return [undefined, ''];
    return is ? [on, whenOn] : [off, whenOff];
  };
}

const anotherRoot: Rule = () => ['root', 'another root is trusted'];

const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  [
    'allow_expired_certificate',
    toggle(
      'loosened',
      'certificates that expired are accepted now',
      'certificates that expired are no longer accepted',
    ),
  ],
  [
    'require_signed_certificate_timestamp',
    toggle(
      'tightened',
      'a signed certificate timestamp is required now',
      'a signed certificate timestamp is no longer required',
    ),
  ],
  [
    'only_verify_leaf_cert_crl',
    toggle(
      'loosened',
      'only the leaf is looked up in the revocation list now',
      'the whole chain is looked up in the revocation list now',
    ),
  ],
  [
    'trust_chain_verification',
    (old, now) => {
      const [was, is] = [old === 'ACCEPT_UNTRUSTED', now === 'ACCEPT_UNTRUSTED'];
      if (was === is) return [undefined, ''];
      return is
        ? ['loosened', 'certificates that no root vouches for are accepted now']
        : ['tightened', 'certificates that no root vouches for are no longer accepted'];
    },
  ],
  [
    'max_verify_depth',
    (old, now) => {
      const [was, is] = [depth(old), depth(now)];
      if (was === is) return [undefined, ''];
      return is > was
        ? ['loosened', 'longer chains are accepted now']
        : ['tightened', 'only shorter chains are accepted now'];
    },
  ],
  [
    'crl',
    (old, now) => {
      if (now === undefined) return ['loosened', 'certificates are no longer looked up in a revocation list'];
      if (old === undefined) return ['tightened', 'certificates are looked up in a revocation list now'];
      return ['loosened', 'another revocation list: what the old one revoked may be accepted'];
    },
  ],
  ['trusted_ca', anotherRoot],
  ['custom_validator_config', anotherRoot],
  ['ca_certificate_provider_instance', anotherRoot],
  ['system_root_certs', anotherRoot],
  ['validation_context_certificate_provider', anotherRoot],
  ['validation_context_certificate_provider_instance', anotherRoot],
  ['watched_directory', () => ['delivery', 'the root is watched in another way']],
]);

/** Envoy's own limit where none is said. */
function depth(value: Fragment | undefined): number {
  return typeof value === 'number' ? value : 100;
}

function nameDifference(old: Told, now: Told): TlsDifference[] {
  const [before, after] = [peerNames(old), peerNames(now)];
  const within = (outer: readonly PeerName[], inner: readonly PeerName[]): boolean =>
    outer.length === 0 || (inner.length > 0 && inner.every((name) => outer.some((one) => covers(one, name))));
  const [narrows, widens] = [within(before, after), within(after, before)];
  if (narrows && widens) return [];
  const field = `${VALIDATION_FIELD}.${
    COMPARED_NAMES.find((name) => now[name] !== undefined) ??
    COMPARED_NAMES.find((name) => old[name] !== undefined)
  }`;
  const message = narrows
    ? 'fewer subject alternative names are accepted'
    : after.length === 0
      ? 'any subject alternative name is accepted'
      : widens
        ? 'more subject alternative names are accepted'
        : 'other subject alternative names are accepted';
  const text = (names: readonly PeerName[]): string =>
    names.length === 0 ? 'any' : names.map(peerNameText).sort().join(', ');
  return [difference(narrows ? 'tightened' : 'loosened', field, message, text(before), text(after))];
}

const COMPARED_NAMES = [
  'match_typed_subject_alt_names',
  'match_subject_alt_names',
  'verify_subject_alt_name',
];

/** A certificate is accepted if it fits any pin of either kind. */
function pins(told: Told): string[] {
  return PINS.flatMap((name) =>
    texts(told[name]).map((pin) => (name.endsWith('hash') ? pin.replaceAll(':', '').toLowerCase() : pin)),
  ).sort();
}

const PINS = ['verify_certificate_hash', 'verify_certificate_spki'] as const;

function pinDifference(old: Told, now: Told): TlsDifference[] {
  if (PINS.every((name) => old[name] === undefined && now[name] === undefined)) return [];
  const [before, after] = [new Set(pins(old)), new Set(pins(now))];
  const within = (outer: ReadonlySet<string>, inner: ReadonlySet<string>): boolean =>
    outer.size === 0 || (inner.size > 0 && [...inner].every((pin) => outer.has(pin)));
  const [narrows, widens] = [within(before, after), within(after, before)];
  if (narrows && widens) return [];
  const message = narrows
    ? 'fewer pinned certificates are accepted'
    : after.size === 0
      ? 'certificates are no longer pinned'
      : 'other pinned certificates are accepted';
  const text = (pinned: ReadonlySet<string>): string => (pinned.size === 0 ? 'none' : [...pinned].join(', '));
  const field = `${VALIDATION_FIELD}.${'verify_certificate_spki' in { ...old, ...now } ? 'verify_certificate_spki' : 'verify_certificate_hash'}`;
  return [difference(narrows ? 'tightened' : 'loosened', field, message, text(before), text(after))];
}

function clientCertificateDifferences(old: TlsSettings, now: TlsSettings): TlsDifference[] {
  const [was, is] = [old.requireClientCertificate ?? false, now.requireClientCertificate ?? false];
  if (was === is) return [];
  return [
    difference(
      is ? 'tightened' : 'loosened',
      'require_client_certificate',
      is ? 'a client certificate is required now' : 'a client certificate is no longer required',
      String(was),
      String(is),
    ),
  ];
}

// What is negotiated.

function parameterDifferences(old: ContextSettings, now: ContextSettings): TlsDifference[] {
  if (old.settings.parameters === undefined && now.settings.parameters === undefined) return [];
  const [a, b] = [parameters(old.settings), parameters(now.settings)];
  return [
    ...versionBound('minimum', old, now, a, b),
    ...versionBound('maximum', old, now, a, b),
    ...cipherDifference(texts(a.cipher_suites), texts(b.cipher_suites), old.api, now.api),
    ...listDifference(
      'tls_params.ecdh_curves',
      'the list of curves',
      texts(a.ecdh_curves),
      texts(b.ecdh_curves),
    ),
    ...signatureDifference(texts(a.signature_algorithms), texts(b.signature_algorithms)),
    ...namesOf(a, b)
      .filter((name) => !PARAMETERS.has(name) && !sameValue(a[name], b[name]))
      .map((name) => parameterDifference(name, a[name], b[name])),
  ];
}

const PARAMETERS = new Set([
  'tls_minimum_protocol_version',
  'tls_maximum_protocol_version',
  'cipher_suites',
  'ecdh_curves',
  'signature_algorithms',
]);

/** Policies that must be complied with say less is accepted; of what else there may be nothing is known. */
function parameterDifference(
  name: string,
  old: Fragment | undefined,
  now: Fragment | undefined,
): TlsDifference {
  const kind =
    name !== 'compliance_policies'
      ? 'other'
      : texts(now).length > texts(old).length
        ? 'tightened'
        : 'loosened';
  return difference(kind, `tls_params.${name}`, `${name} changes`, shown(old), shown(now));
}

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
  const name = `tls_${bound}_protocol_version`;
  const rank = ({ settings, api }: ContextSettings, told: Told): number =>
    versionRank(told[name] === undefined ? undefined : String(told[name]), bound, settings.side, api);
  // What is left open is left to Envoy on both sides, whichever version of the API says so.
  const isOpen = (told: Told): boolean => told[name] === undefined || told[name] === 'TLS_AUTO';
  if (isOpen(a) && isOpen(b)) return [];
  const [was, is] = [rank(old, a), rank(now, b)];
  const isKnown = [a, b].every((told) => isOpen(told) || isVersion(String(told[name])));
  if (isKnown ? was === is : a[name] === b[name]) return [];
  const what = bound === 'minimum' ? 'the least TLS version' : 'the highest TLS version';
  const text = (told: Told): string => (isOpen(told) ? "Envoy's default" : String(told[name]));
  if (!isKnown)
    return [difference('other', `tls_params.${name}`, `${what} is one that is not known`, text(a), text(b))];
  return [
    difference(
      is < was ? 'loosened' : 'tightened',
      `tls_params.${name}`,
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
    difference(kind, 'tls_params.cipher_suites', message, text(old), text(now)),
  ];
  if (lower < low || higher < high) return say('loosened', 'weaker ciphers are accepted');
  if (lower > low || higher > high) return say('tightened', 'weaker ciphers are no longer accepted');
  return say('negotiation', 'other ciphers of the same strength, or another order');
}

function signatureDifference(old: readonly string[], now: readonly string[]): TlsDifference[] {
  const field = 'tls_params.signature_algorithms';
  const [was, is] = [old.some(isWeakSignature), now.some(isWeakSignature)];
  if (was === is) return listDifference(field, 'the list of signature algorithms', old, now);
  const message = is
    ? 'signatures that rest on SHA-1 are accepted'
    : 'signatures that rest on SHA-1 are no longer accepted';
  return [difference(is ? 'loosened' : 'tightened', field, message, listText(old), listText(now))];
}

function listDifference(
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

function sniDifference(old: string | undefined, now: string | undefined): TlsDifference[] {
  const [was, is] = [old ?? '', now ?? ''];
  if (was === is) return [];
  return [difference('negotiation', 'sni', 'another server name is asked for', was || 'none', is || 'none')];
}

// The rest.

/** Fields of contexts whose change means more than something else. */
const REST: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  [
    'require_sni',
    toggle('tightened', 'a server name is required now', 'a server name is no longer required'),
  ],
  [
    'enforce_rsa_key_usage',
    toggle(
      'tightened',
      "the key usage of the peer's certificate is enforced now",
      "the key usage of the peer's certificate is no longer enforced",
    ),
  ],
  [
    'auto_sni_san_validation',
    toggle(
      'tightened',
      'the server name is checked against the certificate now',
      'the server name is no longer checked against the certificate',
    ),
  ],
  ['auto_host_sni', () => ['negotiation', 'another server name is asked for']],
  ['tls_certificate_provider_instance', () => ['identity', 'another certificate is presented']],
  ['tls_certificate_certificate_provider', () => ['identity', 'another certificate is presented']],
  ['tls_certificate_certificate_provider_instance', () => ['identity', 'another certificate is presented']],
  ['custom_tls_certificate_selector', () => ['identity', 'certificates are selected in another way']],
  ['validation_context_certificate_provider', anotherRoot],
  ['validation_context_certificate_provider_instance', anotherRoot],
]);

function restDifferences(old: Told, now: Told): TlsDifference[] {
  return namesOf(old, now).flatMap((name) => {
    const [was, is] = [old[name], now[name]];
    if (sameValue(was, is) || (isDefault(name, was) && isDefault(name, is))) return [];
    const [kind, message] = REST.get(name)?.(was, is) ?? (['other', `${name} changes`] as const);
    return kind === undefined ? [] : [difference(kind, name, message, shown(was), shown(is))];
  });
}

/** What a setting says that only a later version of the API knows; undefined where that is not known here. */
export function laterDifference(
  name: string,
  old: Fragment | undefined,
  now: Fragment | undefined,
): TlsDifference | undefined {
  const [kind, message] = REST.get(name)?.(old, now) ?? [undefined, ''];
  return kind && difference(kind, '', message, shown(old), shown(now));
}

/** Defaults that are no zero. */
const DEFAULTS: ReadonlyMap<string, Fragment> = new Map<string, Fragment>([
  ['max_session_keys', 1],
  ['ocsp_staple_policy', 'LENIENT_STAPLING'],
]);

function isDefault(name: string, value: Fragment | undefined): boolean {
  if (value === undefined) return true;
  const stated = DEFAULTS.get(name);
  return stated === undefined
    ? value === false || value === 0 || value === '' || value === '0s'
    : value === stated;
}

/** A transport socket's type URL of the other version: another socket to Envoy, which drains (envoy#13864). */
export function versionDifference(old: Api, now: Api): TlsDifference {
  return difference(
    'disruptive',
    '',
    `the TLS context is of the ${now} API now: Envoy takes it for another one and drains connections`,
    old,
    now,
  );
}

// In words.

function validationText(validation: Validation | undefined): string {
  if (validation === undefined || !checksPeers(validation)) return 'not checked';
  const names = peerNames(validation.rest).map(peerNameText).sort();
  const root = rootText(validation.root) ?? 'pinned';
  return names.length === 0 ? root : `${root}, names ${names.join(', ')}`;
}

/** A part of a message in short words, without what is inline in it. */
function shown(value: Fragment | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value === null) return String(value);
  return JSON.stringify(value, (name, part) => (/^inline_(?:string|bytes)$/.test(name) ? '(inline)' : part));
}

function namesOf(old: object, now: object): string[] {
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
}

function texts(value: Fragment | undefined): string[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value.map(String) : [String(value)];
}
