// Whom a context accepts: roots, names, pins, and the switches that let more in or less.

import type { Fragment } from '../../source/fragment.js';
import { rootText } from '../../tls/in-words.js';
import { covers, type PeerName, peerNames, peerNameText } from '../../tls/peer-names.js';
import type { Root, TlsSettings, Validation } from '../../tls/settings.js';
import type { TlsDifference } from './change.js';
import { relateRoots, resolvedValidation, type SecretRules, sameValue } from './same-secret.js';
import {
  anotherRoot,
  deliveryDifference,
  difference,
  type FieldRule,
  namesOf,
  shownFragment,
  type Told,
  texts,
  toggle,
} from './tls-difference.js';

const VALIDATION_FIELD = 'validation_context';

/** How two contexts check their peers differently. */
export function validationDifferences(a: TlsSettings, b: TlsSettings, rules: SecretRules): TlsDifference[] {
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
        difference(
          kind,
          `${VALIDATION_FIELD}.${name}`,
          message,
          shownFragment(old[name]),
          shownFragment(now[name]),
        ),
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

const RULES: ReadonlyMap<string, FieldRule> = new Map<string, FieldRule>([
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
  const [narrows, widens] = [allCovered(before, after), allCovered(after, before)];
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

/** Whether each name that some accept is one that others accept; no names accept any. */
function allCovered(outer: readonly PeerName[], inner: readonly PeerName[]): boolean {
  if (outer.length === 0) return true;
  // Long lists have most names in common, and to try each with each would take their product.
  const same = outer.length > MOST_TRIED ? new Set(outer.map(nameKey)) : undefined;
  return (
    inner.length > 0 &&
    inner.every((name) => same?.has(nameKey(name)) || outer.some((one) => covers(one, name)))
  );
}

const MOST_TRIED = 16;

function nameKey({ kind, oid = '', match, ignoresCase, value }: PeerName): string {
  return [kind, oid, match, ignoresCase, value].join('\0');
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

/** Whether two servers ask for a certificate differently. */
export function clientCertificateDifferences(old: TlsSettings, now: TlsSettings): TlsDifference[] {
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

function validationText(validation: Validation | undefined): string {
  if (validation === undefined || !checksPeers(validation)) return 'not checked';
  const names = peerNames(validation.rest).map(peerNameText).sort();
  const root = rootText(validation.root) ?? 'pinned';
  return names.length === 0 ? root : `${root}, names ${names.join(', ')}`;
}
