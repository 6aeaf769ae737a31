// Istio's node agent on a socket, reached by google_grpc with the workload's token as call credentials:
// what Istio 1.1 to 1.5 write. It answers every name but ROOTCA with the workload's own certificate, so
// other files keep their place unless the user says that the server knows them.

import { NODE_AGENT_URI, targetUri } from '../../istio/sockets.js';
import { ISTIO_TOKEN, KUBERNETES_TOKEN } from '../../istio/tokens.js';
import { type CallCredentials, DEFAULT_VERSION } from '../sds-source.js';
import {
  fileCertificateName,
  fileRootName,
  givenCertificateName,
  givenRootName,
  isWorkloadCertificate,
  isWorkloadRoot,
  NO_SECRET_NAMES,
  ROOT_SECRET,
  WORKLOAD_SECRET,
} from '../secret-names.js';
import {
  FILES_ONLY,
  type MeshSdsSettings,
  type ProviderOptions,
  type ReachedServer,
  type ServerAddress,
  type ServerDescriptor,
} from './descriptor.js';
import type { Naming, Provider } from './provider.js';

/** The names of the socket's volume: in sidecars that of Istio's injector, in gateways that of its chart. */
export const ISTIO_VOLUME = { sidecar: 'sds-uds-path', gateway: 'sdsudspath' };

/** The node agent of Istio 1.1 to 1.5. */
export const istio = {
  name: 'istio',
  help: 'the node agent of Istio 1.1 to 1.5: google_grpc with a token',
  refuses: { secretsDir: FILES_ONLY },
  server: {
    title: ({ istio: version = DEFAULT_VERSION }) => `Istio ${version}'s node agent`,
    address: ({ mesh }) => (mesh === undefined ? { target: NODE_AGENT_URI } : addressIn(mesh)),
    // Istio 1.5 kept google_grpc on the node agent's socket only; its own agent is reached through a cluster.
    transport: ({ istio: version }, target) =>
      version === '1.5' && targetUri(target) !== NODE_AGENT_URI ? 'envoy_grpc' : 'google_grpc',
    cluster: 'sds-grpc',
    credentials: ({ mesh }) => credentialsIn(mesh),
    waits: false,
  },
  pods: () => ({ mounted: 'socket', volume: ISTIO_VOLUME }),
  provider: (reached, options) => istioProvider('istio', reached, options, false),
} as const satisfies ServerDescriptor;

function addressIn({ sdsUdsPath, sdsUdsPathRegion }: MeshSdsSettings): ServerAddress {
  if (sdsUdsPath !== '') return { target: sdsUdsPath };
  return {
    problem: "the mesh's sdsUdsPath is empty, so SDS is off in it: give --sds-path, or a mesh with SDS",
    ...(sdsUdsPathRegion !== undefined && { region: sdsUdsPathRegion }),
  };
}

/** In the order of Pilot 1.1's ConstructSdsSecretConfig. */
function credentialsIn(mesh: MeshSdsSettings | undefined): CallCredentials {
  if (mesh === undefined || mesh.enableSdsTokenMount) return { kind: 'token', filename: ISTIO_TOKEN };
  if (mesh.sdsUseK8sSaJwt) return { kind: 'token', filename: KUBERNETES_TOKEN };
  return { kind: 'google_compute_engine' };
}

/**
 * A server that has Istio's names: the node agent of 1.1 to 1.5, or the agent in today's proxy.
 *
 * @param knowsFileNames whether the server is known to serve other files under the names since Istio 1.6
 */
export function istioProvider(
  name: string,
  { description, source, cluster }: ReachedServer,
  { secrets = NO_SECRET_NAMES, allFiles }: ProviderOptions,
  knowsFileNames: boolean,
): Provider {
  const byPath = (name: string): Naming => {
    if (knowsFileNames) return { name };
    const message = `the SDS server must know the secret ${name}: Istio 1.1's node agent answers it with the workload's own certificate`;
    return { name, warning: { code: 'secret-must-be-known', message } };
  };
  const foreign = (detail: string): Naming => ({
    reason: 'not-workload-files',
    detail,
    remedy: 'name them in --secrets if the SDS server knows them, or convert with --provider files',
  });
  return {
    name,
    description,
    cluster,
    deliversExtras: false,
    nameCertificate(files) {
      const given = givenCertificateName(secrets, files);
      if (given !== undefined) return given;
      if (isWorkloadCertificate(files)) return { name: WORKLOAD_SECRET };
      if (allFiles || knowsFileNames) return byPath(fileCertificateName(files));
      return foreign(`${files.chain} and ${files.key} are not the workload's own certificate`);
    },
    nameRoot(path) {
      const given = givenRootName(secrets, path);
      if (given !== undefined) return given;
      if (isWorkloadRoot(path)) return { name: ROOT_SECRET };
      if (allFiles || knowsFileNames) return byPath(fileRootName(path));
      return foreign(`${path} is not the mesh's root certificate`);
    },
    source: (_, api) => source(api),
    secretFiles: () => [],
  };
}
