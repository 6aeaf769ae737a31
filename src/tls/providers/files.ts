// File-based SDS: each secret in a file of its own that Envoy reads and watches. For fleets without an SDS
// server; any certificate and root can move, since nothing but the delivery of the same files changes.

import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { stringify } from 'yaml';
import { compareText } from '../../collections/compare-text.js';
import type { Api } from '../../envoy/detect.js';
import type { Fragment } from '../../source/fragment.js';
import { fileSource } from '../sds-source.js';
import {
  givenCertificateName,
  givenRootName,
  isWorkloadCertificate,
  isWorkloadRoot,
  NO_SECRET_NAMES,
  ROOT_SECRET,
  type SecretNames,
  WORKLOAD_SECRET,
} from '../secret-names.js';
import type { FilesDescriptor } from './descriptor.js';
import type { CertificateFiles, Naming, Provider, SecretFile } from './provider.js';

const SECRET_TYPES: Readonly<Record<Api, string>> = {
  v2: 'type.googleapis.com/envoy.api.v2.auth.Secret',
  v3: 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret',
};

const NO_SERVER = 'cannot be combined with --provider files, which has no SDS server';

/** File-based SDS. */
export const files = {
  name: 'files',
  help: 'file-based SDS: Secret files are written beside the config',
  refuses: {
    sdsPath: `--sds-path ${NO_SERVER}`,
    token: `--token ${NO_SERVER}`,
    transport: `--transport ${NO_SERVER}`,
    sdsCluster: `--sds-cluster ${NO_SERVER}`,
    mesh: `--mesh ${NO_SERVER}`,
    istio: `--istio ${NO_SERVER}`,
  },
  server: undefined,
  pods: () => ({ keeps: 'the Secret files name files of the mounted secret, so the pod keeps it' }),
  provider: ({ secretsDir, secrets = NO_SECRET_NAMES }) =>
    secretsDir === undefined ? { problem: NO_FOLDER } : filesProvider(secretsDir, secrets),
} as const satisfies FilesDescriptor;

const NO_FOLDER =
  '--provider files needs --secrets-dir DIR, the folder of the Secret files as Envoy will see it';

/** @param folder the folder of the Secret files, as Envoy will see it */
function filesProvider(folder: string, secrets: SecretNames): Provider {
  const written = new Map<string, SecretFile>();
  const names = new Map<string, string>();
  const reserved = new Set<string>();

  /** One name for one content: the name that is given, else one that says where the files are. */
  const secret = (
    given: string | undefined,
    path: string,
    api: Api,
    content: { readonly [field: string]: Fragment },
  ): Naming => {
    const said = JSON.stringify(content) + (api === 'v2' ? '' : api);
    const digest = createHash('sha256').update(said).digest('hex').slice(0, 8);
    const known = names.get(digest);
    if (known !== undefined) return { name: known };
    const isFree = given !== undefined && !written.has(given) && !reserved.has(given);
    const name = isFree ? given : `${given ?? pathName(path)}-${digest}`;
    names.set(digest, name);
    written.set(name, {
      filename: filenameOf(name),
      content: stringify({ resources: [{ '@type': SECRET_TYPES[api], name, ...content }] }, { lineWidth: 0 }),
    });
    return { name };
  };

  return {
    name: files.name,
    description: `file-based SDS, Secret files in ${folder}`,
    cluster: undefined,
    deliversExtras: true,
    reserve: (_, name) => reserved.add(name),
    nameCertificate: (certificate, api) =>
      secret(certificateName(secrets, certificate), certificate.chain, api, {
        tls_certificate: {
          ...tlsCertificate(certificate),
          ...watchedFolder([certificate.chain, certificate.key], api),
        },
      }),
    nameRoot: (path, api) =>
      secret(rootName(secrets, path), path, api, {
        validation_context: { trusted_ca: { filename: path }, ...watchedFolder([path], api) },
      }),
    source: (name, api) => fileSource(posix.join(folder, filenameOf(name)), api),
    secretFiles: () => [...written.values()].sort((a, b) => compareText(a.filename, b.filename)),
  };
}

/** The folder of files that Kubernetes changes by a link beside them; only v3 has a place for it. */
function watchedFolder(paths: readonly string[], api: Api): { readonly [field: string]: Fragment } {
  const [folder, ...others] = new Set(paths.map((path) => posix.dirname(path)));
  if (api === 'v2' || folder === undefined || others.length > 0 || folder === '/' || folder === '.')
    return {};
  return { watched_directory: { path: folder } };
}

function tlsCertificate({ chain, key, extras }: CertificateFiles): { readonly [field: string]: Fragment } {
  return { certificate_chain: { filename: chain }, private_key: { filename: key }, ...extras };
}

function certificateName(secrets: SecretNames, files: CertificateFiles): string | undefined {
  const given = givenCertificateName(secrets, files);
  if (given !== undefined && 'name' in given) return given.name;
  return isWorkloadCertificate(files) ? WORKLOAD_SECRET : undefined;
}

function rootName(secrets: SecretNames, path: string): string | undefined {
  const given = givenRootName(secrets, path);
  if (given !== undefined && 'name' in given) return given.name;
  return isWorkloadRoot(path) ? ROOT_SECRET : undefined;
}

/** Whether a name is one that this provider gives to the files at a path, where nothing else names them. */
export function isPathName(name: string, path: string): boolean {
  const plain = pathName(path);
  return (
    name === plain || (name.startsWith(`${plain}-`) && /^[\da-f]{8}$/.test(name.slice(plain.length + 1)))
  );
}

/** Where a file is, in letters and digits: `/etc/envoy/tls.crt` is `etc-envoy-tls`. */
function pathName(path: string): string {
  const name = path
    .replace(/\.[A-Za-z]+$/, '')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return name === '' ? 'secret' : name;
}

/** A file's name for a secret's; names that differ have files that differ. */
function filenameOf(name: string): string {
  const plain = name.replace(/[^\w.-]+/g, '-').replace(/^\.+/, '');
  if (plain === name) return `${name}.yaml`;
  return `${plain}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}.yaml`;
}
