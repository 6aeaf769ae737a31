// Istio's node agent on a socket, reached by google_grpc with the workload's token as call credentials:
// what Istio 1.1 to 1.5 write. It answers every name but ROOTCA with the workload's own certificate, so
// other files keep their place unless the user says that the server knows them.

import {
  fileCertificateName,
  fileRootName,
  givenCertificateName,
  givenRootName,
  isWorkloadCertificate,
  isWorkloadRoot,
  ROOT_SECRET,
  type SecretNames,
  WORKLOAD_SECRET,
} from '../secret-names.js';
import type { Naming, Provider, SdsCluster, SdsSource } from './provider.js';

/** What the provider is made of. */
export interface NodeAgentOptions {
  readonly name: string;
  readonly description: string;
  readonly source: SdsSource;
  readonly cluster: SdsCluster | undefined;
  readonly secrets: SecretNames;
  /** Give other files the names that they have since Istio 1.6. */
  readonly allFiles: boolean;
  /** Whether the server is known to serve files under those names. */
  readonly knowsFileNames: boolean;
}

/** A server that has Istio's names: the node agent of 1.1 to 1.5, or the agent in today's proxy. */
export function istioProvider(options: NodeAgentOptions): Provider {
  const { secrets, allFiles, knowsFileNames } = options;
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
    name: options.name,
    description: options.description,
    cluster: options.cluster,
    needsNode: true,
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
    source: (_, api) => options.source(api),
    secretFiles: () => [],
  };
}
