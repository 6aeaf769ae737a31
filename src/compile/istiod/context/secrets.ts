// Where secrets come from: the workload's own by its agent, files by the agent too, credentials by the control
// plane or over a socket of their own (istiod 1.29's security/model, pkg/model/authentication.go).

import { memo } from '../../../collections/memo.js';
import type { ConfigSource } from '../../../envoy/generated/types/envoy/config/core/v3/config_source.js';
import type { SdsSecretConfig } from '../../../envoy/generated/types/envoy/extensions/transport_sockets/tls/v3/secret.js';

const OWN_CERTIFICATE = 'default';
const OWN_ROOT = 'ROOTCA';
export const CA_SUFFIX = '-cacert';
export const CONFIG_MAP_PREFIX = 'configmap://';
/** A name of a secret that an SDS server beside istiod has. */
const EXTERNAL_PREFIX = 'sds://';
const BUILT_IN = 'builtin://';
const INVALID = 'invalid://';
const KUBERNETES = 'kubernetes://';
const EXPLICIT_PREFIXES = [KUBERNETES, 'kubernetes-gateway://', CONFIG_MAP_PREFIX];

const AGENT = 'sds-grpc';
const FILE_AGENT = 'sds-files-grpc';
export const EXTERNAL_CLUSTER = 'sds-external';

function apiSource(cluster: string): ConfigSource {
  return {
    api_config_source: {
      api_type: 'GRPC',
      transport_api_version: 'V3',
      grpc_services: [{ envoy_grpc: { cluster_name: cluster } }],
      set_node_on_first_message_only: true,
    },
    resource_api_version: 'V3',
  };
}

const AGENT_SOURCE: ConfigSource = { ...apiSource(AGENT), initial_fetch_timeout: '0s' };
const sources = new Map<string, ConfigSource>();

/** The workload's certificate. */
export const CERTIFICATE: SdsSecretConfig = { name: OWN_CERTIFICATE, sds_config: AGENT_SOURCE };
/** The roots by which the workload knows its peers. */
export const ROOT: SdsSecretConfig = { name: OWN_ROOT, sds_config: AGENT_SOURCE };

/** A secret of a server of SDS that is a cluster. */
function secretFrom(name: string, cluster: string): SdsSecretConfig {
  return { name, sds_config: memo(sources, cluster, () => apiSource(cluster)) };
}

/** A secret that the agent reads from files; with a socket of its own for them. */
export function fileSecret(name: string, ownSocket: boolean): SdsSecretConfig {
  return secretFrom(name, ownSocket ? FILE_AGENT : AGENT);
}

/** The name of a certificate in files. */
export function certificateFiles(chain: string, key: string): string {
  return `file-cert:${chain}~${key}`;
}

/** The name of roots in a file. */
export function rootFile(path: string): string {
  return `file-root:${path}`;
}

const ADS = { ads: {}, resource_api_version: 'V3' } as const;

/**
 * The secret of a credential name.
 *
 * @param ownSocket whether the proxy has a socket for secrets of SDS servers beside istiod
 * @param external finds the cluster of a named SDS server; undefined where the name is none
 */
export function credentialSecret(
  name: string,
  ownSocket: boolean,
  external: (server: string) => string | undefined = () => undefined,
): SdsSecretConfig {
  if (name === BUILT_IN) return CERTIFICATE;
  if (name === BUILT_IN + CA_SUFFIX) return ROOT;
  if (name.startsWith(EXTERNAL_PREFIX)) {
    const cluster = external(name.slice(EXTERNAL_PREFIX.length));
    if (cluster !== undefined) return secretFrom(name, cluster);
    if (ownSocket) return secretFrom(name, EXTERNAL_CLUSTER);
  }
  return { name: resourceName(name), sds_config: ADS };
}

function resourceName(name: string): string {
  if (name.startsWith(BUILT_IN)) return OWN_CERTIFICATE;
  if (name.startsWith(INVALID)) return INVALID;
  return EXPLICIT_PREFIXES.some((prefix) => name.startsWith(prefix)) ? name : KUBERNETES + name;
}

/** Names that must be met exactly; undefined for none. */
export function exactNames(names: readonly string[] | undefined) {
  return names === undefined || names.length === 0 ? undefined : names.map((exact) => ({ exact }));
}
