// Private keys of workloads and the requests to sign them. Keys are made in memory and never written.

import 'reflect-metadata';
import { KeyObject, webcrypto } from 'node:crypto';
import {
  cryptoProvider,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
} from '@peculiar/x509';
import type { KeyType } from './key-types.js';

cryptoProvider.set(webcrypto);

/** A new key, with the request to sign it. */
export interface KeyPair {
  /** PEM: PKCS#1 of RSA keys, as Istio 1.1 has it, and PKCS#8 of others. */
  readonly privateKey: string;
  /** DER, as SubjectPublicKeyInfo. */
  readonly publicKey: Buffer;
  /** PEM. */
  readonly csr: string;
}

/** Algorithms as WebCrypto names them. */
export function signingAlgorithm(
  type: KeyType,
): webcrypto.RsaHashedKeyGenParams | (webcrypto.EcKeyGenParams & webcrypto.EcdsaParams) {
  if (type === 'ec-p256') return { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  if (type === 'ec-p384') return { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' };
  return {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: Number(type.slice(4)),
    publicExponent: new Uint8Array([1, 0, 1]),
  };
}

/** Makes keys that can be exported. */
export async function generateKeys(type: KeyType): Promise<webcrypto.CryptoKeyPair> {
  const keys = await webcrypto.subtle.generateKey(signingAlgorithm(type), true, ['sign', 'verify']);
  return keys as webcrypto.CryptoKeyPair;
}

/** Makes a key and a request for a certificate whose only name is the identity. */
export async function makeKeyPair(type: KeyType, identity: string): Promise<KeyPair> {
  const keys = await generateKeys(type);
  const csr = await Pkcs10CertificateRequestGenerator.create({
    name: '',
    keys,
    signingAlgorithm: signingAlgorithm(type),
    extensions: [new SubjectAlternativeNameExtension([{ type: 'url', value: identity }], true)],
  });
  return {
    privateKey: KeyObject.from(keys.privateKey)
      .export({ format: 'pem', type: type.startsWith('rsa') ? 'pkcs1' : 'pkcs8' })
      .toString(),
    publicKey: KeyObject.from(keys.publicKey).export({ format: 'der', type: 'spki' }),
    csr: `${csr.toString('pem')}\n`,
  };
}
