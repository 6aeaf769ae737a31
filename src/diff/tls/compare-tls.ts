// Compares two TLS contexts as settings values and says of every difference what it means: are fewer or more
// peers accepted, is another root trusted, is another certificate presented, or does a secret only arrive in
// another way?

import { shownSetting } from '../../disclosure/shown-value.js';
import type { Api } from '../../envoy/detect.js';
import type { Fragment } from '../../source/fragment.js';
import { ALPN, CONTEXT_DEFAULTS, type ContextRole, contextRole, PARAMETER } from '../../tls/fields.js';
import type { TlsDifference } from './change.js';
import { certificateDifferences } from './compare-certificates.js';
import {
  complianceRule,
  listDifference,
  parameterDifferences,
  sniDifference,
} from './compare-negotiation.js';
import { clientCertificateDifferences, validationDifferences } from './compare-validation.js';
import type { SecretRules } from './same-secret.js';
import { sameValue } from './same-value.js';
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
    ...clientCertificateDifferences(a, b, rules),
    ...certificateDifferences(a.certificates, b.certificates, rules),
    ...parameterDifferences(old, now),
    ...listDifference(ALPN, 'ALPN', a.alpn, b.alpn),
    ...sniDifference(a.sni, b.sni, checksServerName(b.rest)),
    ...restDifferences(a.rest, b.rest, checksServerName(a.rest) && checksServerName(b.rest)),
    ...(old.api === now.api ? [] : [versionDifference(old.api, now.api)]),
  ];
}

/** What a change of a field of a context means, by what the field is for. */
const RULES: Readonly<Record<ContextRole, FieldRule>> = {
  'requires-server-name': toggle(
    'tightened',
    'a server name is now required',
    'a server name is no longer required',
  ),
  'enforces-key-usage': toggle(
    'tightened',
    "the key usage of the peer's certificate is enforced now",
    "the key usage of the peer's certificate is no longer enforced",
  ),
  'checks-server-name': toggle(
    'tightened',
    'the server name is now checked against the certificate',
    'the server name is no longer checked against the certificate',
  ),
  'server-name': () => ['negotiation', 'another server name is requested'],
  certificate: () => ['identity', 'another certificate is presented'],
  'certificate-choice': () => ['identity', 'certificates are selected in another way'],
  root: anotherRoot,
  'key-log': (old, now) => {
    if (now === undefined) return ['tightened', 'session secrets are no longer written to a file'];
    return [
      'loosened',
      old === undefined
        ? 'session secrets are written to a file; anyone who reads it can decrypt the traffic'
        : 'session secrets are written to another file, or for other sessions',
    ];
  },
  handshake: () => ['unknown', 'a custom handshaker decides who is accepted; what it does is unknown'],
  renegotiation: toggle(
    'loosened',
    'servers may now renegotiate, which the API calls insecure',
    'servers may no longer renegotiate',
  ),
  'ticket-keys': () => [
    'unknown',
    'session tickets use other keys; anyone with these keys can resume sessions, and it is unknown who has them',
  ],
  'resumption-off': toggle(
    'tightened',
    'sessions are no longer resumed; each client is checked again',
    'sessions are now resumed without checking the client again',
  ),
  'staple-policy': (old, now) => {
    const [was, is] = [stapleRank(old), stapleRank(now)];
    if (was < 0 || is < 0) return ['unknown', 'the OCSP staple policy is unknown'];
    return is < was
      ? ['loosened', 'certificates are presented with less proof that they are not revoked']
      : ['tightened', 'certificates are presented with more proof that they are not revoked'];
  },
};

/** From the most lenient to the strictest. */
const STAPLE_POLICIES = ['LENIENT_STAPLING', 'STRICT_STAPLING', 'MUST_STAPLE'];

function stapleRank(policy: Fragment | undefined): number {
  return STAPLE_POLICIES.indexOf(String(policy ?? 'LENIENT_STAPLING'));
}

function checksServerName(rest: Told): boolean {
  return Object.keys(rest).some((name) => contextRole(name) === 'checks-server-name' && rest[name] === true);
}

function ruleOf(name: string): FieldRule | undefined {
  const role = contextRole(name);
  return role && RULES[role];
}

const otherCheckedName: FieldRule = () => [
  'loosened',
  'the server name that the certificate must have comes from elsewhere',
];

/** @param checksName whether the server's certificate must have the name that is requested, on both sides */
function restDifferences(old: Told, now: Told, checksName: boolean): TlsDifference[] {
  return namesOf(old, now).flatMap((name) => {
    const [was, is] = [old[name], now[name]];
    if (sameValue(was, is) || (isDefault(name, was) && isDefault(name, is))) return [];
    const rule = checksName && contextRole(name) === 'server-name' ? otherCheckedName : ruleOf(name);
    const [kind, message] = rule?.(was, is) ?? (['other', `${name} changes`] as const);
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
  const field = name.split('.').at(-1) ?? name;
  const rule = field === PARAMETER.compliance ? complianceRule : ruleOf(field);
  const [kind, message] = rule?.(old, now) ?? [undefined, ''];
  return kind && difference(kind, '', message, shownSetting(field, old), shownSetting(field, now));
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
    `the TLS context now uses the ${now} API; Envoy treats it as a new one and drains connections`,
    old,
    now,
  );
}
