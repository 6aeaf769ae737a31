// Conditions of AuthorizationPolicies as permissions and principals of Envoy's RBAC (istiod 1.29's
// authz/model/generator.go). A condition that cannot be expressed is an InvalidCondition.

import type { Permission, Principal } from '../../../envoy/generated/types/envoy/config/rbac/v3/rbac.js';
import type { HeaderMatcher } from '../../../envoy/generated/types/envoy/config/route/v3/route_components.js';
import type { StringMatcher } from '../../../envoy/generated/types/envoy/type/matcher/v3/string.js';
import type { ValueMatcher } from '../../../envoy/generated/types/envoy/type/matcher/v3/value.js';
import { cidrRange } from '../../../mesh/istiod/addresses.js';
import { typed } from '../context/extensions.js';
import { claimMatcher, JWT_FILTER, JWT_PAYLOAD, metadataMatcher } from '../context/matchers.js';

/** Why a condition cannot be expressed. */
export class InvalidCondition extends Error {}

const ANYTHING: StringMatcher = { safe_regex: { regex: '.+' } };
const SPIFFE = 'spiffe://';

/** Escapes what has a meaning in regular expressions, as Go does. */
function quoted(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}

/** A value with a star at one end. */
function textMatcher(value: string): StringMatcher {
  if (value === '*') return ANYTHING;
  if (value.startsWith('*')) return { suffix: value.slice(1) };
  return value.endsWith('*') ? { prefix: value.slice(0, -1) } : { exact: value };
}

function principalMatcher(value: string): StringMatcher {
  if (value === '*') return ANYTHING;
  if (value.startsWith('*')) return { safe_regex: { regex: `${SPIFFE}.*${quoted(value.slice(1))}` } };
  return value.endsWith('*') ? { prefix: SPIFFE + value.slice(0, -1) } : { exact: SPIFFE + value };
}

function headerMatcher(name: string, value: string, isHost: boolean): HeaderMatcher {
  if (value === '*') return { name, present_match: true };
  const match = textMatcher(value);
  return { name, string_match: isHost ? { ...match, ignore_case: true } : match };
}

function rangeOf(text: string) {
  const range = cidrRange(text);
  if (range === undefined) throw new InvalidCondition(`${text} is not an address`);
  return range;
}

function httpOnly(name: string, forTcp: boolean): void {
  if (forTcp) throw new InvalidCondition(`${name} is only for HTTP`);
}

/** Several matchers of one value, of which one must fit. */
function oneOf(values: readonly string[]): ValueMatcher {
  const matchers = values.map((value) => ({ string_match: textMatcher(value) }));
  const [only] = matchers;
  return only !== undefined && matchers.length === 1 ? only : { or_match: { value_matchers: matchers } };
}

// Permissions

export function destinationIp(value: string): Permission {
  return { destination_ip: rangeOf(value) };
}

export function destinationPort(value: string): Permission {
  if (!/^\d+$/.test(value) || Number(value) > 65_535) throw new InvalidCondition(`${value} is not a port`);
  return { destination_port: Number(value) };
}

export function serverName(value: string): Permission {
  return { requested_server_name: textMatcher(value) };
}

export function hostPermission(value: string, forTcp: boolean): Permission {
  httpOnly('hosts', forTcp);
  return { header: headerMatcher(':authority', value, true) };
}

export function methodPermission(value: string, forTcp: boolean): Permission {
  httpOnly('methods', forTcp);
  return { header: headerMatcher(':method', value, false) };
}

const ONE = '{*}';
const ANY = '{**}';

export function pathPermission(value: string, forTcp: boolean): Permission {
  httpOnly('paths', forTcp);
  if (!value.includes(ONE) && !value.includes(ANY)) return { url_path: { path: textMatcher(value) } };
  return {
    uri_template: {
      name: 'uri-template',
      typed_config: typed('envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig', {
        path_template: value.replaceAll(ONE, '*').replaceAll(ANY, '**'),
      }),
    },
  };
}

const EXPERIMENTAL = 'experimental.';

/** Metadata of a filter, `experimental.FILTER[KEY]`; values in brackets are in lists. */
export function filterMetadata(key: string, values: readonly string[]): Permission {
  const text = key.slice(EXPERIMENTAL.length).replace(/\]$/, '');
  const bracket = text.indexOf('[');
  if (bracket < 0) throw new InvalidCondition(`${key} is not a metadata key`);
  const matchers = values.map((value): ValueMatcher => {
    if (!value.startsWith('[') || !value.endsWith(']')) return { string_match: textMatcher(value) };
    const inner = value.replace(/^[[\]]+|[[\]]+$/g, '');
    return { list_match: { one_of: { string_match: textMatcher(inner) } } };
  });
  const [only] = matchers;
  const value =
    only !== undefined && matchers.length === 1 ? only : { or_match: { value_matchers: matchers } };
  return { metadata: metadataMatcher(text.slice(0, bracket), [text.slice(bracket + 1)], value) };
}

// Principals

export function sourceIp(value: string): Principal {
  return { direct_remote_ip: rangeOf(value) };
}

export function remoteIp(value: string): Principal {
  return { remote_ip: rangeOf(value) };
}

function authenticated(principal_name: StringMatcher): Principal {
  return { authenticated: { principal_name } };
}

export function sourceNamespace(value: string): Principal {
  const pattern = value.split('*').map(quoted).join('.*');
  return authenticated({ safe_regex: { regex: `.*/ns/${pattern}/.*` } });
}

/** A service account, of the policy's namespace where it names none. */
export function sourceAccount(value: string, own: string): Principal {
  const slash = value.indexOf('/');
  const namespace = slash < 0 ? own : value.slice(0, slash);
  const account = slash < 0 ? value : value.slice(slash + 1);
  const regex = `${SPIFFE}.+/ns/${quoted(namespace)}/(.+/|)sa/${quoted(account)}(/.+)?`;
  return authenticated({ safe_regex: { regex } });
}

export function sourcePrincipal(value: string): Principal {
  return authenticated(principalMatcher(value));
}

/** Principals of tokens: issuer and subject. */
export function requestPrincipals(values: readonly string[], forTcp: boolean): Principal | undefined {
  httpOnly('request principals', forTcp);
  const principals = values.map((value): Principal => {
    const [issuer, subject] = issuerAndSubject(value);
    return { and_ids: { ids: [claim('iss', issuer), claim('sub', subject)] } };
  });
  return principals.length > 1 ? { or_ids: { ids: principals } } : principals[0];
}

function claim(name: string, string_match: StringMatcher): Principal {
  return { metadata: metadataMatcher(JWT_FILTER, [JWT_PAYLOAD, name], { string_match }) };
}

function issuerAndSubject(value: string): readonly [issuer: StringMatcher, subject: StringMatcher] {
  const slash = value.lastIndexOf('/');
  const issuer = slash < 0 ? value : value.slice(0, slash);
  const subject = slash < 0 ? '' : value.slice(slash + 1);
  if (value === '*') return [ANYTHING, ANYTHING];
  if (value.startsWith('*')) {
    if (slash < 0) return [ANYTHING, { suffix: value.slice(1) }];
    return [issuer === '*' ? ANYTHING : { suffix: issuer.slice(1) }, { exact: subject }];
  }
  if (value.endsWith('*')) {
    if (slash < 0) return [{ prefix: value.slice(0, -1) }, ANYTHING];
    return [{ exact: issuer }, subject === '*' ? ANYTHING : { prefix: subject.slice(0, -1) }];
  }
  return [{ exact: issuer }, { exact: subject }];
}

/** A claim of tokens that may be a list. */
export function requestClaim(
  claims: readonly string[],
  values: readonly string[],
  forTcp: boolean,
): Principal {
  httpOnly('claims of tokens', forTcp);
  return { metadata: claimMatcher(claims, oneOf(values)) };
}

export function requestHeader(name: string, value: string, forTcp: boolean): Principal {
  httpOnly('headers', forTcp);
  return { header: headerMatcher(inBrackets(name), value, false) };
}

function inBrackets(text: string): string {
  if (!text.startsWith('[') || !text.endsWith(']')) throw new InvalidCondition(`${text} is not in brackets`);
  return text.slice(1, -1);
}

/** The names in `[a][b]`; what does not have that form is one name in brackets. */
export function inNestedBrackets(text: string): readonly string[] {
  const names = [...text.matchAll(/\[([^[\]]*)\]/gy)].map(([, name = '']) => name);
  return names.length > 0 && names.join('][') === text.slice(1, -1) ? names : [inBrackets(text)];
}
