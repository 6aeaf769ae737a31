// An SDS server of the user's own: it knows the names that --secrets gives, and with --all-files those that
// later Istio makes of paths.

import { WORKLOAD_CHAIN, WORKLOAD_KEY, WORKLOAD_ROOT } from '../../istio/workload-files.js';
import {
  fileCertificateName,
  fileRootName,
  givenCertificateName,
  givenRootName,
  NO_SECRET_NAMES,
} from '../secret-names.js';
import {
  FILES_ONLY,
  type ProviderOptions,
  type ReachedServer,
  refusedByOthers,
  type ServerDescriptor,
} from './descriptor.js';
import { ISTIO_VOLUME } from './istio.js';
import type { Naming, Provider } from './provider.js';

/** The user's own server. */
export const custom = {
  name: 'custom',
  help: 'a server of your own',
  refuses: { secretsDir: FILES_ONLY, mesh: refusedByOthers('custom').mesh },
  server: {
    title: () => 'an SDS server',
    address: ({ sdsCluster }) => (sdsCluster !== undefined ? { target: '' } : { problem: NO_ADDRESS }),
    transport: () => 'google_grpc',
    cluster: 'sds-grpc',
    credentials: () => ({ kind: 'none' }),
    waits: false,
  },
  pods: (provider) =>
    servesWorkload(provider)
      ? { mounted: 'socket', volume: ISTIO_VOLUME }
      : { keeps: "--secrets does not say that the server knows the workload's own certificate and root" },
  provider: customProvider,
} as const satisfies ServerDescriptor;

const NO_ADDRESS =
  '--provider custom needs --sds-path (a socket or target) or --sds-cluster (a cluster of the bootstrap)';

function servesWorkload(provider: Provider): boolean {
  const files = { chain: WORKLOAD_CHAIN, key: WORKLOAD_KEY, extras: {} };
  return 'name' in provider.nameCertificate(files, 'v2') && 'name' in provider.nameRoot(WORKLOAD_ROOT, 'v2');
}

function customProvider(
  { description, source, cluster }: ReachedServer,
  { secrets = NO_SECRET_NAMES, allFiles }: ProviderOptions,
): Provider {
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
    name: custom.name,
    description,
    cluster,
    deliversExtras: false,
    nameCertificate: (files) =>
      givenCertificateName(secrets, files) ??
      byPath(fileCertificateName(files), `${files.chain} and ${files.key}`),
    nameRoot: (path) => givenRootName(secrets, path) ?? byPath(fileRootName(path), path),
    source: (_, api) => source(api),
    secretFiles: () => [],
  };
}
