// How strong protocol versions and ciphers are: enough to tell a weaker choice from a stronger one. Defaults
// are those that Envoy's declarations state for each version of the API.

import type { Api } from '../envoy/detect.js';
import type { Side } from '../envoy/extensions/side.js';

const VERSIONS = ['TLSv1_0', 'TLSv1_1', 'TLSv1_2', 'TLSv1_3'];

/** Whether a name is one of a protocol version. */
export function isVersion(name: string): boolean {
  return VERSIONS.includes(name);
}

/** The least and the most protocol version of a context, as ranks that compare. */
export function versionRank(
  name: string | undefined,
  bound: 'minimum' | 'maximum',
  side: Side,
  api: Api,
): number {
  const rank = VERSIONS.indexOf(name ?? '');
  if (rank >= 0) return rank;
  // Absent or TLS_AUTO.
  if (bound === 'maximum') return side === 'upstream' ? 2 : 3;
  return side === 'upstream' || api === 'v3' ? 2 : 0;
}

/** What Envoy offers where a v2 context names no ciphers; v3's Envoys leave out all but the first four. */
const DEFAULT_CIPHERS = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
];
const DEFAULT_CIPHERS_V2 = [
  ...DEFAULT_CIPHERS,
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'AES128-GCM-SHA256',
  'AES128-SHA',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES256-SHA',
  'AES256-GCM-SHA384',
  'AES256-SHA',
];

/** The ciphers of a context, each by itself: `[A|B]` is two of equal preference. */
export function cipherNames(given: readonly string[], api: Api): readonly string[] {
  if (given.length === 0) return api === 'v3' ? DEFAULT_CIPHERS : DEFAULT_CIPHERS_V2;
  return given
    .flatMap((entry) => entry.split(/[[\]|:,\s]+/))
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** How strong a cipher is: 3 with forward secrecy and AEAD, 0 where it is broken. */
export function cipherRank(name: string): number {
  if (/(?:^|[-_])(?:NULL|RC4|DES|3DES|MD5|EXP|aNULL|eNULL|ADH|AECDH)(?:[-_\d]|$)/i.test(name)) return 0;
  const keepsSecrets = /^(?:TLS_)?(?:ECDHE|DHE)|^TLS_(?:AES|CHACHA)/.test(name);
  const isAead = /GCM|POLY1305|CCM/.test(name);
  return keepsSecrets ? (isAead ? 3 : 2) : 1;
}

/** Signature algorithms that rest on SHA-1. */
export function isWeakSignature(name: string): boolean {
  return /sha1$/i.test(name);
}
