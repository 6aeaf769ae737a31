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
  /** What is done instead; undefined where nothing else could be told from the same input. */
  readonly instead: string | undefined;
}

/** All quirks that decide on clusters. */
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
  'external-name-all-ports': {
    effect: "each port's cluster of an ExternalName service has the endpoints of all ports",
    source: 'serviceregistry/kube/controller InstancesByPort',
    instead: 'each cluster has those of its port',
  },
  'service-entry-sans-unused': {
    effect: "a ServiceEntry's subjectAltNames are not used: under ISTIO_MUTUAL any account is taken",
    source: 'serviceregistry/external GetIstioServiceAccounts',
    instead: 'they are the SANs where the rule gives none',
  },
  'mutual-files-under-sds': {
    effect: 'a MUTUAL rule presents its own files even where the mesh uses SDS',
    source: 'cluster.go applyUpstreamTLSSettings',
    instead: undefined,
  },
  'simple-without-ca-unverified': {
    effect: "SIMPLE without a CA file and SANs verifies nothing of the server's certificate",
    source: 'cluster.go applyUpstreamTLSSettings',
    instead: undefined,
  },
  'rules-merged-across-namespaces': {
    effect: 'public rules for one host add their subsets to those of other namespaces',
    source: 'destination_rule.go combineSingleDestinationRule on allExportedDestRules',
    instead: undefined,
  },
} as const satisfies { readonly [name: string]: QuirkInfo };

export type Quirk = keyof typeof QUIRKS;

/** Whether a quirk is reproduced. */
export function hasQuirk(compat: Compat, quirk: Quirk): boolean {
  return compat === 'istio-1.1' || QUIRKS[quirk].instead === undefined;
}
