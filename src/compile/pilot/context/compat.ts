// What Pilot 1.1 does that one would not expect, each under a name: its effect, where Pilot does it, and what
// is done instead under `--compat none`. `--compat istio-1.1`, the default, reproduces all of it.

/** Whose behaviour is reproduced. */
export const COMPATS = ['istio-1.1', 'none'] as const;
export type Compat = (typeof COMPATS)[number];

/** A quirk. */
export interface QuirkInfo {
  readonly effect: string;
  /** The file and function of Pilot. */
  readonly source: string;
  /** What is done instead; undefined where nothing else would work. */
  readonly instead: string | undefined;
}

/** All quirks, in the order in which a cluster, its TLS, a listener and endpoints are made. */
export const QUIRKS = {
  'panic-threshold-lost': {
    effect: "outlier detection's minHealthPercent has no effect: the locality weights overwrite it",
    source: 'cluster.go applyOutlierDetection, applyLoadBalancer',
    instead: 'healthy_panic_threshold is set beside them',
  },
  'passthrough-keeps-eds': {
    effect: 'a PASSTHROUGH load balancer leaves eds_cluster_config on an ORIGINAL_DST cluster',
    source: 'cluster.go applyLoadBalancer',
    instead: 'an ORIGINAL_DST cluster has none',
  },
  'subset-pool-starts-over': {
    effect: "a subset's connection pool starts from the defaults again, whatever limits the rule itself sets",
    source: 'cluster.go applyConnectionPool',
    instead: 'what the subset does not say is as the rule says it',
  },
  'port-settings-replace-all': {
    effect: 'settings for a port replace the whole policy: without tls there, the port is plain text',
    source: 'cluster.go SelectTrafficPolicyComponents',
    instead: 'what they do not say is as the policy says it',
  },
  'own-rule-hides-tls': {
    effect:
      "a rule of the client's or the service's namespace hides the mesh's, even where it says nothing of TLS: plain text",
    source: 'push_context.go DestinationRule',
    instead: 'the TLS of the next rule that has some holds',
  },
  'later-rule-needs-subset': {
    effect: "of two rules for one host, the later one's policy counts only where that rule has a subset",
    source: 'destination_rule.go combineSingleDestinationRule',
    instead: 'it counts where the first rule has no policy',
  },
  'rules-merged-across-namespaces': {
    effect: 'public rules for one host add their subsets to those of other namespaces',
    source: 'destination_rule.go combineSingleDestinationRule on allExportedDestRules',
    instead: "each namespace's rules are merged with one another alone",
  },
  'external-name-all-ports': {
    effect: "each port's cluster of an ExternalName service has the endpoints of all ports",
    source: 'serviceregistry/kube/controller InstancesByPort',
    instead: 'each cluster has those of its port',
  },
  'external-name-mtls': {
    effect: "a mesh-wide rule's ISTIO_MUTUAL holds for ExternalName services, whose servers have no sidecar",
    source: 'cluster.go conditionallyConvertToIstioMtls',
    instead: 'a wildcard rule gives them no ISTIO_MUTUAL',
  },
  'subset-keeps-endpoints': {
    effect: 'a subset without labels has the endpoints of the subset before it, where names are resolved',
    source: 'cluster.go buildOutboundClusters',
    instead: 'it has those of the whole service',
  },
  'forwarding-without-locality': {
    effect:
      "clusters that forward by SNI keep all endpoints as they are, whatever the mesh's localityLbSetting",
    source: 'cluster.go BuildClusters',
    instead: 'they follow it as others do',
  },
  'service-entry-sans-unused': {
    effect: "a ServiceEntry's subjectAltNames are not used: under ISTIO_MUTUAL any account is taken",
    source: 'serviceregistry/external GetIstioServiceAccounts',
    instead: 'they are the SANs where the rule gives none',
  },
  'mutual-files-under-sds': {
    effect: 'a MUTUAL rule presents its own files even where the mesh uses SDS',
    source: 'cluster.go applyUpstreamTLSSettings',
    instead: 'they come by SDS, named file-cert:CHAIN~KEY and file-root:CA as since Istio 1.6',
  },
  'mutual-without-files': {
    effect: 'a MUTUAL rule without a certificate or key is plain text',
    source: 'cluster.go applyUpstreamTLSSettings',
    instead: "the workload's own certificate is presented",
  },
  'simple-without-ca-unverified': {
    effect: "SIMPLE without a CA file verifies nothing of the server's certificate",
    source: 'cluster.go applyUpstreamTLSSettings',
    instead: 'it is checked against public authorities and the name asked for',
  },
  'metadata-replaces-rule-files': {
    effect:
      "TLS_CLIENT_* of a node replaces the files of MUTUAL and SIMPLE rules, not only the workload's own",
    source: 'cluster.go applyUpstreamTLSSettings',
    instead: "a rule's files are its own",
  },
  'base-for-servers-only': {
    effect: "BASE of a node prefixes the workload's files where it is a server, not where it is a client",
    source: 'plugin/authn setupFilterChains',
    instead: 'it prefixes both',
  },
  'unix-prefix-stays': {
    effect:
      'the path of a Unix socket that a Sidecar resource names keeps its unix://, so there is no such file',
    source: 'networking/util BuildAddress',
    instead: 'the path stands alone',
  },
  'management-cluster-stays': {
    effect: "a probe on a service's own port has no listener of its own, but a cluster",
    source: 'cluster.go buildInboundClusters',
    instead: 'it has neither',
  },
  'nameless-file-closes-port': {
    effect:
      'a gateway has no listener on a port where one server should have its certificate from files and names none',
    source: 'gateway.go buildGatewayListeners, by Listener.Validate',
    instead: 'the other servers of the port are served',
  },
  'gateways-without-roles': {
    effect: "roles are not enforced by gateways, not even those for the gateway's own service",
    source: 'plugin/authz OnOutboundListener',
    instead: 'they are, as since Istio 1.2',
  },
  'account-after-first-sa': {
    effect:
      'where the trust domain or the namespace ends in sa, destination.user is what follows that in the SPIFFE id',
    source: 'plugin/authz extractActualServiceAccount',
    instead: 'it is the name of the account',
  },
  'endpoints-by-sidecar-scope': {
    effect:
      'proxies with a Sidecar resource get endpoints without localities, those without one get subsets by public rules of any namespace',
    source: 'eds.go updateCluster, loadAssignmentsForClusterIsolated',
    instead: 'all get them in one way, by the rule that they follow',
  },
  'sds-header-misspelt': {
    effect: 'the header that carries the token is istio_sds_credentail_header-bin',
    source: 'authn_model ConstructSdsSecretConfig',
    // The node agent looks for that very name.
    instead: undefined,
  },
} as const satisfies { readonly [name: string]: QuirkInfo };

export type Quirk = keyof typeof QUIRKS;

/** Whether a quirk is reproduced. */
export function hasQuirk(compat: Compat, quirk: Quirk): boolean {
  return compat === 'istio-1.1' || QUIRKS[quirk].instead === undefined;
}
