// A CA in memory, for laptops, tests and rehearsals. Its certificates look like Citadel's: the SPIFFE ID is the
// only name, the subject is empty. Its keys are gone when the program ends.

import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { CaError, type CertificateAuthority, type SigningReply, type SigningRequest } from './authority.js';
import { generateKeys, signingAlgorithm } from './key-pair.js';
import type { KeyType } from './key-types.js';

cryptoProvider.set(webcrypto);

/** How the CA is made. */
export interface OwnOptions {
  /** The organization in its names. */
  readonly trustDomain: string;
  readonly keyType: KeyType;
  /** Whether an intermediate signs, and the root only the intermediate. */
  readonly intermediate: boolean;
  /** Lifetimes that are longer are capped, in seconds. */
  readonly maxLifetime: number;
}

interface Signer {
  readonly certificate: X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
  /** Names it in what it signs. */
  readonly keyIdentifier: Extension;
}

const YEAR = 365 * 86_400;
/** Certificates are valid from a little before now, as Vault has it, in seconds. */
const BACKDATED = 30;

/** The CA. */
export class OwnAuthority implements CertificateAuthority {
  readonly name = 'the own CA';
  readonly needsToken = false;
  private generation = 1;

  private constructor(
    private readonly options: OwnOptions,
    private signers: readonly [Signer, ...Signer[]],
  ) {}

  /** Makes a CA with new keys. */
  static async create(options: OwnOptions): Promise<OwnAuthority> {
    return new OwnAuthority(options, await newSigners(options, 1));
  }

  /** PEM of the root. */
  get root(): string {
    return pemOf((this.signers.at(-1) as Signer).certificate);
  }

  /** Replaces all keys of the CA: what it signs from now on leads to another root. */
  async renew(): Promise<void> {
    this.signers = await newSigners(this.options, ++this.generation);
  }

  async sign({ csr, identity, lifetime }: SigningRequest): Promise<SigningReply> {
    const request = readRequest(csr);
    if (!(await request.verify()))
      throw new CaError('the request is not signed by its key', status.INVALID_ARGUMENT);
    const { maxLifetime } = this.options;
    const [signer] = this.signers;
    const certificate = await newCertificate(signer, {
      subject: '',
      publicKey: request.publicKey,
      lifetime: Math.min(lifetime, maxLifetime),
      algorithm: this.options.keyType,
      extensions: [...LEAF, new SubjectAlternativeNameExtension([{ type: 'url', value: identity }], true)],
    });
    return {
      certificates: [certificate, ...this.signers.map((one) => one.certificate)].map(pemOf),
      warnings: lifetime > maxLifetime ? [`the lifetime is capped at ${maxLifetime} s`] : [],
    };
  }

  close(): void {
    // There is nothing to release.
  }
}

const LEAF: readonly Extension[] = [
  new BasicConstraintsExtension(false, undefined, true),
  new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
  new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
];

const CA_USAGE = new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true);

async function newSigners(options: OwnOptions, generation: number): Promise<[Signer, ...Signer[]]> {
  const { keyType, intermediate } = options;
  const organization = `O=${options.trustDomain}`;
  const rootKeys = await generateKeys(keyType);
  const root = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: `${organization}, CN=xdsc root CA ${generation}`,
    ...validFor(10 * YEAR),
    signingAlgorithm: signingAlgorithm(keyType),
    keys: rootKeys,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      CA_USAGE,
      await SubjectKeyIdentifierExtension.create(rootKeys.publicKey),
    ],
  });
  const signer = await signerOf(root, rootKeys);
  if (!intermediate) return [signer];
  const keys = await generateKeys(keyType);
  const certificate = await newCertificate(signer, {
    subject: `${organization}, CN=xdsc intermediate CA ${generation}`,
    publicKey: keys.publicKey,
    lifetime: 5 * YEAR,
    algorithm: keyType,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      CA_USAGE,
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return [await signerOf(certificate, keys), signer];
}

async function signerOf(certificate: X509Certificate, keys: webcrypto.CryptoKeyPair): Promise<Signer> {
  return { certificate, keys, keyIdentifier: await AuthorityKeyIdentifierExtension.create(certificate) };
}

interface ToSign {
  readonly subject: string;
  readonly publicKey: Pkcs10CertificateRequest['publicKey'] | webcrypto.CryptoKey;
  readonly lifetime: number;
  readonly algorithm: KeyType;
  readonly extensions: readonly Extension[];
}

async function newCertificate(
  { certificate, keys, keyIdentifier }: Signer,
  toSign: ToSign,
): Promise<X509Certificate> {
  return X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: toSign.subject,
    issuer: certificate.subjectName,
    ...validFor(toSign.lifetime),
    signingKey: keys.privateKey,
    signingAlgorithm: signingAlgorithm(toSign.algorithm),
    publicKey: toSign.publicKey,
    extensions: [...toSign.extensions, keyIdentifier],
  });
}

function readRequest(csr: string): Pkcs10CertificateRequest {
  try {
    return new Pkcs10CertificateRequest(csr);
  } catch {
    throw new CaError('the request cannot be read', status.INVALID_ARGUMENT);
  }
}

function validFor(lifetime: number): { readonly notBefore: Date; readonly notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - BACKDATED * 1000), notAfter: new Date(now + lifetime * 1000) };
}

function newSerial(): string {
  const bytes = randomBytes(16);
  // Positive, and without a leading zero.
  bytes[0] = ((bytes[0] as number) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

function pemOf(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}
