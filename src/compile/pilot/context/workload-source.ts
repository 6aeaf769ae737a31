// Where a workload's certificate and the roots it trusts come from under SDS: the node agent's socket, with
// the call credentials that the mesh and the node choose (Pilot 1.1's ConstructSdsSecretConfig).

import { ISTIO_TOKEN, KUBERNETES_TOKEN } from '../../../istio/tokens.js';
import type { MeshSettings } from '../../../mesh/model.js';
import { type CallCredentials, googleGrpcSource } from '../../../tls/sds-source.js';
import { ROOT_SECRET, WORKLOAD_SECRET } from '../../../tls/secret-names.js';
import type { Certificate, Root, SdsSecret } from '../../../tls/settings.js';

/** The workload's secrets; the same objects for all contexts of a proxy, since they must be the same bytes. */
export interface WorkloadSource {
  readonly certificate: SdsSecret;
  readonly root: SdsSecret;
  /** The same as contexts have them. */
  readonly presented: readonly Certificate[];
  readonly trusted: Root;
}

/** The workload's secrets under SDS; undefined where the mesh has no SDS socket. */
export function sdsSource(
  settings: MeshSettings,
  metadata: { readonly [name: string]: string },
): WorkloadSource | undefined {
  const socket = settings.sds_uds_path ?? '';
  if (socket === '') return undefined;
  const source = googleGrpcSource(socket, callCredentials(settings, metadata), '1.1');
  const certificate = { name: WORKLOAD_SECRET, source };
  const root = { name: ROOT_SECRET, source };
  return {
    certificate,
    root,
    presented: [{ delivery: 'sds', secret: certificate }],
    trusted: { delivery: 'sds', secret: root },
  };
}

function callCredentials(
  settings: MeshSettings,
  metadata: { readonly [name: string]: string },
): CallCredentials {
  const own = metadata.SDS_TOKEN_PATH ?? '';
  if (own !== '') return { kind: 'token', filename: own };
  if (settings.enable_sds_token_mount === true) return { kind: 'token', filename: ISTIO_TOKEN };
  if (settings.sds_use_k8s_sa_jwt === true) return { kind: 'token', filename: KUBERNETES_TOKEN };
  return { kind: 'google_compute_engine' };
}
