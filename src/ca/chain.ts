// A CA's answer, put in order and checked: the certificate for the key that was asked for, what signed it, and
// the root. CAs differ in order, final newlines and how many certificates an entry holds.

import { X509Certificate } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { CaError } from './authority.js';

/** A checked certificate with what vouches for it. */
export interface Chain {
  /** PEM of the certificate and the intermediates that lead to a root, each with a final newline. */
  readonly certificates: readonly string[];
  /** PEM of the root. */
  readonly root: string;
  /** In hexadecimal, as Envoy's admin interface shows it. */
  readonly serial: string;
  /** In milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** What a chain has to fulfil. */
export interface Expectations {
  /** As messages name the CA. */
  readonly ca: string;
  readonly identity: string;
  /** DER of the public key that was sent, as SubjectPublicKeyInfo. */
  readonly publicKey: Buffer;
  /** PEM of roots to use where the CA sends none. */
  readonly roots: readonly string[];
  /** In milliseconds since 1970. */
  readonly now: number;
}

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** How far the clocks of the CA and of this machine may be apart, in milliseconds. */
const TOLERANCE = 1000;

/** The certificates in a PEM text, each with a final newline. */
export function splitPem(text: string): string[] {
  return (text.match(PEM) ?? []).map((one) => `${one}\n`);
}

/**
 * Puts the answer of a CA in order and checks it.
 *
 * @throws a CaError that says what is wrong with the answer
 */
export function checkChain(texts: readonly string[], expected: Expectations): Chain {
  const { ca, identity, now } = expected;
  const certificates = readAll(texts, ca);
  const leaf = certificates.find((one) => publicKeyOf(one).equals(expected.publicKey));
  if (certificates.length === 0) throw bad(`${ca} returned no certificate`);
  if (leaf === undefined)
    throw bad(`${ca} returned a certificate for another key than the one in the request`);
  const names = uriNames(leaf);
  if (names.length !== 1 || names[0] !== identity)
    throw bad(
      `${ca} returned a certificate for ${names.length === 0 ? 'no SPIFFE ID' : names.join(', ')}, not for ${identity}`,
    );
  const notBefore = Date.parse(leaf.validFrom);
  const notAfter = Date.parse(leaf.validTo);
  if (notBefore > now + TOLERANCE)
    throw bad(
      `the certificate from ${ca} is not valid until ${seconds(notBefore - now)} from now; check the clocks of this machine and of the CA`,
    );
  if (notAfter <= now)
    throw bad(
      `the certificate from ${ca} expired ${seconds(now - notAfter)} ago; check the clocks of this machine and of the CA`,
    );
  const { path, root } = pathToRoot(leaf, certificates, expected);
  return {
    certificates: path.map(pemOf),
    root: pemOf(root),
    serial: leaf.serialNumber.toLowerCase(),
    notBefore,
    notAfter,
  };
}

function readAll(texts: readonly string[], ca: string): X509Certificate[] {
  return texts.flatMap(splitPem).map((pem) => {
    try {
      return new X509Certificate(pem);
    } catch {
      throw bad(`${ca} returned a certificate that cannot be read`);
    }
  });
}

/** The certificate and its intermediates, and the root that they lead to. */
function pathToRoot(
  leaf: X509Certificate,
  given: readonly X509Certificate[],
  { ca, roots }: Expectations,
): { readonly path: readonly X509Certificate[]; readonly root: X509Certificate } {
  const known = [...given, ...readAll(roots, 'the file of trusted roots')];
  const path = [leaf];
  for (let at = leaf; ; ) {
    const issuer = known.find(
      (one) => !path.includes(one) && at.checkIssued(one) && at.verify(one.publicKey),
    );
    if (issuer === undefined)
      throw bad(
        given.length === 1
          ? `${ca} returned a certificate without its root; name the root's file with --ca-trust`
          : `${ca} returned certificates that do not lead from the workload's certificate to a root`,
      );
    if (issuer.checkIssued(issuer) || roots.some((root) => root === pemOf(issuer)))
      return { path, root: issuer };
    path.push(issuer);
    at = issuer;
  }
}

function publicKeyOf(certificate: X509Certificate): Buffer {
  return certificate.publicKey.export({ format: 'der', type: 'spki' });
}

function uriNames({ subjectAltName = '' }: X509Certificate): string[] {
  return subjectAltName.split(', ').flatMap((name) => (/^URI:./.test(name) ? [name.slice(4)] : []));
}

function pemOf(certificate: X509Certificate): string {
  return `${certificate.toString().trimEnd()}\n`;
}

function seconds(milliseconds: number): string {
  return `${Math.ceil(milliseconds / 1000).toLocaleString('en')} s`;
}

function bad(message: string): CaError {
  return new CaError(message, status.INTERNAL);
}
