// The metadata of a proxy's node that istiod 1.29 reads (pkg/model/proxy.go).

import { type FieldInfo, type MessageInfo, message } from '../../envoy/api-table.js';
import type { ProxyConfig } from '../../envoy/generated/types/mesh/v1/proxy.js';
import type { NormalValue } from '../../envoy/normal-value.js';
import type { Labels } from '../model.js';

/** A port of a pod, as its proxy reports it. */
interface PodPort {
  readonly name: string;
  readonly containerPort: number;
  readonly protocol: string;
}

/** What istiod reads of a node's metadata; texts are '' where they are absent. */
export interface NodeMetadata {
  readonly raw: { readonly [name: string]: NormalValue };
  readonly namespace: string;
  readonly labels: Labels;
  readonly staticLabels: Labels;
  readonly annotations: Labels;
  readonly instanceIps: readonly string[];
  readonly clusterId: string;
  readonly network: string;
  readonly requestedNetworkView: readonly string[];
  readonly nodeName: string;
  readonly workloadName: string;
  readonly meshId: string;
  readonly serviceAccount: string;
  readonly istioVersion: string;
  readonly interceptionMode: 'REDIRECT' | 'TPROXY' | 'NONE';
  readonly podPorts: readonly PodPort[];
  /** Undefined for the mesh's default. */
  readonly proxyConfig: ProxyConfig | undefined;
  readonly httpProxyPort: string;
  readonly http10: string;
  readonly idleTimeout: string;
  readonly tlsClient: CertificateFiles | undefined;
  /** Texts are '' where there are no files. */
  readonly tlsServer: CertificateFiles;
  readonly dnsCapture: boolean;
  readonly unprivilegedPod: boolean;
  readonly envoyStatusPort: number;
  readonly envoyPrometheusPort: number;
  readonly exitOnZeroActiveConnections: boolean;
  readonly inboundListenerExactBalance: boolean;
  readonly outboundListenerExactBalance: boolean;
  /** Whether secrets of other kinds than the workload's come over a socket of their own. */
  readonly credentialSocket: boolean;
  /** The same for files. */
  readonly fileCredentialSocket: boolean;
}

/** The files of a certificate. */
export interface CertificateFiles {
  readonly chain: string;
  readonly key: string;
  readonly root: string;
}

/** Reads a node's metadata. */
export function nodeMetadata(raw: { readonly [name: string]: NormalValue }): NodeMetadata {
  const text = (name: string): string => {
    const value = raw[name];
    return value === undefined || value === null || typeof value === 'object' ? '' : String(value);
  };
  const list = (name: string): readonly string[] => (text(name) === '' ? [] : text(name).split(','));
  const mode = text('INTERCEPTION_MODE');
  const config = raw.PROXY_CONFIG;
  return {
    raw,
    namespace: text('NAMESPACE'),
    labels: labelsOf(raw.LABELS),
    staticLabels: labelsOf(raw.STATIC_LABELS),
    annotations: labelsOf(raw.ANNOTATIONS),
    instanceIps: list('INSTANCE_IPS'),
    clusterId: text('CLUSTER_ID'),
    network: text('NETWORK'),
    requestedNetworkView: list('REQUESTED_NETWORK_VIEW'),
    nodeName: text('NODE_NAME'),
    workloadName: text('WORKLOAD_NAME'),
    meshId: text('MESH_ID'),
    serviceAccount: text('SERVICE_ACCOUNT'),
    istioVersion: text('ISTIO_VERSION'),
    interceptionMode: mode === 'TPROXY' || mode === 'NONE' ? mode : 'REDIRECT',
    podPorts: podPortsOf(raw.POD_PORTS),
    proxyConfig: isFields(config)
      ? (normalMessage('istio.mesh.v1.ProxyConfig', config) as ProxyConfig)
      : undefined,
    httpProxyPort: text('HTTP_PROXY_PORT'),
    http10: text('HTTP10'),
    idleTimeout: text('IDLE_TIMEOUT'),
    tlsClient: text('TLS_CLIENT_CERT_CHAIN') === '' ? undefined : filesOf(text, 'TLS_CLIENT'),
    tlsServer: filesOf(text, 'TLS_SERVER'),
    dnsCapture: isTrue(text('DNS_CAPTURE')),
    unprivilegedPod: isTrue(text('UNPRIVILEGED_POD')),
    envoyStatusPort: Number(text('ENVOY_STATUS_PORT') || '0'),
    envoyPrometheusPort: Number(text('ENVOY_PROMETHEUS_PORT') || '0'),
    exitOnZeroActiveConnections: isTrue(text('EXIT_ON_ZERO_ACTIVE_CONNECTIONS')),
    inboundListenerExactBalance: isTrue(text('INBOUND_LISTENER_EXACT_BALANCE')),
    outboundListenerExactBalance: isTrue(text('OUTBOUND_LISTENER_EXACT_BALANCE')),
    credentialSocket: raw.credential === 'true',
    fileCredentialSocket: raw['file-credential'] === 'true',
  };
}

function filesOf(text: (name: string) => string, prefix: string): CertificateFiles {
  return {
    chain: text(`${prefix}_CERT_CHAIN`),
    key: text(`${prefix}_KEY`),
    root: text(`${prefix}_ROOT_CERT`),
  };
}

type Fields = { readonly [name: string]: NormalValue };

function isFields(value: NormalValue | undefined): value is Fields {
  return value !== undefined && value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** What Go's strconv.ParseBool takes for yes. */
export function isTrue(text: string): boolean {
  return /^(?:1|t|T|TRUE|true|True)$/.test(text);
}

function labelsOf(value: NormalValue | undefined): Labels {
  if (!isFields(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, String(item)]));
}

/** The ports are JSON in a text. */
function podPortsOf(value: NormalValue | undefined): readonly PodPort[] {
  if (typeof value !== 'string' || value === '') return [];
  try {
    const ports: unknown = JSON.parse(value);
    return Array.isArray(ports)
      ? ports.map(({ name = '', containerPort = 0, protocol = '' }) => ({
          name: String(name),
          containerPort: Number(containerPort),
          protocol: String(protocol),
        }))
      : [];
  } catch {
    return [];
  }
}

/** A message in JSON form with the names of its fields as the .proto file has them; unknown fields are dropped. */
function normalMessage(type: string, value: Fields): object {
  const info = message(type);
  return info === undefined ? value : normalFields(info, value);
}

function normalFields(info: MessageInfo, value: Fields): object {
  const normal: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) {
    const field = info.field(name);
    if (field !== undefined && item !== null) normal[field.name] = normalField(field, item);
  }
  return normal;
}

function normalField(field: FieldInfo, value: NormalValue): unknown {
  const one = (item: NormalValue): unknown => {
    const inner = field.kind === 'message' ? message(field.type ?? '') : undefined;
    return inner === undefined || inner.name.startsWith('google.protobuf.') || !isFields(item)
      ? item
      : normalFields(inner, item);
  };
  if (field.map !== undefined && isFields(value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, one(item)]));
  return Array.isArray(value) ? value.map(one) : one(value);
}
