// What Pilot 1.1 does that one would not expect, each under a name: its effect, where Pilot does it, and what
// is done instead under `--compat none`. `--compat istio-1.1`, the default, reproduces all of it.

/** The release whose behavior is reproduced. */
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
    instead: 'healthy_panic_threshold is set alongside them',
  },
  'passthrough-keeps-eds': {
    effect: 'with a PASSTHROUGH load balancer, an ORIGINAL_DST cluster keeps its eds_cluster_config',
    source: 'cluster.go applyLoadBalancer',
    instead: 'the eds_cluster_config is removed',
  },
  'subset-pool-starts-over': {
    effect: 'the connection pool of a subset starts from the defaults and ignores the limits of its rule',
    source: 'cluster.go applyConnectionPool',
    instead: 'limits that the subset does not set are inherited from the rule',
  },
  'port-settings-replace-all': {
    effect: 'settings for a port replace the whole policy: without tls, the port is plaintext',
    source: 'cluster.go SelectTrafficPolicyComponents',
    instead: 'settings that the port does not set are inherited from the policy',
  },
  'own-rule-hides-tls': {
    effect:
      "a rule in the client's or the service's namespace hides the mesh-wide rule even if it does not set TLS, so traffic is plaintext",
    source: 'push_context.go DestinationRule',
    instead: 'the TLS settings of the next rule that has any apply',
  },
  'later-rule-needs-subset': {
    effect: 'of two rules for one host, the policy of the later one applies only if that rule has a subset',
    source: 'destination_rule.go combineSingleDestinationRule',
    instead: 'it applies if the first rule has no policy',
  },
  'rules-merged-across-namespaces': {
    effect: 'public rules for one host add their subsets to the rules in other namespaces',
    source: 'destination_rule.go combineSingleDestinationRule on allExportedDestRules',
    instead: 'rules are merged only within a namespace',
  },
  'external-name-all-ports': {
    effect: 'the cluster of each port of an ExternalName service has the endpoints of all ports',
    source: 'serviceregistry/kube/controller InstancesByPort',
    instead: 'each cluster has the endpoints of its port',
  },
  'external-name-mtls': {
    effect:
      'ISTIO_MUTUAL in a mesh-wide rule applies to ExternalName services, whose servers have no sidecar',
    source: 'cluster.go conditionallyConvertToIstioMtls',
    instead: 'ISTIO_MUTUAL in a wildcard rule does not apply to them',
  },
  'subset-keeps-endpoints': {
    effect: 'in clusters that use DNS, a subset without labels has the endpoints of the previous subset',
    source: 'cluster.go buildOutboundClusters',
    instead: 'it has the endpoints of the whole service',
  },
  'forwarding-without-locality': {
    effect: "the mesh's localityLbSetting does not change the endpoints of clusters that forward by SNI",
    source: 'cluster.go BuildClusters',
    instead: 'it applies to all clusters',
  },
  'service-entry-sans-unused': {
    effect: "a ServiceEntry's subjectAltNames are ignored: ISTIO_MUTUAL accepts any account",
    source: 'serviceregistry/external GetIstioServiceAccounts',
    instead: 'they are the accepted SANs if the rule sets none',
  },
  'mutual-files-under-sds': {
    effect: 'a MUTUAL rule uses its own files even if the mesh uses SDS',
    source: 'cluster.go applyUpstreamTLSSettings',
    instead: 'they come from SDS as file-cert:CHAIN~KEY and file-root:CA, as in Istio since 1.6',
  },
  'mutual-without-files': {
    effect: 'a MUTUAL rule without a certificate or key uses plaintext',
    source: 'cluster.go applyUpstreamTLSSettings',
    instead: "it presents the workload's own certificate",
  },
  'simple-without-ca-unverified': {
    effect: "SIMPLE without a CA file does not verify the server's certificate",
    source: 'cluster.go applyUpstreamTLSSettings',
    instead: 'the certificate is verified against public CAs and the requested name',
  },
  'metadata-replaces-rule-files': {
    effect:
      "TLS_CLIENT_* in a node's metadata replaces the files of MUTUAL and SIMPLE rules, not only the workload's own",
    source: 'cluster.go applyUpstreamTLSSettings',
    instead: 'rules keep their own files',
  },
  'base-for-servers-only': {
    effect: "BASE in a node's metadata prefixes the workload's files as a server but not as a client",
    source: 'plugin/authn setupFilterChains',
    instead: 'it prefixes both',
  },
  'unix-prefix-stays': {
    effect: 'the path of a Unix socket in a Sidecar resource keeps its unix://, so the file does not exist',
    source: 'networking/util BuildAddress',
    instead: 'the path is written without unix://',
  },
  'management-cluster-stays': {
    effect: "a probe on a service's own port has a cluster but no listener",
    source: 'cluster.go buildInboundClusters',
    instead: 'it has neither',
  },
  'nameless-file-closes-port': {
    effect:
      'a gateway has no listener on a port if one server on it needs a certificate from files and names none',
    source: 'gateway.go buildGatewayListeners, by Listener.Validate',
    instead: 'the other servers on the port are served',
  },
  'gateways-without-roles': {
    effect: "gateways do not enforce roles, not even those for the gateway's own service",
    source: 'plugin/authz OnOutboundListener',
    instead: 'gateways enforce roles, as in Istio since 1.2',
  },
  'account-after-first-sa': {
    effect:
      'if the trust domain or the namespace ends in sa, destination.user is the part of the SPIFFE ID after it',
    source: 'plugin/authz extractActualServiceAccount',
    instead: 'destination.user is the name of the account',
  },
  'endpoints-by-sidecar-scope': {
    effect:
      'proxies with a Sidecar resource get endpoints without localities; proxies without one get subsets from public rules in any namespace',
    source: 'eds.go updateCluster, loadAssignmentsForClusterIsolated',
    instead: 'all proxies get endpoints with localities, and the subsets of the rule that applies to them',
  },
  'sds-header-misspelt': {
    effect: 'the header with the token is named istio_sds_credentail_header-bin',
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
