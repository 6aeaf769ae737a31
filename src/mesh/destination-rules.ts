// DestinationRules: merged by host, and found for a service (Pilot 1.1's PushContext.SetDestinationRules,
// combineSingleDestinationRule and DestinationRule).

import { memo } from '../collections/memo.js';
import type {
  DestinationRule,
  TLSSettings,
} from '../envoy/generated/types/networking/v1alpha3/destination_rule.js';
import { bySpecificity, fullHost, hostsMatch } from './host.js';
import type { Config, DestinationRuleSet, Mesh, MeshSettings, Service } from './model.js';

/** Rules by host while they are merged; for each the names of its subsets as this set has seen them. */
type Merging = Map<string, { readonly config: Config<Rule>; readonly subsets: Set<string> }>;

/** A rule to which later ones may add. */
interface Rule {
  host: string;
  traffic_policy?: DestinationRule['traffic_policy'];
  subsets: NonNullable<DestinationRule['subsets']>;
  export_to?: DestinationRule['export_to'];
}

/** How rules are merged. */
export interface MergingOptions {
  /** Whether each set has rules of its own, and a later rule's policy counts without a subset too. */
  readonly separate: boolean;
}

/**
 * Merges rules for one host: the first stays, of later ones the subsets with new names are added.
 *
 * The rules of all namespaces are merged once more with one another, and since a merged rule is the same
 * object in each of these sets, public rules of other namespaces add subsets to it too. Pilot does so; where
 * sets are to be separate, it is another object in each.
 */
export function mergeDestinationRules(
  configs: readonly Config<DestinationRule>[],
  settings: MeshSettings,
  domainSuffix: string,
  { separate }: MergingOptions,
): Pick<Mesh, 'localDestinationRules' | 'exportedDestinationRules' | 'allDestinationRules'> {
  const local = new Map<string, Merging>();
  const exported = new Map<string, Merging>();
  const everywhere: Merging = new Map();
  const defaultExport = settings.default_destination_rule_export_to ?? ['*'];
  for (const given of configs) {
    const { spec } = given;
    const config: Config<Rule> = {
      ...given,
      spec: {
        ...spec,
        host: fullHost(spec.host ?? '', given.namespace, domainSuffix),
        subsets: [...(spec.subsets ?? [])],
      },
    };
    const add = (set: Merging): void => {
      const own = separate
        ? { ...config, spec: { ...config.spec, subsets: [...config.spec.subsets] } }
        : config;
      merge(set, own, separate);
    };
    add(setOf(local, config.namespace));
    const exportTo = spec.export_to ?? [];
    if (exportTo.length === 0 ? defaultExport.includes('*') : exportTo[0] !== '.') {
      add(setOf(exported, config.namespace));
      add(everywhere);
    }
  }
  return {
    localDestinationRules: finished(local),
    exportedDestinationRules: finished(exported),
    allDestinationRules: finishedSet(everywhere),
  };
}

function setOf(sets: Map<string, Merging>, namespace: string): Merging {
  return memo(sets, namespace, () => new Map());
}

function merge(set: Merging, config: Config<Rule>, separate: boolean): void {
  const { host, subsets, traffic_policy } = config.spec;
  const merged = set.get(host);
  if (merged === undefined) {
    set.set(host, { config, subsets: new Set(subsets.map((subset) => subset.name ?? '')) });
    return;
  }
  for (const subset of subsets) {
    const name = subset.name ?? '';
    if (!merged.subsets.has(name)) {
      merged.subsets.add(name);
      merged.config.spec.subsets.push(subset);
    }
  }
  // Pilot takes a later rule's policy only where that rule has a subset.
  if (merged.config.spec.traffic_policy === undefined && (separate || subsets.length > 0)) {
    merged.config.spec.traffic_policy = traffic_policy;
  }
}

function finished(sets: Map<string, Merging>): ReadonlyMap<string, DestinationRuleSet> {
  return new Map([...sets].map(([namespace, set]) => [namespace, finishedSet(set)]));
}

function finishedSet(set: Merging): DestinationRuleSet {
  const hosts = [...set.keys()].sort(bySpecificity);
  return {
    byHost: new Map([...set].map(([host, { config }]) => [host, config])),
    hosts,
    wildcards: hosts.filter((host) => host.startsWith('*')),
  };
}

/**
 * The rule that clients in a namespace follow for a service: one of their own namespace, else a public one
 * of the service's, else a public one of the root namespace. Clients in the root namespace begin with the
 * service's, since rules there are meant for the whole mesh.
 */
export function destinationRule(
  mesh: Mesh,
  clientNamespace: string,
  service: Pick<Service, 'hostname' | 'namespace'>,
): Config<DestinationRule> | undefined {
  for (const { rules } of rulePlaces(mesh, clientNamespace, service.namespace)) {
    const rule = mostSpecific(rules, service.hostname);
    if (rule !== undefined) return rule;
  }
  return undefined;
}

/** A namespace in which a client looks for a rule, with the rules that it sees there. */
export interface RulePlace {
  readonly namespace: string;
  readonly whose: 'client' | 'service' | 'mesh';
  readonly rules: DestinationRuleSet | undefined;
}

const placesOfMeshes = new WeakMap<Mesh, Map<string, Map<string, readonly RulePlace[]>>>();

/** Where a client looks for a service's rule, in this order; the same for all services of a namespace. */
export function rulePlaces(
  mesh: Mesh,
  clientNamespace: string,
  serviceNamespace: string,
): readonly RulePlace[] {
  const places = memo(placesOfMeshes, mesh, () => new Map<string, Map<string, readonly RulePlace[]>>());
  const ofClient = memo(places, clientNamespace, () => new Map<string, readonly RulePlace[]>());
  return memo(ofClient, serviceNamespace, () => placesFor(mesh, clientNamespace, serviceNamespace));
}

function placesFor(mesh: Mesh, clientNamespace: string, serviceNamespace: string): readonly RulePlace[] {
  const root = mesh.settings.root_namespace ?? '';
  const exported = mesh.exportedDestinationRules;
  const places: RulePlace[] = [
    { namespace: serviceNamespace, whose: 'service', rules: exported.get(serviceNamespace) },
    { namespace: root, whose: 'mesh', rules: exported.get(root) },
  ];
  if (clientNamespace === root) return places;
  const rules = mesh.localDestinationRules.get(clientNamespace);
  return [{ namespace: clientNamespace, whose: 'client', rules }, ...places];
}

/**
 * The TLS of the rules that one hides, found in the order in which rules are looked up.
 *
 * @param namespace that of the rule that hides them
 */
export function hiddenTls(
  mesh: Mesh,
  namespace: string,
  service: Pick<Service, 'hostname' | 'namespace'>,
): TLSSettings | undefined {
  const root = mesh.settings.root_namespace ?? '';
  const others = [service.namespace, root].filter((candidate) => candidate !== namespace);
  for (const other of others) {
    const tls = mostSpecific(mesh.exportedDestinationRules.get(other), service.hostname)?.spec.traffic_policy
      ?.tls;
    if (tls !== undefined) return tls;
  }
  return undefined;
}

/** The rule of a set whose host is the most specific that fits. */
export function mostSpecific(
  set: DestinationRuleSet | undefined,
  hostname: string,
): Config<DestinationRule> | undefined {
  if (set === undefined) return undefined;
  const wild = hostname.startsWith('*');
  const exact = wild ? undefined : set.byHost.get(hostname);
  if (exact !== undefined) return exact;
  const host = (wild ? set.hosts : set.wildcards).find((candidate) => hostsMatch(hostname, candidate));
  return host === undefined ? undefined : set.byHost.get(host);
}
