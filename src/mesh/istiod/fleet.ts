// The proxies of a mesh's workloads, as their agents would describe them to istiod 1.29: the sidecar that the
// injector adds, or a gateway.

import { compareText } from '../../collections/compare-text.js';
import type { ProxyConfig } from '../../envoy/generated/types/mesh/v1/proxy.js';
import type { NormalValue } from '../../envoy/normal-value.js';
import { UNSPECIFIED_ADDRESS } from '../model.js';
import { DOMAIN_SUFFIX } from './hosts.js';
import { canonicalName, canonicalRevision, covers, TLS_ISTIO } from './labels.js';
import type { Labels, Mesh, Workload } from './model.js';
import type { NodeDescription } from './proxy.js';
import { mergedProxyConfig, readProxyConfigText } from './settings.js';

/** The proxies of a mesh. */
export interface Fleet {
  /** By namespace, then by name. */
  readonly proxies: readonly NodeDescription[];
  /** How many workloads forbid the injector to give them a sidecar. */
  readonly withoutSidecar: number;
}

const INJECT = 'sidecar.istio.io/inject';
const TEMPLATES = 'inject.istio.io/templates';
const PROXY_CONFIG = 'proxy.istio.io/config';
const INTERCEPTION = 'sidecar.istio.io/interceptionMode';
const META_PREFIX = 'ISTIO_META_';
/** The version that a described proxy has: that of the istiod whose output is reproduced. */
const PROXY_VERSION = '1.29.6';
const STATUS_PORT = 15021;
const PROMETHEUS_PORT = 15090;

/** Finds the proxies of all workloads. */
export function fleetOf(mesh: Mesh): Fleet {
  const withProxy = mesh.workloads.filter((workload) => hasSidecar(workload) || isGateway(mesh, workload));
  const sorted = [...withProxy].sort(
    (a, b) => compareText(a.namespace, b.namespace) || compareText(a.name, b.name),
  );
  return {
    proxies: sorted.map((workload) => describeWorkload(mesh, workload)),
    withoutSidecar: mesh.workloads.length - withProxy.length,
  };
}

function hasSidecar({ labels, annotations }: Workload): boolean {
  return (labels[INJECT] ?? annotations[INJECT]) !== 'false';
}

/** Whether a workload is a gateway: by the template that it is injected with, or since a Gateway selects it. */
function isGateway({ configs }: Mesh, { labels, annotations }: Workload): boolean {
  if (annotations[TEMPLATES]?.split(',').includes('gateway')) return true;
  return configs.Gateway.some(({ spec }) => {
    const selector = spec.selector ?? {};
    return Object.keys(selector).length > 0 && covers(labels, selector);
  });
}

/** The name by which a workload is asked for, `NAME.NAMESPACE`. */
export function workloadTitle({ workloadName, name, namespace }: Workload): string {
  return `${workloadName || name}.${namespace}`;
}

/**
 * The workload of a name.
 *
 * @param name that of a Pod or of what makes Pods, followed by a dot and its namespace where there are several
 */
export function workloadNamed({ workloads }: Mesh, name: string): Workload | undefined {
  const full =
    workloads.find((workload) => name === `${workload.name}.${workload.namespace}`) ??
    workloads.find((workload) => name === workloadTitle(workload));
  if (full !== undefined) return full;
  const alike = workloads.filter((workload) => name === workload.name || name === workload.workloadName);
  const [first] = alike;
  return alike.every(({ namespace }) => namespace === first?.namespace) ? first : undefined;
}

/** A proxy as its agent would describe it for a workload. */
export function describeWorkload(mesh: Mesh, workload: Workload): NodeDescription {
  const { name, namespace, annotations, ip } = workload;
  const labels = injectedLabels(workload);
  const config = configOf(mesh, annotations);
  const service = canonicalName(labels, workload.workloadName);
  const given = Object.entries(config.proxy_metadata ?? {}).filter(([key]) => key.startsWith(META_PREFIX));
  const metadata: { [name: string]: NormalValue } = {
    NAME: name,
    NAMESPACE: namespace,
    CLUSTER_ID: mesh.clusterId,
    MESH_ID: config.mesh_id || mesh.settings.trust_domain,
    ISTIO_VERSION: PROXY_VERSION,
    INTERCEPTION_MODE: annotations[INTERCEPTION] ?? config.interception_mode ?? 'REDIRECT',
    SERVICE_ACCOUNT: workload.account,
    WORKLOAD_NAME: workload.workloadName,
    LABELS: labels,
    ENVOY_STATUS_PORT: STATUS_PORT,
    ENVOY_PROMETHEUS_PORT: PROMETHEUS_PORT,
    PROXY_CONFIG: config as NormalValue,
    ...(workload.nodeName !== '' && { NODE_NAME: workload.nodeName }),
    ...(ip !== '' && { INSTANCE_IPS: ip }),
    ...(workload.network !== '' && { NETWORK: workload.network }),
    ...Object.fromEntries(given.map(([key, value]) => [key.slice(META_PREFIX.length), value])),
  };
  return {
    type: isGateway(mesh, workload) ? 'router' : 'sidecar',
    ip: ip || UNSPECIFIED_ADDRESS,
    id: `${name}.${namespace}`,
    cluster: `${service}.${namespace}`,
    domain: `${namespace}.svc.${DOMAIN_SUFFIX}`,
    metadata,
    // A node says where it is only where somebody tells it; the registry knows it otherwise.
    locality: undefined,
    workload: { ...workload, labels },
  };
}

/** The labels that the injector adds to pods: pods of a cluster have them already. */
function injectedLabels({ kind, labels, workloadName }: Workload): Labels {
  if (kind === 'Pod') return labels;
  return {
    'security.istio.io/tlsMode': TLS_ISTIO,
    'service.istio.io/canonical-name': canonicalName(labels, workloadName),
    'service.istio.io/canonical-revision': canonicalRevision(labels),
    ...labels,
  };
}

/** The mesh's configuration of proxies with what a pod says for its own. */
function configOf({ settings }: Mesh, annotations: Labels): ProxyConfig {
  const text = annotations[PROXY_CONFIG];
  const own = text === undefined ? undefined : readProxyConfigText(text);
  return own === undefined ? settings.default_config : mergedProxyConfig(settings.default_config, own);
}
