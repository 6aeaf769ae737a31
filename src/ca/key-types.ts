// Which keys can be made.

/** Kinds of keys; RSA 2048 is what Istio's agents make. */
export const KEY_TYPES = ['rsa-2048', 'rsa-3072', 'rsa-4096', 'ec-p256', 'ec-p384'] as const;
export type KeyType = (typeof KEY_TYPES)[number];
