// Values of Istio 1.1's Helm chart as the MeshConfig that the chart makes of them (its configmap.yaml), and the
// policies that `global.mtls` makes (its enable-mesh-mtls.yaml and enable-mesh-permissive.yaml).

import type { Global } from '../envoy/generated/types/helm/v1/values.js';
import type { MeshConfig } from '../envoy/generated/types/mesh/v1alpha1/config.js';
import type { Finding } from '../finding/finding.js';
import { NODE_AGENT_URI } from '../istio/sockets.js';
import { DEFAULT_DOMAIN } from '../istio/trust-domain.js';
import { type Document, readSource } from '../source/document.js';
import type { MeshSettings } from './model.js';

/** What the chart says, whatever its values. */
const CHART: MeshConfig = { connect_timeout: '10s', access_log_file: '' };

/** What some values of `global` make. */
export interface ValuesSettings {
  readonly given: MeshConfig;
  readonly mutualTls: boolean | undefined;
  readonly problem: Pick<Finding, 'message' | 'remedy'> | undefined;
}

/** The settings that values of `global` make; what they do not say is as the chart has it. */
export function settingsOfValues(global: Global): ValuesSettings {
  const { mtls, proxy = {}, sds = {} } = global;
  const path = sds.uds_path ?? '';
  const visibility = global.default_config_visibility_settings;
  return {
    given: {
      ...CHART,
      ...defined({
        enable_tracing: global.enable_tracing,
        access_log_file: proxy.access_log_file,
        access_log_format: proxy.access_log_format,
        access_log_encoding: proxy.access_log_encoding,
        dns_refresh_rate: proxy.dns_refresh_rate,
        outbound_traffic_policy: global.outbound_traffic_policy,
        sds_uds_path: sds.enabled === true ? path : '',
        enable_sds_token_mount: sds.use_trustworthy_jwt,
        sds_use_k8s_sa_jwt: sds.use_normal_jwt,
        trust_domain: global.trust_domain,
        root_namespace: global.config_root_namespace || undefined,
        locality_lb_setting: global.locality_lb_setting,
        default_service_export_to: visibility,
        default_virtual_service_export_to: visibility,
        default_destination_rule_export_to: visibility,
      }),
      default_config: {
        ...(proxy.concurrency !== undefined && { concurrency: proxy.concurrency }),
        control_plane_auth_policy: global.control_plane_security_enabled === true ? 'MUTUAL_TLS' : 'NONE',
      },
    },
    mutualTls: mtls?.enabled,
    problem: sdsProblem(sds.enabled === true, path),
  };
}

function sdsProblem(enabled: boolean, path: string): ValuesSettings['problem'] {
  if (enabled && path === '')
    return {
      message: 'global.sds is enabled without udsPath, so certificates stay in files',
      remedy: `set global.sds.udsPath, e.g. to ${NODE_AGENT_URI}`,
    };
  if (!enabled && path !== '')
    return {
      message: 'global.sds.udsPath is set but global.sds is not enabled, so certificates stay in files',
      remedy: 'set global.sds.enabled to true',
    };
  return undefined;
}

/** An object without the fields that are undefined. */
function defined<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** What the text of the chart's resources is called. */
export const CHART_SOURCE = 'global.mtls';

const MESH_MTLS = `apiVersion: authentication.istio.io/v1alpha1
kind: MeshPolicy
metadata: {name: default}
spec: {peers: [{mtls: {}}]}
---
apiVersion: networking.istio.io/v1alpha3
kind: DestinationRule
metadata: {name: default, namespace: NAMESPACE}
spec: {host: "*.local", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
---
apiVersion: networking.istio.io/v1alpha3
kind: DestinationRule
metadata: {name: api-server, namespace: NAMESPACE}
spec: {host: kubernetes.default.svc.${DEFAULT_DOMAIN}, trafficPolicy: {tls: {mode: DISABLE}}}
`;

const MESH_PERMISSIVE = `apiVersion: authentication.istio.io/v1alpha1
kind: MeshPolicy
metadata: {name: default}
spec: {peers: [{mtls: {mode: PERMISSIVE}}]}
`;

/** The resources that the chart makes for the whole mesh. */
export function chartPolicies({
  chart_mutual_tls: mutualTls,
  root_namespace = '',
}: MeshSettings): readonly Document[] {
  if (mutualTls === undefined) return [];
  const text = mutualTls ? MESH_MTLS.replaceAll('NAMESPACE', root_namespace) : MESH_PERMISSIVE;
  return readSource(CHART_SOURCE, text).documents;
}
