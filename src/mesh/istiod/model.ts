// The mesh as istiod 1.29 has it (its model package): services, endpoints and configuration, and the indexes
// that everything is looked up in. Nothing here depends on a proxy; what one proxy sees is in scope.ts.

import type { MeshConfig } from '../../envoy/generated/types/mesh/v1/config.js';
import type { MeshNetworks } from '../../envoy/generated/types/mesh/v1/network.js';
import type { DestinationRule } from '../../envoy/generated/types/networking/v1/destination_rule.js';
import type { Gateway } from '../../envoy/generated/types/networking/v1/gateway.js';
import type { ServiceEntry } from '../../envoy/generated/types/networking/v1/service_entry.js';
import type { Sidecar } from '../../envoy/generated/types/networking/v1/sidecar.js';
import type { VirtualService } from '../../envoy/generated/types/networking/v1/virtual_service.js';
import type { WorkloadEntry } from '../../envoy/generated/types/networking/v1/workload_entry.js';
import type { AuthorizationPolicy } from '../../envoy/generated/types/security/v1/authorization_policy.js';
import type { PeerAuthentication } from '../../envoy/generated/types/security/v1/peer_authentication.js';
import type { RequestAuthentication } from '../../envoy/generated/types/security/v1/request_authentication.js';
import type { Telemetry } from '../../envoy/generated/types/telemetry/v1/telemetry.js';
import type { Document } from '../../source/document.js';
import type { Labels } from '../model.js';
import type { Protocol } from './protocol.js';

export type { Labels };

/** A port of a service. */
export interface Port {
  readonly name: string;
  readonly port: number;
  readonly protocol: Protocol;
}

/** How a client finds the endpoints of a service. An alias is another name of a service. */
export type Resolution =
  | 'ClientSideLB'
  | 'DNSLB'
  | 'DNSRoundRobinLB'
  | 'Passthrough'
  | 'Alias'
  | 'DynamicDNS';

/** Which endpoints a service prefers. */
export type TrafficDistribution = 'Any' | 'PreferSameZone' | 'PreferSameNode';

/** A host, as a namespace has it. */
export interface NamespacedHost {
  readonly hostname: string;
  readonly namespace: string;
}

/** A Kubernetes service, or one host and one address of a ServiceEntry. */
export interface Service {
  readonly hostname: string;
  /** Its first address, a CIDR range, or `0.0.0.0` for none. */
  readonly address: string;
  /** Addresses in its own cluster; none for ServiceEntries. */
  readonly addresses: readonly string[];
  /** Addresses that istiod allocated to a ServiceEntry. */
  readonly allocated: { readonly v4: string; readonly v6: string } | undefined;
  readonly ports: readonly Port[];
  readonly resolution: Resolution;
  readonly meshExternal: boolean;
  /** Milliseconds; `-Infinity` where it is not known. */
  readonly creationTime: number;
  /** Of the Kubernetes service; for ServiceEntries the host. */
  readonly name: string;
  readonly namespace: string;
  /** Undefined for the mesh's default. */
  readonly exportTo: ReadonlySet<string> | undefined;
  /** SPIFFE ids from annotations, or `subjectAltNames` of a ServiceEntry. */
  readonly serviceAccounts: readonly string[];
  readonly registry: 'Kubernetes' | 'External';
  readonly labels: Labels;
  readonly selector: Labels | undefined;
  /** Other names of it: ExternalName services. */
  readonly aliases: readonly NamespacedHost[];
  /** The host that an alias is a name of; ''. */
  readonly externalName: string;
  /** Whether only endpoints on the client's node are called. */
  readonly nodeLocal: boolean;
  readonly trafficDistribution: TrafficDistribution;
  readonly publishNotReadyAddresses: boolean;
  /** Target ports of a service whose endpoints are not known, by port. */
  readonly passthroughTargetPorts: ReadonlyMap<number, number> | undefined;
  /** Addresses outside of the cluster. */
  readonly externalAddresses: readonly string[];
}

/** The health of an endpoint; undefined where nothing checks it. */
export type Health = 'HEALTHY' | 'UNHEALTHY' | 'DRAINING' | 'TERMINATING' | undefined;

/** One port of one endpoint. */
export interface Endpoint {
  /** An IP address, a DNS name, the path of a Unix socket, or '' for one behind another network's gateway. */
  readonly address: string;
  /** 0 for a Unix socket. */
  readonly port: number;
  /** The name of the service's port. */
  readonly portName: string;
  /** The number of the ServiceEntry's port; 0 for Kubernetes endpoints. */
  readonly servicePort: number;
  /** A SPIFFE id, or ''. */
  readonly serviceAccount: string;
  readonly network: string;
  /** `region/zone/subzone`, or less of it. */
  readonly locality: string;
  /** 0 where none is given. */
  readonly weight: number;
  /** The value of the label `security.istio.io/tlsMode`, or `disabled`. */
  readonly tlsMode: string;
  /** Of the workload. */
  readonly namespace: string;
  readonly workloadName: string;
  /** The workload's labels, and what is known of its place. */
  readonly labels: Labels;
  readonly health: Health;
  readonly nodeName: string;
}

/** An Istio resource. */
export interface Config<Spec> {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly creationTime: number;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly spec: Spec;
  /** Where it is: the map of the whole resource. */
  readonly document: Document;
  readonly node: number;
}

/** Specs by kind. */
interface Specs {
  readonly DestinationRule: DestinationRule;
  readonly VirtualService: VirtualService;
  readonly ServiceEntry: ServiceEntry;
  readonly WorkloadEntry: WorkloadEntry;
  readonly Gateway: Gateway;
  readonly Sidecar: Sidecar;
  readonly PeerAuthentication: PeerAuthentication;
  readonly RequestAuthentication: RequestAuthentication;
  readonly AuthorizationPolicy: AuthorizationPolicy;
  readonly Telemetry: Telemetry;
}
export type ConfigKind = keyof Specs;

/** Istio resources by kind, oldest first, then by name and namespace. */
export type ConfigStore = { readonly [Kind in ConfigKind]: readonly Config<Specs[Kind]>[] };

/** The fields of a MeshConfig that have defaults. */
type SettingsWithDefaults =
  | 'connect_timeout'
  | 'default_config'
  | 'default_destination_rule_export_to'
  | 'default_providers'
  | 'default_service_export_to'
  | 'default_virtual_service_export_to'
  | 'dns_refresh_rate'
  | 'extension_providers'
  | 'protocol_detection_timeout'
  | 'proxy_inbound_listen_port'
  | 'proxy_listen_port'
  | 'root_namespace'
  | 'trust_domain'
  | 'trust_domain_aliases';

/** A MeshConfig with istiod's defaults. */
export type Settings = Omit<MeshConfig, SettingsWithDefaults> & {
  readonly [Name in SettingsWithDefaults]-?: NonNullable<MeshConfig[Name]>;
};

/** A pod, or what makes pods where there are none. */
export interface Workload {
  /** `Pod`, `Deployment` and so on. */
  readonly kind: string;
  readonly document: Document;
  readonly node: number;
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  /** '' where it is not known. */
  readonly ip: string;
  readonly account: string;
  readonly nodeName: string;
  /** `region/zone/subzone`; '' where it is not known. */
  readonly locality: string;
  /** The name that its metrics have. */
  readonly workloadName: string;
  readonly network: string;
  /** The workload's labels with those of its place. */
  readonly endpointLabels: Labels;
  /** Whether it runs and is ready. */
  readonly ready: boolean;
  /** The map in its document that describes the pod; -1 where there is none. */
  readonly podSpec: number;
}

/** Which port of a pod a service's port leads to. */
export interface TargetPort {
  readonly name: string;
  readonly port: number;
  readonly transport: string;
  readonly target: number | string;
}

/** A Kubernetes service as it is needed to find the ports of a pod. */
export interface ServiceObject {
  readonly service: Service;
  readonly targetPorts: readonly TargetPort[];
  /** Where it is. */
  readonly document: Document;
  readonly node: number;
}

/** A DestinationRule, merged with others for the same host. */
export interface MergedRule {
  readonly config: Config<DestinationRule>;
  readonly exportTo: ReadonlySet<string>;
}

/** Destination rules by host. */
export interface RulesByHost {
  readonly exact: ReadonlyMap<string, readonly MergedRule[]>;
  readonly wildcard: ReadonlyMap<string, readonly MergedRule[]>;
}

/** Destination rules by who sees them. */
export interface RuleIndex {
  /** By namespace: what the namespace itself uses. */
  readonly local: ReadonlyMap<string, RulesByHost>;
  /** By namespace: what others may use. */
  readonly exported: ReadonlyMap<string, RulesByHost>;
  /** What only the root namespace uses. */
  readonly rootLocal: RulesByHost;
}

/** VirtualServices by gateway and by who sees them; keys are `namespace/gateway`, or gateways. */
export interface VirtualServiceIndex {
  readonly all: readonly Config<VirtualService>[];
  readonly local: ReadonlyMap<string, readonly Config<VirtualService>[]>;
  readonly exportedTo: ReadonlyMap<string, readonly Config<VirtualService>[]>;
  readonly public: ReadonlyMap<string, readonly Config<VirtualService>[]>;
}

/** Services by who sees them. */
export interface ServiceIndex {
  readonly public: readonly Service[];
  readonly local: ReadonlyMap<string, readonly Service[]>;
  readonly exportedTo: ReadonlyMap<string, readonly Service[]>;
  /** By host, then by namespace. */
  readonly byHost: ReadonlyMap<string, ReadonlyMap<string, Service>>;
}

/** Whether mutual TLS is taken. */
export type MutualTlsMode = 'DISABLE' | 'PERMISSIVE' | 'STRICT';

/** A gateway into a network. */
export interface NetworkGateway {
  readonly network: string;
  /** '' where it is not known. */
  readonly cluster: string;
  readonly address: string;
  /** 0 where it takes no mutual TLS. */
  readonly port: number;
}

/** The gateways of all networks. */
export interface NetworkGateways {
  /** By network, by address and port. */
  readonly byNetwork: ReadonlyMap<string, readonly NetworkGateway[]>;
  /** By `network cluster`. */
  readonly byNetworkAndCluster: ReadonlyMap<string, readonly NetworkGateway[]>;
  /** What weights are multiplied by, so that they can be shared among gateways. */
  readonly scaleFactor: number;
}

/** Everything that is known of a mesh. */
export interface Mesh {
  readonly settings: Settings;
  readonly networks: MeshNetworks | undefined;
  /** The cluster whose resources these are. */
  readonly clusterId: string;
  readonly configs: ConfigStore;
  /** Oldest first. */
  readonly services: readonly Service[];
  readonly serviceIndex: ServiceIndex;
  readonly rules: RuleIndex;
  readonly virtualServices: VirtualServiceIndex;
  /** Sidecar resources by namespace: those with a selector first. */
  readonly sidecars: ReadonlyMap<string, readonly Config<Sidecar>[]>;
  /** The Sidecar of the root namespace without selector. */
  readonly rootSidecar: Config<Sidecar> | undefined;
  /** Endpoints by `hostname namespace`, of all ports. */
  readonly endpoints: ReadonlyMap<string, readonly Endpoint[]>;
  readonly peerAuthentications: PeerAuthentications;
  /** Gateways into networks that have addresses. */
  readonly gateways: NetworkGateways;
  /** The same with those that have names. */
  readonly namedGateways: NetworkGateways;
  readonly workloads: readonly Workload[];
  /** Kubernetes services by namespace, by name. */
  readonly serviceObjects: ReadonlyMap<string, readonly ServiceObject[]>;
  /** WorkloadEntries as workloads, by address. */
  readonly workloadEntries: ReadonlyMap<string, readonly WorkloadInstance[]>;
  /** What ServiceEntries have at an address: the service and port that it serves. */
  readonly entryInstances: ReadonlyMap<string, readonly EntryInstance[]>;
  /** Labels of namespaces, by name. */
  readonly namespaces: ReadonlyMap<string, Labels>;
}

/** A WorkloadEntry as a workload that services may select. */
export interface WorkloadInstance {
  readonly name: string;
  readonly namespace: string;
  readonly endpoint: Endpoint;
  readonly ports: { readonly [name: string]: number };
  /** Whether only ServiceEntries that are resolved by DNS can use it: its address is a name or a socket. */
  readonly dnsOnly: boolean;
}

/** An endpoint of a ServiceEntry with its service and port. */
export interface EntryInstance {
  readonly service: Service;
  readonly port: Port;
  readonly endpoint: Endpoint;
}

/** PeerAuthentications, and what they make of namespaces. */
export interface PeerAuthentications {
  readonly byNamespace: ReadonlyMap<string, readonly Config<PeerAuthentication>[]>;
  readonly namespaceModes: ReadonlyMap<string, MutualTlsMode>;
  /** Undefined where the mesh has no policy. */
  readonly meshMode: MutualTlsMode | undefined;
}
