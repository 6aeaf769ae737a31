// What a binding says of tokens, for an upstream Envoy: its JWT filter leaves the payload of a good token in
// its metadata, under the issuer. Istio's own filter leaves attributes there that are made of the payload.

import { escapedPattern, type Matcher, nameInBrackets, stringMatcher } from './rbac-matchers.js';

/** The filter whose metadata it is. */
export const JWT_FILTER = 'envoy.filters.http.jwt_authn';

/** Attributes that are one claim of the payload. */
const CLAIMS: ReadonlyMap<string, string> = new Map([
  ['request.auth.audiences', 'aud'],
  ['request.auth.presenter', 'azp'],
]);

/** The principal for an attribute of tokens; undefined for one that there is not. */
export function tokenPrincipal(key: string, value: string, issuers: readonly string[]): Matcher | undefined {
  if (key === 'request.auth.principal')
    return anyOf(
      issuers.flatMap((issuer) => subjects(issuer, value).map((sub) => claim(issuer, 'sub', sub))),
    );
  const name = CLAIMS.get(key) ?? nameInBrackets(key, 'request.auth.claims');
  if (name === undefined || !(CLAIMS.has(key) || key.startsWith('request.auth.claims'))) return undefined;
  return anyOf(
    issuers.flatMap((issuer) => [
      claim(issuer, name, { string_match: { regex: word(value) } }),
      claim(issuer, name, { list_match: { one_of: { string_match: stringMatcher(value) } } }),
    ]),
  );
}

/** Without an issuer it matches nothing. */
function anyOf(ids: readonly Matcher[]): Matcher {
  const [first, ...others] = ids;
  if (first === undefined) return { not_id: { any: true } };
  return others.length === 0 ? first : { or_ids: { ids } };
}

function claim(issuer: string, name: string, value: Matcher): Matcher {
  return { metadata: { filter: JWT_FILTER, path: [{ key: issuer }, { key: name }], value } };
}

/** A claim that is one text is a list of words, as `scope` is. */
function word(value: string): string {
  const own = value.split('*').map(escapedPattern).join('[^ ]*');
  return `(.* )?${own}( .*)?`;
}

/** The subjects of an issuer for which `issuer/subject` is what a binding says. */
function subjects(issuer: string, value: string): Matcher[] {
  const start = `${issuer}/`;
  const exactly = (text: string): Matcher => ({ string_match: stringMatcher(text) });
  if (value.startsWith('*')) {
    const suffix = value.slice(1);
    const within = [...suffix.matchAll(/\//g)]
      .filter(({ index }) => issuer.endsWith(suffix.slice(0, index)))
      .map(({ index }) => exactly(suffix.slice(index + 1)));
    return [exactly(value), ...within];
  }
  if (value.endsWith('*') && start.startsWith(value.slice(0, -1))) return [exactly('*')];
  return value.startsWith(start) ? [exactly(value.slice(start.length))] : [];
}
