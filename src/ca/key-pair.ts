// Private keys of workloads and the requests to sign them. Keys are made in memory and never written.

import 'reflect-metadata';
import { generateKeyPair, type KeyObject, webcrypto } from 'node:crypto';
import { promisify } from 'node:util';
import {
  cryptoProvider,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
} from '@peculiar/x509';
import type { KeyType } from './key-types.js';

cryptoProvider.set(webcrypto);

const generate = promisify(generateKeyPair);

/** A new key, with the request to sign it. */
export interface KeyPair {
  /** PEM: PKCS#1 of RSA keys, as Istio 1.1 has it, and PKCS#8 of others. */
  readonly privateKey: string;
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

/** Makes a key and a request for a certificate whose only name is the identity. */
export async function makeKeyPair(type: KeyType, identity: string): Promise<KeyPair> {
  const { privateKey, publicKey } = await generateKeys(type);
  const algorithm = signingAlgorithm(type);
  const [privateHalf, publicHalf] = await Promise.all([
    webcrypto.subtle.importKey('pkcs8', der(privateKey), algorithm, false, ['sign']),
    webcrypto.subtle.importKey('spki', der(publicKey), algorithm, true, ['verify']),
  ]);
  const csr = await Pkcs10CertificateRequestGenerator.create({
    name: '',
    keys: { privateKey: privateHalf, publicKey: publicHalf } as webcrypto.CryptoKeyPair,
    signingAlgorithm: algorithm,
    extensions: [new SubjectAlternativeNameExtension([{ type: 'url', value: identity }], true)],
  });
  return {
    privateKey: privateKey
      .export({ format: 'pem', type: type.startsWith('rsa') ? 'pkcs1' : 'pkcs8' })
      .toString(),
    csr: `${csr.toString('pem')}\n`,
  };
}

function generateKeys(type: KeyType): Promise<{ privateKey: KeyObject; publicKey: KeyObject }> {
  if (type === 'ec-p256') return generate('ec', { namedCurve: 'P-256' });
  if (type === 'ec-p384') return generate('ec', { namedCurve: 'P-384' });
  return generate('rsa', { modulusLength: Number(type.slice(4)) });
}

function der(key: KeyObject): Buffer {
  return key.type === 'private'
    ? key.export({ format: 'der', type: 'pkcs8' })
    : key.export({ format: 'der', type: 'spki' });
}
