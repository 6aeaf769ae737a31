// A throw-away CA for tests: nothing that it signs is worth anything, and nothing is kept.

import { webcrypto } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto as never);

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY = 86_400_000;

/** A certificate and its key in PEM. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
  /** In hexadecimal, as Envoy writes it. */
  readonly serial: string;
}

/** What a certificate is for. */
export interface Subject {
  /** URIs, such as SPIFFE IDs. */
  readonly uris?: readonly string[];
  readonly names?: readonly string[];
}

/** A certificate authority. */
export class Authority {
  private constructor(
    /** Its own certificate in PEM. */
    readonly root: string,
    private readonly certificate: x509.X509Certificate,
    private readonly keys: CryptoKeyPair,
  ) {}

  static async create(): Promise<Authority> {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: '01',
      name: 'CN=Throw-away CA',
      notBefore: new Date(Date.now() - DAY),
      notAfter: new Date(Date.now() + DAY),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return new Authority(certificate.toString('pem'), certificate, keys);
  }

  /** Issues a certificate for both ends of a connection. */
  async issue({ uris = [], names = [] }: Subject): Promise<Issued> {
    const keys = await newKeys();
    const serial = randomSerial();
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serial,
      subject: 'CN=throw-away',
      issuer: this.certificate.subject,
      notBefore: new Date(Date.now() - DAY),
      notAfter: new Date(Date.now() + DAY),
      signingKey: this.keys.privateKey,
      signingAlgorithm: ALGORITHM,
      publicKey: keys.publicKey,
      extensions: [
        new x509.BasicConstraintsExtension(false),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([
          x509.ExtendedKeyUsage.serverAuth,
          x509.ExtendedKeyUsage.clientAuth,
        ]),
        new x509.SubjectAlternativeNameExtension([
          ...uris.map((value) => ({ type: 'url', value }) as const),
          ...names.map((value) => ({ type: 'dns', value }) as const),
        ]),
        await x509.AuthorityKeyIdentifierExtension.create(this.certificate),
      ],
    });
    const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey as webcrypto.CryptoKey);
    return { certificate: certificate.toString('pem'), key: pem(pkcs8), serial };
  }

  /** A list of revoked certificates with nothing on it. */
  async revocations(): Promise<string> {
    const list = await x509.X509CrlGenerator.create({
      issuer: this.certificate.subject,
      thisUpdate: new Date(Date.now() - DAY),
      nextUpdate: new Date(Date.now() + DAY),
      signingKey: this.keys.privateKey,
      signingAlgorithm: ALGORITHM,
    });
    return list.toString('pem');
  }
}

type CryptoKeyPair = Awaited<ReturnType<typeof newKeys>>;

async function newKeys() {
  return (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as unknown as {
    readonly publicKey: x509.PublicKeyType & never;
    readonly privateKey: never;
  };
}

function randomSerial(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(8));
  // Positive, and without a leading zero that some would leave out.
  bytes[0] = ((bytes[0] as number) & 0x3f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}

function pem(pkcs8: ArrayBuffer): string {
  const lines =
    Buffer.from(pkcs8)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n');
}
