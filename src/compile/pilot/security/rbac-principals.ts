// Whom a binding names, as principals of Envoy's RBAC filters (Pilot 1.1's plugin/authz). Istio's proxy looks
// at what its authentication filter found out; an upstream Envoy looks at the certificate, and at what its
// JWT filter leaves behind.

import { compareText } from '../../../collections/compare-text.js';
import type { Subject } from '../../../envoy/generated/types/rbac/v1alpha1/rbac.js';
import {
  cidr,
  header,
  listMetadata,
  type Matcher,
  nameInBrackets,
  namespaceMatcher,
  stringMatcher,
  textMetadata,
} from './rbac-matchers.js';
import { tokenPrincipal } from './rbac-tokens.js';

export const HTTP_FILTER = 'envoy.filters.http.rbac';
export const TCP_FILTER = 'envoy.filters.network.rbac';
const AUTHN_FILTER = 'istio_authn';

/** What a filter knows of its clients. */
export interface KnownClients {
  /** Whether they open connections only, without requests. */
  readonly tcp: boolean;
  /** The issuers whose tokens an upstream Envoy reads; undefined where Istio's own filter reads them. */
  readonly issuers: readonly string[] | undefined;
}

/** A subject: all that it says must hold. */
export function principalOf(subject: Subject, clients: KnownClients): Matcher {
  const { user = '', group = '' } = subject;
  const properties = { ...subject.properties, ...(group !== '' && { 'request.auth.claims[groups]': group }) };
  const ids: Matcher[] = [];
  if (user === '*') ids.push({ any: true });
  else if (user !== '') ids.push(propertyPrincipal('source.principal', user, clients) as Matcher);
  for (const key of Object.keys(properties).sort(compareText)) {
    if (key === 'source.principal' && user !== '') continue;
    const id = propertyPrincipal(key, (properties as Record<string, string>)[key] as string, clients);
    if (id !== undefined) ids.push(id);
  }
  // An empty subject matches nothing.
  return { and_ids: { ids: ids.length > 0 ? ids : [NOBODY] } };
}

/** Nobody is not anybody. */
const NOBODY: Matcher = { not_id: { any: true } };

function propertyPrincipal(key: string, value: string, clients: KnownClients): Matcher | undefined {
  const { tcp, issuers } = clients;
  const fromCertificate = tcp || issuers !== undefined;
  if (fromCertificate && (key === 'source.principal' || (key === 'source.user' && !tcp)))
    return authenticated(stringMatcher(value, 'spiffe://'));
  if (fromCertificate && key === 'source.namespace') return authenticated(namespaceMatcher(value));
  if (key === 'source.ip') {
    const range = cidr(value);
    return range && { source_ip: range };
  }
  if (key.startsWith('request.headers')) {
    const name = nameInBrackets(key, 'request.headers');
    return name === undefined ? undefined : { header: header(name, value) };
  }
  if (issuers !== undefined && key.startsWith('request.auth.')) return tokenPrincipal(key, value, issuers);
  if (key === 'source.namespace')
    return { metadata: textMetadata(AUTHN_FILTER, 'source.principal', namespaceMatcher(value)) };
  if (key.startsWith('request.auth.claims')) {
    const claim = nameInBrackets(key, 'request.auth.claims');
    return claim === undefined
      ? undefined
      : { metadata: listMetadata(AUTHN_FILTER, ['request.auth.claims', claim], value) };
  }
  const filter = FROM_AUTHN.has(key) ? AUTHN_FILTER : tcp ? TCP_FILTER : HTTP_FILTER;
  return { metadata: textMetadata(filter, key, stringMatcher(value)) };
}

/** Attributes that the authentication filter leaves in its metadata. */
const FROM_AUTHN: ReadonlySet<string> = new Set([
  'source.namespace',
  'source.user',
  'source.principal',
  'request.auth.principal',
  'request.auth.audiences',
  'request.auth.presenter',
]);

/** A client with a certificate whose SPIFFE id fits. */
function authenticated(matcher: Matcher): Matcher {
  return { authenticated: { principal_name: matcher } };
}
