// JSON Web Key Sets (RFC 7517) as Envoy's library reads them: of a set with no usable key it says the last fault.

import { createPublicKey } from 'node:crypto';

/** What is wrong with a key set, in a sentence without a full stop; undefined where a key of it can be used. */
export function jwksFault(text: string): string | undefined {
  // Envoy takes an empty text for no key set.
  if (text === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is not JSON';
  }
  if (!isMap(value)) return 'it is not a JSON object';
  const { keys } = value;
  if (keys === undefined) return 'it has no "keys"';
  if (!Array.isArray(keys)) return 'its "keys" are not a list';
  let fault: string | undefined;
  for (const key of keys) {
    fault = isMap(key) ? keyFault(key) : (fault ?? 'it has no valid key');
    if (fault === undefined) return undefined;
  }
  return fault ?? 'it has no key';
}

type Json = Readonly<Record<string, unknown>>;

function isMap(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function keyFault(key: Json): string | undefined {
  const { kty, alg, crv, n, e, k, x, y } = key;
  if (typeof kty !== 'string') return 'a key has no "kty"';
  switch (kty) {
    case 'RSA':
      if (typeof alg === 'string' && !/^[RP]S/.test(alg)) return 'the "alg" of an RSA key is RS… or PS…';
      if (typeof n !== 'string' || typeof e !== 'string') return 'an RSA key has "n" and "e"';
      return isPublicKey({ kty, n, e }) ? undefined : 'the "n" or "e" of an RSA key cannot be used';
    case 'EC':
      if (typeof alg === 'string' && !alg.startsWith('ES')) return 'the "alg" of an EC key is ES…';
      if (typeof crv === 'string' && !['P-256', 'P-384', 'P-521'].includes(crv))
        return 'the "crv" of an EC key is P-256, P-384 or P-521';
      return typeof x === 'string' && typeof y === 'string' ? undefined : 'an EC key has "x" and "y"';
    case 'oct':
      return typeof k === 'string' ? undefined : 'an oct key has "k"';
    case 'OKP':
      if (crv !== undefined && crv !== 'Ed25519') return 'the "crv" of an OKP key is Ed25519';
      return typeof x === 'string' ? undefined : 'an OKP key has "x"';
    default:
      return 'the "kty" of a key is RSA, EC, oct or OKP';
  }
}

/** Whether OpenSSL reads a key; BoringSSL takes no shorter ones. */
function isPublicKey(key: { readonly kty: string; readonly n: string; readonly e: string }): boolean {
  if (!/^[A-Za-z0-9_-]+$/.test(key.n) || !/^[A-Za-z0-9_-]+$/.test(key.e)) return false;
  try {
    const { modulusLength = 0 } = createPublicKey({ key, format: 'jwk' }).asymmetricKeyDetails ?? {};
    return modulusLength >= 256;
  } catch {
    return false;
  }
}
