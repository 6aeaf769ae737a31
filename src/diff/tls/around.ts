// What a change around TLS contexts means by itself. What it means for who takes whose connections is a matter of
// the ways in and out (../ways/), which look at both sides whole.

import { quoted } from '../../secrecy/quoted.js';
import { type Difference, fieldsAbove, type Path, pathText } from '../meaning/compare.js';
import { type Meaning, MessageMeaning } from '../meaning/meaning.js';
import { authorizationDifference } from './authorization.js';
import type { Change, TlsDifference } from './change.js';
import { clientIdentityDifference } from './client-identity.js';
import { tlsContextIn } from './guard.js';
import { altsDifference, innerSocketDifference, socketDifference } from './sockets.js';
import { aroundDifference } from './tls-difference.js';

/**
 * What a difference means for TLS; undefined where it is no matter of it.
 *
 * @param old both resources, whole
 */
export function aroundMeaning(
  difference: Difference,
  kind: Change['kind'],
  old: Meaning,
  now: Meaning,
): TlsDifference | undefined {
  const { path, old: was, new: is, field } = difference;
  const hasTls = (): boolean => tlsContextIn(old) !== undefined || tlsContextIn(now) !== undefined;
  const way = wayText(path, field?.name);
  if (way !== undefined) return hasTls() ? other(`${way} is ${kind}`) : undefined;
  if (
    field?.name === 'transport_socket' ||
    (field?.name === 'tls_context' && field.type?.endsWith('TlsContext'))
  )
    return socketDifference(was, is);
  if (isNegotiated(path, was ?? is) && hasTls())
    return aroundDifference('negotiation', 'other connections use it');
  if (isInspector(was ?? is) && hasTls())
    return other(kind === 'moved' ? 'the TLS inspector moves' : `the TLS inspector is ${kind}`);
  return (
    altsDifference(difference) ??
    clientIdentityDifference(difference) ??
    providerDifference(path) ??
    newSourceDifference(difference) ??
    laterFieldDifference(difference) ??
    runtimeDifference(difference) ??
    authorizationDifference(difference) ??
    (tlsContextIn(was ?? is) !== undefined && kind !== 'moved' ? socketDifference(was, is) : undefined) ??
    innerSocketDifference(difference)
  );
}

function other(message: string): TlsDifference {
  return aroundDifference('other', message);
}

/** A whole filter chain, or a whole entry of `transport_socket_matches`. */
function wayText(path: Path | undefined, field: string | undefined): string | undefined {
  if (path?.above?.step === '.filter_chains' || field === 'default_filter_chain') return 'a filter chain';
  return path?.above?.step === '.transport_socket_matches' ? 'a transport socket' : undefined;
}

const NEGOTIATED = new Set(['server_names', 'application_protocols', 'transport_protocol']);

/** Whether a difference is of what TLS negotiates, in the match of a filter chain. */
function isNegotiated(path: Path | undefined, meaning: Meaning | undefined): boolean {
  const above = fieldsAbove(path);
  const at = above.indexOf('filter_chain_match');
  if (at < 0) return false;
  if (at > 0) return NEGOTIATED.has(above[at - 1] as string);
  return (
    meaning instanceof MessageMeaning && [...meaning.members.keys()].some((name) => NEGOTIATED.has(name))
  );
}

function isInspector(meaning: Meaning | undefined): boolean {
  if (!(meaning instanceof MessageMeaning)) return false;
  const [name, config] = [meaning.get('name'), meaning.get('typed_config')];
  if (config?.shape === 'message') return config.type.shortName === 'TlsInspector';
  return name?.shape === 'scalar' && name.value === 'envoy.filters.listener.tls_inspector';
}

/** Certificates and roots that contexts name by a provider of the bootstrap. */
function providerDifference(path: Path | undefined): TlsDifference | undefined {
  return fieldsAbove(path).includes('certificate_provider_instances')
    ? aroundDifference('unknown', 'a provider of certificates and roots changes; what it delivers is unknown')
    : undefined;
}

/** Listeners and clusters that come from a source where none did. */
function newSourceDifference({ path, field, old, new: now }: Difference): TlsDifference | undefined {
  if (old !== undefined || !(now instanceof MessageMeaning)) return undefined;
  const names = field?.name === 'dynamic_resources' ? [...now.members.keys()] : [field?.name ?? ''];
  const isOfBootstrap = field?.name === 'dynamic_resources' || fieldsAbove(path)[1] === 'dynamic_resources';
  return isOfBootstrap && names.some((name) => name === 'lds_config' || name === 'cds_config')
    ? aroundDifference('unknown', 'more configuration comes from another source; what it delivers is unknown')
    : undefined;
}

/** A field of a later API, which by its name decides who gets where. */
function laterFieldDifference({ path, field, holder }: Difference): TlsDifference | undefined {
  if (field !== undefined || holder === undefined || path === undefined) return undefined;
  const name = path.step.slice(1);
  return /transport_socket|tls|secret|filter_chain|listener_filter|validation/.test(name)
    ? aroundDifference('unknown', `${quoted(name)}, which the API does not know, changes`)
    : undefined;
}

const SWITCHES_TLS = /tls|ssl|x509|spiffe|cert|\bsan\b|\bsni\b/i;

/** Switches of Envoy's own code that are of TLS. */
function runtimeDifference({ path, old, new: now }: Difference): TlsDifference | undefined {
  const above = fieldsAbove(path);
  if (!above.some((name) => name === 'layered_runtime' || name === 'runtime' || name === 'layer'))
    return undefined;
  return [pathText(path), ...[old, now].flatMap(namesIn)].some((name) => SWITCHES_TLS.test(name))
    ? aroundDifference('unknown', 'a runtime flag or option of Envoy that affects TLS changes')
    : undefined;
}

function namesIn(meaning: Meaning | undefined): string[] {
  if (meaning?.shape === 'map')
    return [...meaning.members].flatMap(([name, member]) => [name, ...namesIn(member)]);
  if (meaning?.shape === 'list') return meaning.items.flatMap(namesIn);
  if (meaning?.shape === 'message')
    return [...meaning.members.keys()].flatMap((name) => namesIn(meaning.get(name)));
  return [];
}
