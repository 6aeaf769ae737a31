// Whom a context accepts: roots, names, pins, and the switches that let more in or less.

import { shownSetting } from '../../disclosure/shown-value.js';
import type { Fragment } from '../../source/fragment.js';
import {
  CERTIFICATE_PINS,
  KEY_PINS,
  PIN_FIELDS,
  REQUIRE_CLIENT_CERTIFICATE,
  SAN_FIELDS,
  TRUSTED_CA,
  VALIDATION,
  type ValidationRole,
  validationRole,
} from '../../tls/fields.js';
import { rootText } from '../../tls/in-words.js';
import { covers, type PeerName, peerNames, peerNameText } from '../../tls/peer-names.js';
import type { Root, TlsSettings, Validation } from '../../tls/settings.js';
import type { TlsDifference } from './change.js';
import { relateRoots, resolvedValidation, type SecretRules } from './same-secret.js';
import { sameValue } from './same-value.js';
import { channelChanges } from './secret-source.js';
import {
  anotherRoot,
  deliveryDifference,
  difference,
  type FieldRule,
  namesOf,
  type Told,
  texts,
  toggle,
} from './tls-difference.js';

/** How two contexts check their peers differently. */
export function validationDifferences(a: TlsSettings, b: TlsSettings, rules: SecretRules): TlsDifference[] {
  const old = resolvedValidation(a.validation, rules.old);
  const now = resolvedValidation(b.validation, rules.new);
  if (checksPeers(old) !== checksPeers(now)) {
    const message = checksPeers(now)
      ? "the peer's certificate is now checked"
      : "the peer's certificate is no longer checked";
    const kind = checksPeers(now) ? 'tightened' : 'loosened';
    return [difference(kind, VALIDATION, message, validationText(old), validationText(now))];
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
    Object.keys(told).some((name) => name !== TRUSTED_CA && validationRole(name) === 'root')
  );
}

function toldBy(validation: Validation | undefined): Told {
  const rest = validation?.rest;
  return typeof rest === 'object' && rest !== null && !Array.isArray(rest) ? (rest as Told) : {};
}

function rootDifference(old: Root | undefined, now: Root | undefined, rules: SecretRules): TlsDifference[] {
  const field = `${VALIDATION}.${TRUSTED_CA}`;
  if (old === undefined && now === undefined) return [];
  if (old === undefined || now === undefined) {
    const [kind, message] =
      now === undefined
        ? ([
            'loosened',
            'no root is trusted any longer; the remaining checks do not verify the chain',
          ] as const)
        : (['tightened', 'the chain is now verified up to a root'] as const);
    return [difference(kind, field, message, rootText(old), rootText(now))];
  }
  const found = deliveryDifference(relateRoots(old, now, rules), 'root', field, rootText(old), rootText(now));
  if (old.delivery === 'sds' && now.delivery === 'sds')
    found.push(...channelChanges(old.secret.source, now.secret.source, field, rules));
  return found;
}

function ruleDifferences(old: Told, now: Told): TlsDifference[] {
  const found = [...nameDifference(old, now), ...pinDifference(old, now)];
  for (const name of namesOf(old, now)) {
    const role = validationRole(name);
    if (role === 'names' || role === 'pins' || sameValue(old[name], now[name])) continue;
    const [kind, message] =
      role === undefined ? (['other', `${name} changes`] as const) : RULES[role](old[name], now[name]);
    if (kind !== undefined)
      found.push(
        difference(
          kind,
          `${VALIDATION}.${name}`,
          message,
          shownSetting(name, old[name]),
          shownSetting(name, now[name]),
        ),
      );
  }
  return found;
}

/** What a change of a field means, by what the field is for; names and pins are compared as wholes. */
const RULES: Readonly<Record<Exclude<ValidationRole, 'names' | 'pins'>, FieldRule>> = {
  'accepts-expired': toggle(
    'loosened',
    'expired certificates are now accepted',
    'expired certificates are no longer accepted',
  ),
  'requires-timestamp': toggle(
    'tightened',
    'a signed certificate timestamp is now required',
    'a signed certificate timestamp is no longer required',
  ),
  'leaf-revocations-only': toggle(
    'loosened',
    'only the leaf certificate is now checked against the revocation list',
    'the whole chain is now checked against the revocation list',
  ),
  'accepts-untrusted': (old, now) => {
    const [was, is] = [old === 'ACCEPT_UNTRUSTED', now === 'ACCEPT_UNTRUSTED'];
    if (was === is) return [undefined, ''];
    return is
      ? ['loosened', 'certificates not signed by a trusted root are now accepted']
      : ['tightened', 'certificates not signed by a trusted root are no longer accepted'];
  },
  depth: (old, now) => {
    const [was, is] = [depth(old), depth(now)];
    if (was === is) return [undefined, ''];
    return is > was
      ? ['loosened', 'longer chains are now accepted']
      : ['tightened', 'only shorter chains are now accepted'];
  },
  revocations: (old, now) => {
    if (now === undefined)
      return ['loosened', 'certificates are no longer checked against a revocation list'];
    if (old === undefined) return ['tightened', 'certificates are now checked against a revocation list'];
    return ['loosened', 'another revocation list; certificates that the old one revoked may be accepted'];
  },
  root: anotherRoot,
  'watched-folder': () => ['delivery', 'the root is watched for changes in another way'],
};

/** Envoy's own limit where none is said. */
function depth(value: Fragment | undefined): number {
  return typeof value === 'number' ? value : 100;
}

function nameDifference(old: Told, now: Told): TlsDifference[] {
  const [before, after] = [peerNames(old), peerNames(now)];
  const [narrows, widens] = [allCovered(before, after), allCovered(after, before)];
  if (narrows && widens) return [];
  const field = `${VALIDATION}.${
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
    inner.every((name) => same?.has(nameKey(name)) || isCovered(outer, name) || isEmptyTry(inner, name))
  );
}

/** The kinds that Envoy tries a matcher without one with. */
const EACH_KIND = ['uri', 'dns', 'email', 'ip'] as const;

/** A name of any kind is one of each. */
function isCovered(outer: readonly PeerName[], name: PeerName): boolean {
  if (outer.some((one) => covers(one, name))) return true;
  return (
    name.kind === 'any' && EACH_KIND.every((kind) => outer.some((one) => covers(one, { ...name, kind })))
  );
}

/**
 * Whether a matcher is one of those that Envoy makes of one without a kind, for a kind of name that cannot have
 * this form: the one for the right kind stands beside it.
 */
function isEmptyTry(names: readonly PeerName[], name: PeerName): boolean {
  if (!cannotBe(name)) return false;
  const { match, value, ignoresCase } = name;
  return EACH_KIND.every((kind) =>
    names.some(
      (one) =>
        one.kind === kind && one.match === match && one.value === value && one.ignoresCase === ignoresCase,
    ),
  );
}

/** Whether no name of its kind has this form. */
function cannotBe({ kind, match, value }: PeerName): boolean {
  if (value.includes('://')) return (match === 'exact' || match === 'prefix') && NO_URI.has(kind);
  if (match !== 'exact') return false;
  switch (kind) {
    case 'uri':
      return !value.includes(':');
    case 'email':
      return !value.includes('@');
    case 'ip':
      return !/^[\d.]+$|^[\da-f:.]*:[\da-f:.]*$/i.test(value);
    case 'dns':
      return /[@:]/.test(value);
    default:
      return false;
  }
}

const NO_URI: ReadonlySet<string> = new Set(['dns', 'email', 'ip']);

const MOST_TRIED = 16;

function nameKey({ kind, oid = '', match, ignoresCase, value }: PeerName): string {
  return [kind, oid, match, ignoresCase, value].join('\0');
}

/** The latest version's first. */
const COMPARED_NAMES = [...SAN_FIELDS].reverse();

/** A certificate is accepted if it fits any pin of either kind. */
function pins(told: Told): string[] {
  return PIN_FIELDS.flatMap((name) =>
    texts(told[name]).map((pin) => (name === CERTIFICATE_PINS ? pin.replaceAll(':', '').toLowerCase() : pin)),
  ).sort();
}

function pinDifference(old: Told, now: Told): TlsDifference[] {
  if (PIN_FIELDS.every((name) => old[name] === undefined && now[name] === undefined)) return [];
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
  const field = `${VALIDATION}.${KEY_PINS in { ...old, ...now } ? KEY_PINS : CERTIFICATE_PINS}`;
  return [difference(narrows ? 'tightened' : 'loosened', field, message, text(before), text(after))];
}

/** Whether two servers ask for a certificate differently: one that nobody checks says nothing of the client. */
export function clientCertificateDifferences(
  old: TlsSettings,
  now: TlsSettings,
  rules: SecretRules,
): TlsDifference[] {
  const [was, is] = [old.requireClientCertificate ?? false, now.requireClientCertificate ?? false];
  if (was === is) return [];
  const checks = is
    ? checksPeers(resolvedValidation(now.validation, rules.new))
    : checksPeers(resolvedValidation(old.validation, rules.old));
  const message = is ? 'a client certificate is now required' : 'a client certificate is no longer required';
  return [
    difference(
      checks ? (is ? 'tightened' : 'loosened') : 'other',
      REQUIRE_CLIENT_CERTIFICATE,
      checks ? message : `${message}: any is accepted, because nothing checks it`,
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
