// What becomes of the security of a connection where its transport socket is replaced by another, and of whom
// sockets accept that are no TLS.

import type { Difference } from '../meaning/compare.js';
import { type Meaning, MessageMeaning } from '../meaning/meaning.js';
import type { TlsDifference } from './change.js';
import { tlsContextIn } from './guard.js';
import { aroundDifference } from './tls-difference.js';

/** How a transport socket keeps a connection. */
type Security = 'plain text' | 'TLS' | 'TLS only when it is asked for' | 'another transport socket';

/** What it means that one socket takes the place of another. */
export function socketDifference(old: Meaning | undefined, now: Meaning | undefined): TlsDifference {
  const [was, is] = [securityOf(old), securityOf(now)];
  const said = { field: '', old: was, new: is };
  const weaker = weakening(was, is);
  if (weaker !== undefined) return { ...said, class: 'loosened', message: weaker };
  if (weakening(is, was) !== undefined)
    return {
      ...said,
      class: 'tightened',
      message:
        is === 'another transport socket' ? 'another transport socket is there now' : 'TLS is there now',
    };
  return { ...said, class: 'other', message: 'the transport socket changes' };
}

/** What is lost from one to the other; undefined where nothing is, or nothing tells. */
function weakening(was: Security, is: Security): string | undefined {
  if (was === is) return undefined;
  if (was === 'TLS')
    return is === 'TLS only when it is asked for' ? 'connections begin as plain text now' : 'TLS is gone';
  if (was === 'TLS only when it is asked for') return is === 'TLS' ? undefined : 'TLS is gone';
  // ALTS and others that are not known may have guarded the connection.
  if (was === 'another transport socket' && is === 'plain text') return 'the transport socket is gone';
  return undefined;
}

function securityOf(meaning: Meaning | undefined): Security {
  if (meaning === undefined) return 'plain text';
  if (tlsContextIn(meaning) !== undefined)
    return meaning instanceof MessageMeaning && /StartTlsConfig$/.test(meaning.type.shortName)
      ? 'TLS only when it is asked for'
      : 'TLS';
  // One that wraps another keeps a connection as that one does.
  const wraps = meaning instanceof MessageMeaning && meaning.type.field('transport_socket') !== undefined;
  return wraps ? securityOf(meaning.get('transport_socket')) : 'another transport socket';
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
