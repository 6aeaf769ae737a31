// Texts in the place of a path. Some hold the key itself, which then must go nowhere.

import { holdsSecret, looksLikeKey } from './looks-secret.js';

/** Whether a text that stands where a path is expected is a key, a certificate or a token instead. */
export function isKeyForPath(text: string): boolean {
  if (/[\r\n]/.test(text) || holdsSecret(text)) return true;
  // Hashes are part of some absolute paths.
  return !/^(?:\.{0,2}\/|\w+\/)/.test(text) && looksLikeKey(text);
}
