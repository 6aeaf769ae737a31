// Identity of a client, beside its TLS context: the header that passes a client's certificate on, what must
// be asked for by TLS, and filters that check client certificates themselves.

import { canonical } from '../meaning/canonical.js';
import { type Difference, fieldsAbove } from '../meaning/compare.js';
import { type Meaning, MessageMeaning } from '../meaning/meaning.js';
import { walk } from '../meaning/walk.js';
import type { TlsDifference } from './change.js';
import { isTlsContext } from './guard.js';
import { aroundDifference } from './tls-difference.js';

/** What a difference means for who a client is taken for; undefined where it is no matter of that. */
export function clientIdentityDifference(difference: Difference): TlsDifference | undefined {
  return (
    forwardedDifference(difference) ??
    headerMatcherDifference(difference) ??
    writtenHeaderDifference(difference) ??
    databaseTlsDifference(difference) ??
    requiredTlsDifference(difference) ??
    redirectDifference(difference) ??
    certificateFilterDifference(difference) ??
    mutualTlsDifference(difference)
  );
}

/** How much of what clients say of themselves in the header is believed. */
const FORWARDED: ReadonlyMap<string, number> = new Map([
  ['SANITIZE', 0],
  ['SANITIZE_SET', 0],
  ['FORWARD_ONLY', 1],
  ['APPEND_FORWARD', 1],
  ['ALWAYS_FORWARD_ONLY', 2],
]);

function forwardedDifference({ field, old, new: now }: Difference): TlsDifference | undefined {
  if (field?.name !== 'forward_client_cert_details') return undefined;
  const rank = (value: Meaning | undefined): number | undefined => FORWARDED.get(scalar(value) ?? 'SANITIZE');
  const [was, is] = [rank(old), rank(now)];
  if (was === undefined || is === undefined)
    return aroundDifference('unknown', 'the handling of x-forwarded-client-cert is unknown');
  if (is === was) return aroundDifference('other', 'what upstreams learn about client certificates changes');
  return is > was
    ? aroundDifference('loosened', 'clients can set their identity in x-forwarded-client-cert')
    : aroundDifference('tightened', 'less of the x-forwarded-client-cert of clients is passed on');
}

const HEADER = /x-forwarded-client-cert/i;

/** A header that upstreams read a client's certificate from, written or removed by the configuration itself. */
function writtenHeaderDifference({ field, holder, old, new: now }: Difference): TlsDifference | undefined {
  const [was, is] = [old, now].map(mentionsOf);
  // Of a header's value, the name is in the message that holds both.
  const isValue = holder !== undefined && /^HeaderValue/.test(holder.type.shortName);
  const named = isValue ? mentionsOf(holder) : '';
  if (was === is && named === '') return undefined;
  if (field === undefined || MATCHES.test(holder?.type.shortName ?? '')) return undefined;
  return aroundDifference(
    'loosened',
    'the x-forwarded-client-cert that upstreams get is written in another way',
  );
}

/** Messages that only ask for a header. */
const MATCHES = /(?:Matcher|Principal|Permission|Policy|RBAC)$/;

/** What a part says that is or holds the header's name: lists of headers, mutations, scripts. */
function mentionsOf(part: Meaning | undefined): string {
  const found: string[] = [];
  walk(part, (meaning) => {
    if (meaning.shape === 'message') {
      if (isTlsContext(meaning) || MATCHES.test(meaning.type.shortName)) return false;
      if (/^HeaderValue$/.test(meaning.type.shortName) && HEADER.test(scalar(meaning.get('key')) ?? '')) {
        found.push(canonical(meaning));
        return false;
      }
    } else if (meaning.shape === 'scalar' && HEADER.test(String(meaning.value)))
      found.push(canonical(meaning));
    return true;
  });
  return found.sort().join();
}

/** A matcher that decides of each request how the header is handled. */
function headerMatcherDifference({ path, field }: Difference): TlsDifference | undefined {
  const name = 'forward_client_cert_matcher';
  return field?.name === name || fieldsAbove(path).includes(name)
    ? aroundDifference('unknown', 'which x-forwarded-client-cert is believed depends on requests')
    : undefined;
}

/** How proxies of databases use TLS that the protocol itself begins, the least first. */
const MODES = ['DISABLE', 'ALLOW', 'REQUIRE'];

function databaseTlsDifference({ field, old, new: now, holder }: Difference): TlsDifference | undefined {
  if (!/^(?:Postgres|MySQL)Proxy$/.test(holder?.type.shortName ?? '')) return undefined;
  if (field?.name !== 'upstream_ssl' && field?.name !== 'downstream_ssl' && field?.name !== 'terminate_ssl')
    return undefined;
  const rank = (value: Meaning | undefined): number =>
    value?.shape === 'scalar' && value.value === true ? 2 : MODES.indexOf(scalar(value) ?? 'DISABLE');
  return rank(now) < rank(old)
    ? aroundDifference('loosened', 'a database is reached in plain text where TLS was used')
    : aroundDifference('tightened', 'a database is reached by TLS where plain text was accepted');
}

const REQUIRED = ['NONE', 'EXTERNAL_ONLY', 'ALL'];

function requiredTlsDifference({ field, old, new: now }: Difference): TlsDifference | undefined {
  if (field?.name !== 'require_tls') return undefined;
  const rank = (value: Meaning | undefined): number => REQUIRED.indexOf(scalar(value) ?? 'NONE');
  if (rank(old) < 0 || rank(now) < 0)
    return aroundDifference('unknown', 'the value of require_tls is unknown');
  return rank(now) < rank(old)
    ? aroundDifference('loosened', 'plain text requests are served that had to use TLS')
    : aroundDifference('tightened', 'requests must use TLS that did not have to');
}

/** A redirection to HTTPS that is gone: the requests are served as they come. */
function redirectDifference({ old, new: now, field, holder }: Difference): TlsDifference | undefined {
  const [was, is] = [old, now].map((value) => redirects(value, field?.name, holder));
  if (was === is) return undefined;
  return is
    ? aroundDifference('tightened', 'plain text requests are now redirected to HTTPS')
    : aroundDifference('loosened', 'plain text requests are no longer redirected to HTTPS');
}

function redirects(
  meaning: Meaning | undefined,
  name: string | undefined,
  holder: MessageMeaning | undefined,
): boolean {
  if (meaning === undefined) return false;
  if (meaning.shape === 'scalar') {
    if (name === 'https_redirect') return meaning.value === true;
    return (
      name === 'scheme_redirect' && meaning.value === 'https' && holder?.type.shortName === 'RedirectAction'
    );
  }
  if (meaning.shape === 'list') return meaning.items.some((item) => redirects(item, undefined, undefined));
  if (meaning.shape === 'map') return false;
  if (!LEADS_TO_REDIRECT.has(meaning.type.shortName)) return false;
  return [...meaning.members.keys()].some((inner) => redirects(meaning.get(inner), inner, meaning));
}

const LEADS_TO_REDIRECT = new Set(['RouteConfiguration', 'VirtualHost', 'Route', 'RedirectAction']);

const CHECKS_CERTIFICATES = 'ClientSSLAuth';

function certificateFilterDifference(difference: Difference): TlsDifference | undefined {
  const { old, new: now, field, holder, path } = difference;
  const [was, is] = [old, now].map((value) => configOf(value) === CHECKS_CERTIFICATES);
  if (was !== is && field?.name !== 'typed_config')
    return is
      ? aroundDifference('tightened', 'client certificates are now checked against a list')
      : aroundDifference('loosened', 'client certificates are no longer checked against a list');
  if (holder?.type.shortName !== CHECKS_CERTIFICATES || field?.name !== 'ip_white_list') return undefined;
  const isItem = path?.step.startsWith('[') ?? false;
  if (isItem && (old === undefined || now === undefined))
    return now === undefined
      ? aroundDifference('tightened', 'fewer addresses pass without a client certificate')
      : aroundDifference('loosened', 'more addresses pass without a client certificate');
  return old === undefined || now !== undefined
    ? aroundDifference('loosened', 'other addresses pass without a client certificate')
    : aroundDifference('tightened', 'no address passes without a client certificate');
}

function configOf(meaning: Meaning | undefined): string | undefined {
  const config = meaning instanceof MessageMeaning ? meaning.get('typed_config') : undefined;
  return config instanceof MessageMeaning ? config.type.shortName : undefined;
}

/** Istio's filter, which asks that requests came by mutual TLS. */
function mutualTlsDifference(difference: Difference): TlsDifference | undefined {
  const { old, new: now, field, path } = difference;
  const above = fieldsAbove(path);
  const isPolicy = difference.holder?.type.name.startsWith('istio.') ?? false;
  if (!isPolicy && !holdsPeers(old) && !holdsPeers(now)) return undefined;
  switch (field?.name) {
    case 'mode':
      return scalar(now) === 'PERMISSIVE'
        ? aroundDifference('loosened', 'requests no longer need mutual TLS')
        : aroundDifference('tightened', 'requests now need mutual TLS');
    case 'allow_tls':
    case 'peer_is_optional':
      return isTrue(now)
        ? aroundDifference('loosened', 'requests no longer need mutual TLS')
        : aroundDifference('tightened', 'requests now need mutual TLS');
    default:
  }
  if (field?.name === 'principal_binding')
    return aroundDifference('unknown', 'the identity assigned to requests changes');
  if (
    field?.name === 'jwt' ||
    above.includes('origins') ||
    above.includes('jwt') ||
    field?.name === 'origin_is_optional'
  )
    return undefined;
  const [was, is] = [holdsPeers(old), holdsPeers(now)];
  if (was === is) return undefined;
  return is
    ? aroundDifference('tightened', 'requests now need mutual TLS')
    : aroundDifference('loosened', 'requests no longer need mutual TLS');
}

/** Whether a part of an authentication policy asks for mutual TLS. */
function holdsPeers(meaning: Meaning | undefined): boolean {
  if (meaning?.shape === 'list') return meaning.items.some(holdsPeers);
  if (!(meaning instanceof MessageMeaning)) return false;
  switch (meaning.type.shortName) {
    case 'MutualTls':
      return scalar(meaning.get('mode')) !== 'PERMISSIVE';
    case 'PeerAuthenticationMethod':
      return meaning.members.has('mtls');
    case 'Policy':
      return meaning.type.name.startsWith('istio.') && holdsPeers(meaning.get('peers'));
    case 'FilterConfig':
      return meaning.type.name.startsWith('istio.') && holdsPeers(meaning.get('policy'));
    case 'HttpFilter':
      return holdsPeers(meaning.get('typed_config'));
    default:
      return false;
  }
}

function scalar(meaning: Meaning | undefined): string | undefined {
  return meaning?.shape === 'scalar' ? String(meaning.value) : undefined;
}

function isTrue(meaning: Meaning | undefined): boolean {
  return meaning?.shape === 'scalar' && meaning.value === true;
}
