// The blocks that say where secrets come from: one canonical ConfigSource for one meaning, since Envoy opens
// an SDS stream for each that differs in a byte (envoy#5744).

import type { Api } from '../envoy/detect.js';
import type {
  ApiConfigSource,
  ConfigSource,
} from '../envoy/generated/types/envoy/api/v2/core/config_source.js';
import type { FileBasedMetadataConfig } from '../envoy/generated/types/envoy/config/grpc_credential/v2alpha/file_based_metadata.js';
import { pathConfigSource } from '../envoy/upgrade/entries/config-source.js';
import { INGRESS_GATEWAY_URI } from '../istio/sockets.js';
import type { Fragment } from '../source/fragment.js';

/** The versions of Istio whose node agent's form is known; 1.3 is as 1.2. */
export const ISTIO_VERSIONS = ['1.1', '1.2', '1.3', '1.4', '1.5'] as const;
/** The version whose form is written by default. */
export const DEFAULT_VERSION = '1.1';
export type IstioVersion = (typeof ISTIO_VERSIONS)[number];

/** Istio 1.1's header key, whose spelling 1.2 mended. */
const HEADER_KEY_1_1 = 'istio_sds_credentail_header-bin';
const HEADER_KEY = 'istio_sds_credentials_header-bin';

const FILE_BASED_METADATA = 'envoy.grpc_credentials.file_based_metadata';
const STAT_PREFIX = 'sdsstat';

/** How the SDS server is told who asks. */
export type CallCredentials =
  | { readonly kind: 'token'; readonly filename: string }
  | { readonly kind: 'google_compute_engine' }
  | { readonly kind: 'none' };

/** The node agent's block (Pilot's `ConstructSdsSecretConfig`), in the form of an Istio version. */
export function googleGrpcSource(
  targetUri: string,
  credentials: CallCredentials,
  istio: IstioVersion,
  api: Api = 'v2',
): Fragment {
  return configSource(api, istio === '1.2' || istio === '1.3', {
    grpc_services: [
      {
        google_grpc: {
          target_uri: targetUri,
          channel_credentials: { local_credentials: {} },
          ...callCredentials(credentials, istio, api),
        },
      },
    ],
  });
}

/**
 * The block for credentials of Gateways (Pilot's `ConstructSdsSecretConfigForGatewayListener`): within the
 * pod nobody is asked who they are.
 */
export function ingressGatewaySource(): Fragment {
  return {
    api_config_source: {
      api_type: 'GRPC',
      grpc_services: [{ google_grpc: { target_uri: INGRESS_GATEWAY_URI, stat_prefix: STAT_PREFIX } }],
    } satisfies ApiConfigSource,
  };
}

function callCredentials(credentials: CallCredentials, istio: IstioVersion, api: Api) {
  switch (credentials.kind) {
    case 'none':
      return { stat_prefix: STAT_PREFIX };
    case 'google_compute_engine':
      return { call_credentials: [{ google_compute_engine: {} }], stat_prefix: STAT_PREFIX };
    case 'token':
      return {
        call_credentials: [{ from_plugin: fileBasedMetadata(credentials.filename, istio, api) }],
        stat_prefix: STAT_PREFIX,
        credentials_factory_name: FILE_BASED_METADATA,
      };
  }
}

function fileBasedMetadata(filename: string, istio: IstioVersion, api: Api) {
  return {
    name: FILE_BASED_METADATA,
    typed_config: {
      '@type': `type.googleapis.com/envoy.config.grpc_credential.${api === 'v2' ? 'v2alpha' : 'v3'}.FileBasedMetadataConfig`,
      ...({
        secret_data: { filename },
        header_key: istio === '1.1' ? HEADER_KEY_1_1 : HEADER_KEY,
      } satisfies FileBasedMetadataConfig),
    },
  };
}

/**
 * SDS through a cluster of the bootstrap.
 *
 * @param wait whether Envoy waits for the secret for as long as it takes (`initial_fetch_timeout: 0s`)
 */
export function envoyGrpcSource(clusterName: string, wait: boolean, api: Api = 'v2'): Fragment {
  const services = { grpc_services: [{ envoy_grpc: { cluster_name: clusterName } }] };
  return configSource(api, wait, services satisfies ApiConfigSource);
}

/** SDS from a file that holds the secret. */
export function fileSource(path: string, api: Api = 'v2'): Fragment {
  if (api === 'v2') return { path } satisfies ConfigSource;
  return { path_config_source: pathConfigSource(path), resource_api_version: 'V3' };
}

/** A ConfigSource of a gRPC server; in v3 it says so. */
function configSource(api: Api, wait: boolean, services: { readonly grpc_services: Fragment }): Fragment {
  const version = api === 'v3';
  return {
    api_config_source: {
      api_type: 'GRPC',
      ...(version && { transport_api_version: 'V3' }),
      ...services,
    },
    ...(wait && { initial_fetch_timeout: '0s' }),
    ...(version && { resource_api_version: 'V3' }),
  };
}
