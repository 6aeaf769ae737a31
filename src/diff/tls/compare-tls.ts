// Compares two TLS contexts as settings values and says of every difference what it means: are fewer or more
// peers accepted, is another root trusted, is another certificate presented, or does a secret only arrive in
// another way?

import type { Api } from '../../envoy/detect.js';
import type { Fragment } from '../../source/fragment.js';
import type { TlsDifference } from './change.js';
import { certificateDifferences } from './compare-certificates.js';
import { listDifference, parameterDifferences, sniDifference } from './compare-negotiation.js';
import { clientCertificateDifferences, validationDifferences } from './compare-validation.js';
import { type SecretRules, sameValue } from './same-secret.js';
import {
  anotherRoot,
  type ContextSettings,
  difference,
  type FieldRule,
  namesOf,
  shownFragment,
  type Told,
  toggle,
} from './tls-difference.js';

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

/** Fields of contexts whose change means more than something else. */
const REST: ReadonlyMap<string, FieldRule> = new Map<string, FieldRule>([
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
    return kind === undefined ? [] : [difference(kind, name, message, shownFragment(was), shownFragment(is))];
  });
}

/** What a setting says that only a later version of the API knows; undefined where that is not known here. */
export function laterDifference(
  name: string,
  old: Fragment | undefined,
  now: Fragment | undefined,
): TlsDifference | undefined {
  const [kind, message] = REST.get(name)?.(old, now) ?? [undefined, ''];
  return kind && difference(kind, '', message, shownFragment(old), shownFragment(now));
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
