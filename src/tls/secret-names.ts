// Which secret some files are: the names of Istio's workload certificate, the names that the user gives,
// and those that later Istio makes of paths.

import { posix } from 'node:path';
import { WORKLOAD_CHAIN, WORKLOAD_KEY, WORKLOAD_ROOT } from '../istio/workload-files.js';
import type { CertificateFiles, Naming } from './providers/provider.js';

/** Names that the user says the SDS server knows (`--secrets FILE`). */
export interface SecretNames {
  readonly certificates: readonly { readonly name: string; readonly chain: string; readonly key: string }[];
  readonly roots: readonly { readonly name: string; readonly path: string }[];
}

export const NO_SECRET_NAMES: SecretNames = { certificates: [], roots: [] };

/** Istio's and SPIRE's names for the workload's own certificate and for the roots it trusts. */
export const WORKLOAD_SECRET = 'default';
export const ROOT_SECRET = 'ROOTCA';

/** Whether these are the files of Istio's workload certificate. */
export function isWorkloadCertificate({ chain, key }: CertificateFiles): boolean {
  return samePath(chain, WORKLOAD_CHAIN) && samePath(key, WORKLOAD_KEY);
}

/** Whether this is Istio's root certificate. */
export function isWorkloadRoot(path: string): boolean {
  return samePath(path, WORKLOAD_ROOT);
}

/** The user's name for a certificate. */
export function givenCertificateName(
  names: SecretNames,
  { chain, key }: CertificateFiles,
): Naming | undefined {
  const found = names.certificates.find((entry) => samePath(entry.chain, chain) && samePath(entry.key, key));
  return found && { name: found.name };
}

/** The user's name for a root. */
export function givenRootName(names: SecretNames, path: string): Naming | undefined {
  const found = names.roots.find((entry) => samePath(entry.path, path));
  return found && { name: found.name };
}

/** The name of a certificate's files since Istio 1.6. */
export function fileCertificateName({ chain, key }: CertificateFiles): string {
  return `file-cert:${chain}~${key}`;
}

/** The name of a root's file since Istio 1.6. */
export function fileRootName(path: string): string {
  return `file-root:${path}`;
}

/** The files that a secret's name stands for, and whether that is said or only the convention. */
export interface NamedFiles<T> {
  readonly files: T;
  /** `given` by the user, `spelt` in the name itself, or Istio's `convention`. */
  readonly by: 'given' | 'spelt' | 'convention';
}

/** The certificate that a secret's name stands for; empty where nothing tells. */
export function filesOfCertificate(
  names: SecretNames,
  name: string,
): readonly NamedFiles<{ readonly chain: string; readonly key: string }>[] {
  const given = names.certificates.filter((entry) => entry.name === name);
  if (given.length > 0) return given.map(({ chain, key }) => ({ files: { chain, key }, by: 'given' }));
  const [, chain, key] = /^file-cert:([^~]+)~([^~]+)$/.exec(name) ?? [];
  if (chain !== undefined && key !== undefined) return [{ files: { chain, key }, by: 'spelt' }];
  if (name !== WORKLOAD_SECRET) return [];
  return [{ files: { chain: WORKLOAD_CHAIN, key: WORKLOAD_KEY }, by: 'convention' }];
}

/** The roots that a secret's name stands for; empty where nothing tells. */
export function filesOfRoot(names: SecretNames, name: string): readonly NamedFiles<string>[] {
  const given = names.roots.filter((entry) => entry.name === name);
  if (given.length > 0) return given.map(({ path }) => ({ files: path, by: 'given' }));
  const [, path] = /^file-root:(.+)$/.exec(name) ?? [];
  if (path !== undefined) return [{ files: path, by: 'spelt' }];
  return name === ROOT_SECRET ? [{ files: WORKLOAD_ROOT, by: 'convention' }] : [];
}

/** Whether two paths lead to one file. */
export function samePath(a: string, b: string): boolean {
  return a === b || posix.normalize(a) === posix.normalize(b);
}

/** Whether a file is below one of some folders, or there are none. */
export function isUnder(path: string, folders: readonly string[]): boolean {
  if (folders.length === 0) return true;
  const normal = posix.normalize(path);
  return folders.some((folder) => normal.startsWith(`${posix.normalize(folder).replace(/\/$/, '')}/`));
}

/** CA bundles that come with operating systems and images: public roots, no secrets. */
const SYSTEM_BUNDLES = new Set([
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/ssl/certs/ca-bundle.crt',
  '/etc/ssl/certs/ca-bundle.trust.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/pki/tls/cert.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/openssl/certs/ca-certificates.crt',
  '/usr/share/ssl/certs/ca-bundle.crt',
  '/usr/local/share/certs/ca-root-nss.crt',
  '/usr/local/etc/ssl/cert.pem',
  '/system/etc/security/cacerts',
]);

/** Whether a root is the operating system's CA bundle. */
export function isSystemBundle(path: string): boolean {
  return SYSTEM_BUNDLES.has(posix.normalize(path));
}
