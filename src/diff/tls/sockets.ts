// What becomes of the security of a connection where its transport socket is replaced by another, and of whom
// sockets accept that are no TLS.

import { type Difference, fieldsAbove } from '../meaning/compare.js';
import { type Meaning, MessageMeaning } from '../meaning/meaning.js';
import type { TlsDifference } from './change.js';
import { tlsContextIn } from './guard.js';
import { aroundDifference } from './tls-difference.js';

/** How a transport socket keeps a connection. */
type Security = 'plain text' | 'TLS' | 'TLS only on request' | 'another transport socket';

/** What it means that one socket takes the place of another. */
export function socketDifference(old: Meaning | undefined, now: Meaning | undefined): TlsDifference {
  const [was, is] = [securityOf(old), securityOf(now)];
  const said = { field: '', old: was, new: is };
  const [tapped, taps] = [old, now].map(isTap);
  if (taps && !tapped && is !== 'plain text')
    return { ...said, class: 'loosened', message: 'a tap writes what TLS protects in plain text' };
  if (tapped && !taps && was !== 'plain text' && weakening(was, is) === undefined)
    return { ...said, class: 'tightened', message: 'a tap no longer writes what TLS protects' };
  if (was === 'another transport socket' && is === was)
    return {
      ...said,
      class: 'unknown',
      message: 'there is another transport socket, which is unknown',
    };
  const weaker = weakening(was, is);
  if (weaker !== undefined) return { ...said, class: 'loosened', message: weaker };
  if (weakening(is, was) !== undefined)
    return {
      ...said,
      class: 'tightened',
      message:
        is === 'another transport socket' ? 'there is now another transport socket' : 'TLS is now used',
    };
  return { ...said, class: 'other', message: 'the transport socket changes' };
}

/** What is lost from one to the other; undefined where nothing is, or nothing tells. */
function weakening(was: Security, is: Security): string | undefined {
  if (was === is) return undefined;
  if (was === 'TLS')
    return is === 'TLS only on request' ? 'connections now begin in plain text' : 'TLS is removed';
  if (was === 'TLS only on request') return is === 'TLS' ? undefined : 'TLS is removed';
  // ALTS and others that are not known may have guarded the connection.
  if (was === 'another transport socket' && is === 'plain text') return 'the transport socket is gone';
  return undefined;
}

function securityOf(meaning: Meaning | undefined): Security {
  if (meaning === undefined) return 'plain text';
  if (tlsContextIn(meaning) !== undefined)
    return meaning instanceof MessageMeaning && /StartTlsConfig$/.test(meaning.type.shortName)
      ? 'TLS only on request'
      : 'TLS';
  // One that wraps another keeps a connection as that one does.
  const wraps = meaning instanceof MessageMeaning && meaning.type.field('transport_socket') !== undefined;
  return wraps ? securityOf(meaning.get('transport_socket')) : 'another transport socket';
}

function isTap(meaning: Meaning | undefined): boolean {
  return meaning instanceof MessageMeaning && /\.transport_socket.*\.Tap$/.test(meaning.type.name);
}

/** Sockets of which it is known that what they hold beside another one is no matter of trust. */
const HARMLESS =
  /\.(?:ProxyProtocolUpstreamTransport|ProxyProtocolConfig|RawBuffer|QuicDownstreamTransport|QuicUpstreamTransport|StartTlsConfig|UpstreamStartTlsConfig|TcpStats\w*|Config|InternalUpstreamTransport|MetadataValueSource|Http11ProxyUpstreamTransport|Tap)$/;

/** What it means that something in a transport socket changes that is no TLS context. */
export function innerSocketDifference({
  path,
  holder,
  field,
  old,
  new: now,
}: Difference): TlsDifference | undefined {
  if (!fieldsAbove(path).includes('transport_socket')) return undefined;
  if ([old, now].some(isTap)) return aroundDifference('loosened', 'a tap writes what TLS protects elsewhere');
  const isKnown = holder !== undefined && HARMLESS.test(holder.type.name) && field !== undefined;
  return isKnown
    ? aroundDifference('other', 'the configuration of a transport socket changes')
    : aroundDifference('unknown', 'the configuration of an unknown transport socket changes');
}

/** Whom ALTS accepts: all accounts where none is listed. */
export function altsDifference({ path, old, holder, field }: Difference): TlsDifference | undefined {
  if (field?.name !== 'peer_service_accounts' || holder === undefined || holder.type.shortName !== 'Alts')
    return undefined;
  const isItem = path?.step.startsWith('[') ?? false;
  const loosens = isItem === (old === undefined);
  return loosens
    ? aroundDifference('loosened', 'more service accounts are accepted')
    : aroundDifference('tightened', 'fewer service accounts are accepted');
}
