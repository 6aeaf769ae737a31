// The mesh as a value: what Kubernetes and Istio resources say about services, workloads, endpoints and
// policies, in the terms of Istio 1.1's Pilot (its model package). Everything in src/compile is a function
// of a Mesh and a MeshProxy.
//
// How the parts fit together:
//
// - `readMesh` (read-mesh.ts) turns documents into a `Mesh`; it holds all services and configuration, sorted,
//   and the indexes that the lookups below need. Nothing in it depends on a proxy.
// - `resolveProxy` (proxy.ts) finds the proxy's workload, its service instances and its Sidecar scope.
// - A service is looked up by host name (`mesh.serviceByHostname`, instances.ts: `instancesByPort`).
//   ServiceEntries are services like any other; one with several addresses is several services.
// - What a proxy sees is in its `SidecarScope` (sidecar-scope.ts): `servicesFor(mesh, proxy)`,
//   `destinationRuleFor(mesh, proxy, service)`, `scope.egressListeners` with services and virtual services
//   of each, `egressListenerForRoute`. Gateways ask `virtualServices(mesh, namespace, gateway)`.
// - Host names match in both directions, as Pilot's do: host.ts. VirtualServices and DestinationRules have
//   their hosts, destinations and gateway names resolved already (`ns/name` for gateways).
// - Specs are the messages of Istio's API in normal form (proto field names, enum names), typed by
//   src/envoy/generated/types/{networking,authentication,rbac,mesh}.

import type { Policy } from '../envoy/generated/types/authentication/v1alpha1/policy.js';
import type { MeshConfig } from '../envoy/generated/types/mesh/v1alpha1/config.js';
import type { DestinationRule } from '../envoy/generated/types/networking/v1alpha3/destination_rule.js';
import type { Gateway } from '../envoy/generated/types/networking/v1alpha3/gateway.js';
import type { ServiceEntry } from '../envoy/generated/types/networking/v1alpha3/service_entry.js';
import type { Sidecar } from '../envoy/generated/types/networking/v1alpha3/sidecar.js';
import type { VirtualService } from '../envoy/generated/types/networking/v1alpha3/virtual_service.js';
import type {
  RbacConfig,
  ServiceRole,
  ServiceRoleBinding,
} from '../envoy/generated/types/rbac/v1alpha1/rbac.js';
import type { Region } from '../finding/finding.js';
import type { Document } from '../source/document.js';
import type { Protocol } from './protocol.js';

export type Labels = { readonly [name: string]: string };

/** A port of a service. */
export interface Port {
  readonly name: string;
  readonly port: number;
  readonly protocol: Protocol;
}

/** How a client finds a service's endpoints: by EDS, by DNS, or not at all (original destination). */
export type Resolution = 'ClientSideLB' | 'DNSLB' | 'Passthrough';

/** The address of a service that has none: it is reached at the addresses of its endpoints. */
export const UNSPECIFIED_ADDRESS = '0.0.0.0';

/** A Kubernetes service, or one host (and one address) of a ServiceEntry. */
export interface Service {
  readonly hostname: string;
  /** An IP address, a CIDR range, or `UNSPECIFIED_ADDRESS`. */
  readonly address: string;
  readonly ports: readonly Port[];
  readonly resolution: Resolution;
  readonly meshExternal: boolean;
  /** Milliseconds; `-Infinity` where it is not known. */
  readonly creationTime: number;
  /** Of the Kubernetes service; for ServiceEntries the host. */
  readonly name: string;
  readonly namespace: string;
  /** `.`, `*`, as given; undefined for the mesh's default. */
  readonly exportTo: readonly string[] | undefined;
  /**
   * SPIFFE ids from the service's annotations and of workloads that have no address yet, or a ServiceEntry's
   * `subjectAltNames`.
   */
  readonly serviceAccounts: readonly string[];
  readonly registry: 'Kubernetes' | 'ServiceEntry';
}

/** One port of one endpoint of a service. */
export interface ServiceInstance {
  readonly service: Service;
  readonly servicePort: Port;
  /** An IP address, a DNS name, or the path of a Unix socket. */
  readonly address: string;
  readonly unix: boolean;
  readonly port: number;
  readonly labels: Labels | undefined;
  /** A SPIFFE id, or '' where no pod is known. */
  readonly serviceAccount: string;
  /** `region/zone/subzone`; '' where it is not known. */
  readonly locality: string;
  /** `kubernetes://pod.namespace`, or ''. */
  readonly uid: string;
  readonly network: string;
  /** 0 where none is given. */
  readonly weight: number;
}

/** A pod, or what makes pods where there are none. */
export interface Workload {
  /** `Pod`, `Deployment` and so on. */
  readonly kind: string;
  /** Where it is: the map of the whole object. */
  readonly document: Document;
  readonly node: number;
  readonly name: string;
  readonly namespace: string;
  /** The name of what made a pod, where that is among the resources; else ''. */
  readonly owner: string;
  /** '' where it is not known. */
  readonly ip: string;
  /** Whether it is as someone wrote it: the cluster has not run it yet. */
  readonly manifest: boolean;
  readonly labels: Labels;
  readonly annotations: Labels;
  /** The name of its service account; '' where a Pod names none. */
  readonly account: string;
  /** A SPIFFE id. */
  readonly serviceAccount: string;
  readonly locality: string;
  /** The map in its document that describes the pod; -1 where there is none. */
  readonly podSpec: number;
}

/** A container, with the parts that Pilot reads. */
export interface MeshContainer {
  readonly ports: readonly { readonly name: string; readonly port: number; readonly protocol: string }[];
  readonly liveness: ProbeTarget | undefined;
  readonly readiness: ProbeTarget | undefined;
}

/** What a probe asks: a path for HTTP, none for TCP. */
export interface ProbeTarget {
  readonly kind: 'http' | 'tcp';
  readonly path: string;
  /** A number, or the name of one of the container's ports. */
  readonly port: number | string;
}

/** A Kubernetes service as it is needed beside its `Service`: to find the instances of a pod. */
export interface ServiceObject {
  readonly service: Service;
  /** Undefined where the service selects no pods. */
  readonly selector: Labels | undefined;
  readonly targetPorts: readonly ServicePortTarget[];
  /** Where it is: the map of the whole object. */
  readonly document: Document;
  readonly node: number;
}

/** Which port of a pod a service's port leads to. */
export interface ServicePortTarget {
  readonly name: string;
  readonly protocol: string;
  readonly target: number | string;
}

/** The addresses of a Kubernetes Endpoints object. */
export interface EndpointSubset {
  readonly addresses: readonly string[];
  readonly notReadyAddresses: readonly string[];
  readonly ports: readonly { readonly name: string; readonly port: number }[];
}

/** An Istio resource. */
export interface Config<Spec> {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly creationTime: number;
  readonly spec: Spec;
  /** Where it is: the map of the whole resource. */
  readonly document: Document;
  readonly node: number;
}

/** Istio resources by kind; each list in the order in which Pilot takes them. */
export interface ConfigStore {
  readonly DestinationRule: readonly Config<DestinationRule>[];
  readonly VirtualService: readonly Config<VirtualService>[];
  readonly ServiceEntry: readonly Config<ServiceEntry>[];
  readonly Gateway: readonly Config<Gateway>[];
  readonly Sidecar: readonly Config<Sidecar>[];
  readonly Policy: readonly Config<Policy>[];
  readonly MeshPolicy: readonly Config<Policy>[];
  readonly ServiceRole: readonly Config<ServiceRole>[];
  readonly ServiceRoleBinding: readonly Config<ServiceRoleBinding>[];
  readonly RbacConfig: readonly Config<RbacConfig>[];
  readonly ClusterRbacConfig: readonly Config<RbacConfig>[];
}

/** A MeshConfig with its defaults filled in. */
export type MeshSettings = MeshConfig &
  Required<
    Pick<
      MeshConfig,
      | 'proxy_listen_port'
      | 'proxy_http_port'
      | 'connect_timeout'
      | 'dns_refresh_rate'
      | 'enable_tracing'
      | 'access_log_file'
      | 'access_log_encoding'
      | 'access_log_format'
      | 'root_namespace'
      | 'sds_uds_path'
      | 'trust_domain'
      | 'outbound_traffic_policy'
    >
  > & {
    /** Whether Helm's chart makes policies of mTLS for the whole mesh, or permissive ones; undefined for none. */
    readonly chart_mutual_tls?: boolean;
    /** Where the SDS socket is set, or could be; undefined without settings. */
    readonly sds_uds_path_region?: Region;
  };

/** Destination rules of one namespace (or of all), merged by host. */
export interface DestinationRuleSet {
  /** By host, exact ones. */
  readonly byHost: ReadonlyMap<string, Config<DestinationRule>>;
  /** All hosts, the most specific first. */
  readonly hosts: readonly string[];
  /** Those that start with a star, the most specific first. */
  readonly wildcards: readonly string[];
}

/** Public resources, and those that only their namespace sees. */
export interface ByVisibility<T> {
  readonly exported: readonly T[];
  readonly local: ReadonlyMap<string, readonly T[]>;
}

/** Everything that is known of a mesh. */
export interface Mesh {
  readonly settings: MeshSettings;
  /** `cluster.local`. */
  readonly domainSuffix: string;
  readonly configs: ConfigStore;
  /** All services, oldest first; Kubernetes' before ServiceEntries', by host name. */
  readonly services: readonly Service[];
  /** Of several services with one host the last. */
  readonly serviceByHostname: ReadonlyMap<string, Service>;
  /** Those of Kubernetes alone, by host name. */
  readonly kubernetesServices: ReadonlyMap<string, Service>;
  readonly visibleServices: ByVisibility<Service>;
  readonly virtualServices: ByVisibility<Config<VirtualService>>;
  /** By the rule's namespace: all rules. */
  readonly localDestinationRules: ReadonlyMap<string, DestinationRuleSet>;
  /** By the rule's namespace: those that other namespaces see too. */
  readonly exportedDestinationRules: ReadonlyMap<string, DestinationRuleSet>;
  /** The public rules of all namespaces, merged with one another. */
  readonly allDestinationRules: DestinationRuleSet;
  /** Authentication policies by namespace, in the order of their names. */
  readonly policies: ReadonlyMap<string, readonly Config<Policy>[]>;
  /** Sidecar resources by namespace. */
  readonly sidecars: ReadonlyMap<string, readonly Config<Sidecar>[]>;
  /** Namespaces with a service, where of several with one host name the last counts. */
  readonly serviceNamespaces: ReadonlySet<string>;
  readonly workloadByIp: ReadonlyMap<string, Workload>;
  readonly workloads: readonly Workload[];
  /** The names of the ServiceAccounts among the resources, by namespace. */
  readonly serviceAccounts: ReadonlyMap<string, readonly string[]>;
  /** Hosts of Kubernetes services with an address of their own none of whose endpoints is known. */
  readonly unaddressedServices: ReadonlySet<string>;
  /** Kubernetes services by namespace, in the order of their names. */
  readonly serviceObjects: ReadonlyMap<string, readonly ServiceObject[]>;
  /** Kubernetes endpoints by the service's host name, in the order of the names and namespaces. */
  readonly endpoints: ReadonlyMap<string, readonly EndpointSubset[]>;
  /** Instances of ExternalName services, by host name: one for each port. */
  readonly externalNameInstances: ReadonlyMap<string, readonly ServiceInstance[]>;
  /** Instances of ServiceEntries, by host name. */
  readonly serviceEntryInstances: ReadonlyMap<string, readonly ServiceInstance[]>;
  readonly serviceEntryInstancesByAddress: ReadonlyMap<string, readonly ServiceInstance[]>;
}
