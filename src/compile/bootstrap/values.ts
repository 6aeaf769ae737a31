// The values that a template is given: what mesh, proxy and options say, ready to be written. What a proxy
// has not is null, so that a template can ask for it. docs/bootstrap.md lists them.

import type { Cluster } from '../../envoy/generated/types/envoy/api/v2/cluster.js';
import type { Node } from '../../envoy/generated/types/envoy/api/v2/core/base.js';
import type { Listener } from '../../envoy/generated/types/envoy/api/v2/listener.js';
import type { Finding } from '../../finding/finding.js';
import { quotedValue } from '../../secrecy/quoted.js';
import type { WrittenTlsContext } from '../../tls/write.js';
import { fileValidation, upstreamContext } from '../pilot/clusters/upstream-tls.js';
import type { Context } from '../pilot/context/context.js';
import { ADDRESS_FORM, type SocketAddress, socketAddress } from './address.js';
import { pilotSan, pilotTls } from './control-plane.js';
import type { FilePaths } from './discovery-files.js';
import { nodeOf } from './node.js';
import type { FullProxyConfig } from './proxy-config.js';
import type { StaticResources } from './static-resources.js';
import { type Statistics, statistics } from './statistics.js';
import { accessTokenFile, withoutSecrets } from './unread-settings.js';

/** Where a proxy's configuration comes from: the bootstrap itself, files beside it, or a control plane. */
export const DISCOVERIES = ['static', 'files', 'ads'] as const;
export type Discovery = (typeof DISCOVERIES)[number];

/** Where the certificate for the connection to the control plane comes from. */
export const CONTROL_PLANE_TLS = ['files', 'sds'] as const;
export type ControlPlaneTls = (typeof CONTROL_PLANE_TLS)[number];

/** Settings of a bootstrap that no ProxyConfig has. */
export interface BootstrapSettings {
  /** By default SDS where the mesh has it. */
  readonly controlPlaneTls?: ControlPlaneTls;
  /** Who the control plane may be; by default Pilot's account. */
  readonly pilotSans?: readonly string[];
  /** Envoy's runtime keys. */
  readonly runtime?: { readonly [key: string]: string | number | boolean };
  /** How large the heap may grow before Envoy refuses work. */
  readonly maxHeapBytes?: number;
}

/** A service that is reached at an address. */
interface Reached {
  readonly address: SocketAddress;
}

/** The values of a template. */
export interface BootstrapValues {
  readonly node: Node;
  readonly admin: SocketAddress;
  /** Everything that the ProxyConfig says but secrets, defaults included. */
  readonly config: FullProxyConfig;
  readonly discovery: {
    readonly static: boolean;
    readonly files: FilePaths | null;
    readonly ads: boolean;
  };
  readonly control_plane: Reached & {
    readonly connect_timeout: string;
    readonly tls_context: WrittenTlsContext | null;
  };
  readonly tracing: {
    readonly zipkin: Reached | null;
    readonly lightstep:
      | (Reached & { readonly tls_context: WrittenTlsContext | null; readonly access_token_file: string })
      | null;
    readonly datadog: (Reached & { readonly service_name: string }) | null;
  };
  readonly statsd: Reached | null;
  readonly metrics_service: Reached | null;
  readonly stats: Statistics;
  readonly runtime: BootstrapSettings['runtime'] | null;
  readonly overload: { readonly max_heap_bytes: number } | null;
  readonly clusters: readonly Cluster[];
  readonly listeners: readonly Listener[];
}

/** What a bootstrap is made from. */
export interface BootstrapSource {
  readonly context: Context;
  readonly config: FullProxyConfig;
  /** Of the proxy's pod, and those that were given for it. */
  readonly annotations: { readonly [name: string]: string };
  readonly settings: BootstrapSettings;
  readonly discovery: Discovery;
  /** What is in the bootstrap itself. */
  readonly resources: StaticResources;
  /** Where Envoy finds the files with the rest. */
  readonly files: FilePaths | undefined;
}

/** The values for a proxy's bootstrap. What is wrong with them is added to the findings. */
export function bootstrapValues(source: BootstrapSource, findings: Finding[]): BootstrapValues {
  const { annotations, config, context, discovery, files, resources, settings } = source;
  const address = addressReader(findings);
  const pilot = address('discovery_address', config.discovery_address);
  const tracing = config.tracing ?? {};
  const { runtime, maxHeapBytes } = settings;
  return {
    node: nodeOf(context.proxy, config.service_cluster, annotations),
    admin: { address: '127.0.0.1', port_value: config.proxy_admin_port },
    config: withoutSecrets(config),
    discovery: { static: discovery === 'static', files: files ?? null, ads: discovery === 'ads' },
    control_plane: {
      address: pilot,
      connect_timeout: config.connect_timeout,
      tls_context: controlPlaneTls(source, pilot, findings),
    },
    tracing: {
      zipkin: tracing.zipkin ? { address: address('tracing.zipkin.address', tracing.zipkin.address) } : null,
      lightstep: tracing.lightstep
        ? {
            address: address('tracing.lightstep.address', tracing.lightstep.address),
            tls_context: tracing.lightstep.secure ? lightstepTls(tracing.lightstep.cacert_path) : null,
            access_token_file: accessTokenFile(config),
          }
        : null,
      datadog: tracing.datadog
        ? {
            address: address('tracing.datadog.address', tracing.datadog.address),
            service_name: config.service_cluster,
          }
        : null,
    },
    statsd: config.statsd_udp_address
      ? { address: address('statsd_udp_address', config.statsd_udp_address) }
      : null,
    metrics_service: config.envoy_metrics_service_address
      ? { address: address('envoy_metrics_service_address', config.envoy_metrics_service_address) }
      : null,
    stats: statistics(annotations),
    runtime: runtime !== undefined && Object.keys(runtime).length > 0 ? runtime : null,
    overload: maxHeapBytes === undefined ? null : { max_heap_bytes: maxHeapBytes },
    ...resources,
  };
}

/** Reads addresses, and reports those that are none. */
function addressReader(findings: Finding[]) {
  return (field: string, text = ''): SocketAddress => {
    const address = socketAddress(text);
    if (address !== undefined) return address;
    findings.push({
      code: 'wrong-value',
      level: 'error',
      message: `the proxy's ${field} is ${text === '' ? 'missing' : quotedValue(text)}`,
      expected: ADDRESS_FORM,
      path: field,
    });
    return { address: '', port_value: 0 };
  };
}

function controlPlaneTls(
  { config, context, settings }: BootstrapSource,
  { address }: SocketAddress,
  findings: Finding[],
): WrittenTlsContext | null {
  if (config.control_plane_auth_policy !== 'MUTUAL_TLS') return null;
  const { workloadSource } = context;
  if (settings.controlPlaneTls === 'sds' && workloadSource === undefined) {
    findings.push({
      code: 'sds-off',
      level: 'error',
      message: 'the connection to the control plane cannot use SDS, because this mesh does not',
      expected: 'sdsUdsPath in the mesh config',
    });
  }
  const sans = settings.pilotSans ?? [pilotSan(context.mesh.settings, address)];
  return pilotTls(sans, settings.controlPlaneTls === 'files' ? undefined : workloadSource);
}

/** Lightstep's satellite is checked alone: it does not ask for a client certificate. */
function lightstepTls(rootFile: string | undefined): WrittenTlsContext {
  const validation = fileValidation(rootFile, []);
  return upstreamContext({ certificates: [], validation, alpn: ['h2'], sni: undefined });
}
