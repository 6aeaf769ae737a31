// An SDS server of the user's own: it knows the names that --secrets gives, and with --all-files those that
// later Istio makes of paths.

import {
  fileCertificateName,
  fileRootName,
  givenCertificateName,
  givenRootName,
  type SecretNames,
} from '../secret-names.js';
import type { Naming, Provider, SdsCluster, SdsSource } from './provider.js';

/** What the provider is made of. */
export interface CustomOptions {
  readonly description: string;
  readonly source: SdsSource;
  readonly cluster: SdsCluster | undefined;
  readonly secrets: SecretNames;
  readonly allFiles: boolean;
}

/** The user's own server. */
export function customProvider({ description, source, cluster, secrets, allFiles }: CustomOptions): Provider {
  const byPath = (name: string, files: string): Naming =>
    allFiles
      ? {
          name,
          warning: { code: 'secret-must-be-known', message: `the SDS server must know the secret ${name}` },
        }
      : {
          reason: 'not-workload-files',
          detail: `--secrets has no name for ${files}`,
          remedy: 'add it to --secrets, or give --all-files',
        };
  return {
    name: 'custom',
    description,
    cluster,
    needsNode: true,
    deliversExtras: false,
    nameCertificate: (files) =>
      givenCertificateName(secrets, files) ??
      byPath(fileCertificateName(files), `${files.chain} and ${files.key}`),
    nameRoot: (path) => givenRootName(secrets, path) ?? byPath(fileRootName(path), path),
    source: (_, api) => source(api),
    secretFiles: () => [],
  };
}
