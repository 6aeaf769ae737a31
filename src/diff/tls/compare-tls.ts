// Compares two TLS contexts as settings values and says of every difference what it means: are fewer or more
// peers accepted, is another root trusted, is another certificate presented, or does a secret only arrive in
// another way?

import { shownSetting } from '../../disclosure/shown-value.js';
import type { Api } from '../../envoy/detect.js';
import type { Fragment } from '../../source/fragment.js';
import { ALPN, CONTEXT_DEFAULTS, type ContextRole, contextRole } from '../../tls/fields.js';
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
    ...listDifference(ALPN, 'ALPN', a.alpn, b.alpn),
    ...sniDifference(a.sni, b.sni),
    ...restDifferences(a.rest, b.rest),
    ...(old.api === now.api ? [] : [versionDifference(old.api, now.api)]),
  ];
}

/** What a change of a field of a context means, by what the field is for. */
const RULES: Readonly<Record<ContextRole, FieldRule>> = {
  'requires-server-name': toggle(
    'tightened',
    'a server name is required now',
    'a server name is no longer required',
  ),
  'enforces-key-usage': toggle(
    'tightened',
    "the key usage of the peer's certificate is enforced now",
    "the key usage of the peer's certificate is no longer enforced",
  ),
  'checks-server-name': toggle(
    'tightened',
    'the server name is checked against the certificate now',
    'the server name is no longer checked against the certificate',
  ),
  'server-name': () => ['negotiation', 'another server name is asked for'],
  certificate: () => ['identity', 'another certificate is presented'],
  'certificate-choice': () => ['identity', 'certificates are selected in another way'],
  root: anotherRoot,
};

function ruleOf(name: string): FieldRule | undefined {
  const role = contextRole(name);
  return role && RULES[role];
}

function restDifferences(old: Told, now: Told): TlsDifference[] {
  return namesOf(old, now).flatMap((name) => {
    const [was, is] = [old[name], now[name]];
    if (sameValue(was, is) || (isDefault(name, was) && isDefault(name, is))) return [];
    const [kind, message] = ruleOf(name)?.(was, is) ?? (['other', `${name} changes`] as const);
    return kind === undefined
      ? []
      : [difference(kind, name, message, shownSetting(name, was), shownSetting(name, is))];
  });
}

/** What a setting says that only a later version of the API knows; undefined where that is not known here. */
export function laterDifference(
  name: string,
  old: Fragment | undefined,
  now: Fragment | undefined,
): TlsDifference | undefined {
  const [kind, message] = ruleOf(name)?.(old, now) ?? [undefined, ''];
  return kind && difference(kind, '', message, shownSetting(name, old), shownSetting(name, now));
}

function isDefault(name: string, value: Fragment | undefined): boolean {
  if (value === undefined) return true;
  const stated = CONTEXT_DEFAULTS.get(name);
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
