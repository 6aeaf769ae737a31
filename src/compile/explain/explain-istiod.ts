// Explains the TLS of a cluster or listener that istiod 1.29 sends: what came out, read from the resource itself,
// and the resources that decided it.

import { detect } from '../../envoy/detect.js';
import type { Cluster } from '../../envoy/generated/types/envoy/config/cluster/v3/cluster.js';
import type { Listener } from '../../envoy/generated/types/envoy/config/listener/v3/listener.js';
import type { FilterChain } from '../../envoy/generated/types/envoy/config/listener/v3/listener_components.js';
import type { DestinationRule } from '../../envoy/generated/types/networking/v1/destination_rule.js';
import { MessageReader } from '../../envoy/message-reader.js';
import type { Finding } from '../../finding/finding.js';
import type { Config, Mesh, Port, Service } from '../../mesh/istiod/model.js';
import { namespaceMode, peerPolicy } from '../../mesh/istiod/peer-authentication.js';
import { destinationRule } from '../../mesh/istiod/scope.js';
import { readSource } from '../../source/document.js';
import { tlsInventory } from '../../tls/contexts.js';
import { readTlsSettings } from '../../tls/read.js';
import type { TlsSettings } from '../../tls/settings.js';
import type { Compiled } from '../istiod/compile.js';
import type { Context } from '../istiod/context/context.js';
import { identitiesOf } from '../istiod/context/identities.js';
import { outboundName, sniName } from '../istiod/context/names.js';
import { portPolicy } from '../istiod/context/traffic-policy.js';
import { type ResourceKind, V3_TYPE_URLS } from '../output/response.js';
import { type FieldPath, placeOf, resourceName } from '../pilot/context/place.js';
import { noSuchName } from './no-such-name.js';
import type { Grounds, Reason, TlsExplanation, TlsOutcome } from './tls-explanation.js';

/** Explains a cluster or listener by its name, or says what it may have been. */
export function explainIstiodTls(
  context: Context,
  compiled: Compiled,
  name: string,
): TlsExplanation | Finding {
  const cluster = compiled.clusters.find((one) => one.name === name);
  if (cluster !== undefined)
    return {
      kind: 'cluster',
      name,
      ...(outboundGrounds(context, name) ?? ownGrounds(name)),
      outcomes: clusterOutcomes(cluster),
    };
  const listener = compiled.listeners.find((one) => one.name === name);
  if (listener === undefined)
    return noSuchName(
      [...compiled.clusters, ...compiled.listeners].flatMap((one) => one.name ?? []),
      name,
    );
  return {
    kind: 'listener',
    name,
    ...listenerGrounds(context, listener),
    outcomes: chainOutcomes(listener),
  };
}

function ownGrounds(name: string): Grounds {
  return name.startsWith('inbound|') || name.startsWith('Inbound')
    ? {
        purpose: 'for traffic from the proxy to its own workload',
        reasons: [{ text: 'the proxy terminates TLS: see the explanation of its listener' }],
      }
    : {
        purpose: 'for traffic to no service of the mesh',
        reasons: [{ text: 'no DestinationRule applies to it' }],
      };
}

// Outcomes

/** Where endpoints with a sidecar have TLS of their own, both kinds. */
function clusterOutcomes(cluster: Cluster): readonly TlsOutcome[] {
  const { transport_socket_matches: matches, ...rest } = cluster;
  if (matches === undefined) return [{ of: '', settings: settingsOf('clusters', cluster) }];
  const [mutual] = matches;
  const { transport_socket } = mutual ?? {};
  return [
    {
      of: 'endpoints with a sidecar',
      settings: settingsOf('clusters', { ...rest, ...(transport_socket && { transport_socket }) }),
    },
    { of: 'other endpoints', settings: undefined },
  ];
}

/** The TLS of each chain, for which connections; of chains that are alike once. */
function chainOutcomes(listener: Listener): readonly TlsOutcome[] {
  const { filter_chains = [], default_filter_chain, ...rest } = listener;
  const outcomes = new Map<string, TlsOutcome>();
  for (const chain of [...filter_chains, ...(default_filter_chain ? [default_filter_chain] : [])]) {
    const settings = settingsOf('listeners', { ...rest, filter_chains: [chain] });
    const outcome = { of: connectionsOf(chain), settings };
    outcomes.set(JSON.stringify(outcome), outcome);
  }
  return [...outcomes.values()];
}

function connectionsOf({ filter_chain_match: match = {} }: FilterChain): string {
  const { application_protocols = [], server_names = [], transport_protocol, destination_port } = match;
  return [
    destination_port && `port ${destination_port}`,
    application_protocols.length > 0 && `the protocol ${application_protocols.join(' or ')}`,
    server_names.length > 0 && `the server name ${server_names.join(' or ')}`,
    transport_protocol && `the transport ${transport_protocol}`,
  ]
    .filter(Boolean)
    .join(' and ');
}

/** The TLS settings in a resource as it is written. */
function settingsOf(kind: ResourceKind, resource: object): TlsSettings | undefined {
  const type_url = V3_TYPE_URLS[kind];
  const response = { resources: [{ '@type': type_url, ...resource }], type_url };
  const [document] = readSource('resource.json', JSON.stringify(response)).documents;
  if (document === undefined) return undefined;
  const { contexts } = tlsInventory(new MessageReader(document), detect(document.tape, 'v3').roots);
  return contexts[0] && readTlsSettings(contexts[0]);
}

// Clusters

/** The grounds of a cluster for a service that the proxy calls; undefined where it is none. */
function outboundGrounds(context: Context, name: string): Grounds | undefined {
  const { mesh, proxy } = context;
  for (const service of proxy.scope.services) {
    const rule = destinationRule(proxy.scope, service.hostname, proxy.labels);
    const subsets = ['', ...(rule?.spec.subsets ?? []).map((subset) => subset.name ?? '')];
    for (const port of service.ports) {
      for (const subset of subsets) {
        const isForwarded = name === sniName(service.hostname, port.port, subset);
        if (!isForwarded && name !== outboundName(service.hostname, port.port, subset)) continue;
        const of = subset === '' ? '' : `, subset ${subset}`;
        return {
          purpose: `for traffic to port ${port.port} of ${service.hostname}${of}`,
          reasons: [
            serviceReason(mesh, service, port),
            ...(isForwarded
              ? [{ text: 'traffic that is already encrypted is forwarded unchanged' }]
              : ruleReasons(context, { service, port, rule, subset })),
          ],
        };
      }
    }
  }
  return undefined;
}

function serviceReason(mesh: Mesh, { hostname, namespace, registry }: Service, port: Port): Reason {
  const object = mesh.serviceObjects.get(namespace)?.find((one) => one.service.hostname === hostname);
  const entry = mesh.configs.ServiceEntry.find(
    (config) => config.namespace === namespace && (config.spec.hosts ?? []).includes(hostname),
  );
  const isKubernetes = registry === 'Kubernetes';
  const placed = isKubernetes ? object : entry;
  const name = port.name === '' ? '' : ` (${port.name})`;
  const protocol = port.protocol === 'Unsupported' ? 'is sniffed' : `uses ${port.protocol}`;
  return {
    text: `${isKubernetes ? 'Service' : 'ServiceEntry'} ${hostname} has port ${port.port}${name}, which ${protocol}`,
    region: placed && placeOf(placed),
  };
}

interface Called {
  readonly service: Service;
  readonly port: Port;
  readonly rule: Config<DestinationRule> | undefined;
  readonly subset: string;
}

/** What the rule of a service says, and what applies where it says nothing. */
function ruleReasons(context: Context, called: Called): readonly Reason[] {
  const { service, port, rule, subset } = called;
  if (rule === undefined)
    return [
      { text: `no DestinationRule applies to ${service.hostname}` },
      ...automaticReasons(context, called),
    ];
  const applies = {
    text: `${resourceName(rule)} applies, with the host ${rule.spec.host ?? ''}`,
    region: placeOf(rule, ['spec', 'host']),
  };
  const index = (rule.spec.subsets ?? []).findIndex(({ name = '' }) => subset !== '' && name === subset);
  const own = index < 0 ? undefined : rule.spec.subsets?.[index]?.traffic_policy;
  const said =
    tlsReason(rule, port, own, ['spec', 'subsets', index, 'traffic_policy'], `its subset ${subset}`) ??
    tlsReason(rule, port, rule.spec.traffic_policy, ['spec', 'traffic_policy'], 'it');
  if (said === undefined)
    return [applies, { text: 'it does not set TLS' }, ...automaticReasons(context, called)];
  if (said.hasNames) return [applies, said.reason, { text: 'the accepted names are its subjectAltNames' }];
  return [applies, said.reason, ...(said.mode === 'ISTIO_MUTUAL' ? nameReasons(context, service) : [])];
}

/** What a policy says of TLS, for the port where it has settings for it. */
function tlsReason(
  rule: Config<DestinationRule>,
  port: Port,
  policy: DestinationRule['traffic_policy'],
  path: FieldPath,
  whose: string,
): { readonly mode: string; readonly hasNames: boolean; readonly reason: Reason } | undefined {
  const tls = portPolicy(policy, port.port)?.tls;
  if (tls === undefined) return undefined;
  const level = (policy?.port_level_settings ?? []).findIndex((one) => one.port?.number === port.port);
  const mode = tls.mode ?? 'DISABLE';
  const where = level < 0 ? whose : `${whose}, in its settings for port ${port.port},`;
  const inPolicy = level < 0 ? [] : ['port_level_settings', level];
  return {
    mode,
    hasNames: mode !== 'DISABLE' && (tls.subject_alt_names ?? []).length > 0,
    reason: {
      text: `${where} sets TLS mode ${mode}`,
      region: placeOf(rule, [...path, ...inPolicy, 'tls']),
    },
  };
}

/** Mutual TLS that needs no rule. */
function automaticReasons(context: Context, { service }: Called): readonly Reason[] {
  const { mesh } = context;
  if (service.meshExternal)
    return [{ text: 'the service is outside the mesh, so there is no automatic mutual TLS' }];
  if (mesh.settings.enable_auto_mtls !== true)
    return [{ text: 'the mesh sets enableAutoMtls to false, so TLS is not configured' }];
  const policy = namespacePolicy(mesh, service.namespace);
  const mode = namespaceMode(mesh, service.namespace);
  const said: Reason =
    policy === undefined
      ? { text: `no PeerAuthentication applies to namespace ${service.namespace}, so its mode is ${mode}` }
      : {
          text: `${resourceName(policy)} sets mode ${mode} for namespace ${service.namespace}`,
          region: placeOf(policy, ['spec', 'mtls']),
        };
  if (mode === 'DISABLE') return [said, { text: 'so TLS is not configured' }];
  return [
    said,
    { text: 'so endpoints with a sidecar get automatic mutual TLS (enableAutoMtls)' },
    ...nameReasons(context, service),
  ];
}

/** The PeerAuthentication that decides on a namespace. */
function namespacePolicy({ configs, settings }: Mesh, namespace: string) {
  const isWhole = ({ spec }: (typeof configs.PeerAuthentication)[number]): boolean =>
    Object.keys(spec.selector?.match_labels ?? {}).length === 0;
  const of = (scope: string) =>
    configs.PeerAuthentication.find((config) => config.namespace === scope && isWhole(config));
  const own = of(namespace);
  const says = own?.spec.mtls?.mode ?? 'UNSET';
  return says === 'UNSET' ? (of(settings.root_namespace) ?? own) : own;
}

function nameReasons({ mesh }: Context, service: Service): readonly Reason[] {
  const names = identitiesOf(mesh, service);
  if (names.length === 0)
    return [{ text: 'no workload is known to serve it, so any name from the trusted CA is accepted' }];
  return [{ text: `its workloads are ${names.join(' and ')}` }];
}

// Listeners

function listenerGrounds(context: Context, listener: Listener): Grounds {
  if (context.proxy.type === 'router') return gatewayGrounds(context, listener);
  if (listener.traffic_direction !== 'INBOUND')
    return {
      purpose: 'for traffic that the workload sends',
      reasons: [{ text: 'the workload sends it without TLS, or with TLS that is forwarded unchanged' }],
    };
  const { mesh, proxy } = context;
  const { mode, ports, from } = peerPolicy(mesh, proxy.namespace, proxy.labels);
  const said = from.map((config): Reason => {
    const own = config.spec.mtls?.mode ?? 'UNSET';
    return {
      text: `${resourceName(config)} sets mode ${own}`,
      region: placeOf(config, config.spec.mtls === undefined ? ['spec'] : ['spec', 'mtls']),
    };
  });
  return {
    purpose: 'for traffic to the workload',
    reasons: [
      ...(said.length > 0 ? said : [{ text: 'no PeerAuthentication applies to the workload' }]),
      { text: `so its mode is ${mode}` },
      ...[...ports].map(([port, own]) => ({ text: `port ${port} has mode ${own}` })),
      { text: `clients must be of the trust domain ${trustDomains(mesh)}` },
    ],
  };
}

function trustDomains({ settings }: Mesh): string {
  return [settings.trust_domain, ...settings.trust_domain_aliases].join(' or ');
}

function gatewayGrounds({ gateway, proxy }: Context, { name = '' }: Listener): Grounds {
  const wildcard = proxy.supports.v4 || !proxy.supports.v6 ? '0.0.0.0' : '::';
  const servers = (gateway?.ports ?? [])
    .filter(({ port }) => `${port.bind || wildcard}_${port.number}` === name)
    .flatMap((merged) => merged.servers);
  return {
    purpose: 'for traffic to the gateway',
    reasons: servers.map(({ config, server }) => {
      const index = (config.spec.servers ?? []).findIndex(
        ({ port, name: own }) => port?.name === server.port?.name && own === server.name,
      );
      const { number = 0, protocol = '' } = server.port ?? {};
      const tls = server.tls === undefined ? 'no TLS' : `TLS mode ${server.tls.mode ?? 'PASSTHROUGH'}`;
      return {
        text: `${resourceName(config)} has a server for port ${number} (${protocol}) with ${tls}`,
        region: placeOf(config, index < 0 ? [] : ['spec', 'servers', index]),
      };
    }),
  };
}
