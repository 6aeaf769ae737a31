// Which DestinationRules who sees, merged by host (istiod 1.29's model/destination_rule.go, setDestinationRules).

import { compareText } from '../../collections/compare-text.js';
import { memo } from '../../collections/memo.js';
import type { DestinationRule } from '../../envoy/generated/types/networking/v1/destination_rule.js';
import { fullHost, isWildcard, mostSpecific } from './hosts.js';
import { covers } from './labels.js';
import type { Config, Labels, MergedRule, Mesh, RuleIndex, RulesByHost, Service, Settings } from './model.js';
import { byTime } from './resources.js';

interface Rules extends RulesByHost {
  readonly exact: Map<string, MergedRule[]>;
  readonly wildcard: Map<string, MergedRule[]>;
}

function emptyRules(): Rules {
  return { exact: new Map(), wildcard: new Map() };
}

const PRIVATE: ReadonlySet<string> = new Set(['.']);

/** Indexes rules by who sees them. */
export function indexRules(
  configs: readonly Config<DestinationRule>[],
  { default_destination_rule_export_to, root_namespace }: Settings,
): RuleIndex {
  const local = new Map<string, Rules>();
  const exported = new Map<string, Rules>();
  const rootLocal = emptyRules();
  for (const given of [...configs].sort(bySelectorAndAge)) {
    const { namespace, spec } = given;
    const config = { ...given, spec: { ...spec, host: fullHost(spec.host ?? '', namespace) } };
    const exportTo = spec.workload_selector === undefined ? new Set(spec.export_to) : PRIVATE;
    const isOwn = exportTo.has('.') || exportTo.has(namespace);
    if (exportTo.size === 0 || exportTo.has('*') || isOwn)
      merge(memo(local, namespace, emptyRules), config, exportTo);
    const isPrivate =
      exportTo.size === 0 ? default_destination_rule_export_to.includes('.') : exportTo.size === 1 && isOwn;
    if (!isPrivate) merge(memo(exported, namespace, emptyRules), config, exportTo);
    else if (namespace === root_namespace) merge(rootLocal, config, exportTo);
  }
  return { local, exported, rootLocal };
}

function bySelectorAndAge(a: Config<DestinationRule>, b: Config<DestinationRule>): number {
  const selectors =
    Number(a.spec.workload_selector === undefined) - Number(b.spec.workload_selector === undefined);
  return (
    selectors ||
    byTime(a.creationTime, b.creationTime) ||
    compareText(a.name, b.name) ||
    compareText(a.namespace, b.namespace)
  );
}

/** Adds a rule to those of its host: to one with the same visibility and workloads, else beside them. */
function merge(rules: Rules, config: Config<DestinationRule>, exportTo: ReadonlySet<string>): void {
  const { spec } = config;
  const host = spec.host ?? '';
  const byHost = isWildcard(host) ? rules.wildcard : rules.exact;
  const list = memo(byHost, host, () => [] as MergedRule[]);
  const isFirst = list.length === 0;
  let isSeparate = true;
  for (const [index, existing] of list.entries()) {
    if (equalSets(exportTo, existing.exportTo)) isSeparate = false;
    else if (existing.exportTo.size > 0 && [...existing.exportTo].every((item) => exportTo.has(item)))
      isSeparate = true;
    else {
      isSeparate = true;
      continue;
    }
    const own = spec.workload_selector;
    const other = existing.config.spec.workload_selector;
    if (own !== undefined && other !== undefined && !sameLabels(own.match_labels, other.match_labels)) {
      isSeparate = true;
      continue;
    }
    if ((own === undefined) === (other === undefined)) isSeparate = false;
    list[index] = { ...existing, config: merged(existing.config, spec) };
  }
  if (isFirst || isSeparate) list.push({ config, exportTo });
}

/** A rule with the subsets of another that it does not have, and its policy where it has none. */
function merged(rule: Config<DestinationRule>, other: DestinationRule): Config<DestinationRule> {
  const { subsets = [], traffic_policy = other.traffic_policy } = rule.spec;
  const known = new Set(subsets.map(({ name }) => name));
  const added = (other.subsets ?? []).filter(({ name }) => !known.has(name));
  return {
    ...rule,
    spec: {
      ...rule.spec,
      subsets: [...subsets, ...added],
      ...(traffic_policy !== undefined && { traffic_policy }),
    },
  };
}

function equalSets(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((item) => b.has(item));
}

function sameLabels(a: Labels = {}, b: Labels = {}): boolean {
  return Object.keys(a).length === Object.keys(b).length && covers(a, b);
}

/** The rules of a service as a namespace sees them; undefined for none. */
export function rulesFor(
  { rules, settings }: Mesh,
  namespace: string,
  service: Pick<Service, 'hostname' | 'namespace'>,
): readonly MergedRule[] | undefined {
  const { hostname } = service;
  const isRoot = namespace === settings.root_namespace;
  const own = isRoot ? rules.rootLocal : rules.local.get(namespace);
  const found = own && mostSpecific(hostname, own.exact, own.wildcard);
  if (found !== undefined) return found;
  for (const owner of [service.namespace, settings.root_namespace]) {
    const exported = rules.exported.get(owner);
    const list = exported && mostSpecific(hostname, exported.exact, exported.wildcard);
    const visible = list?.filter(
      ({ exportTo }) => exportTo.size === 0 || exportTo.has('*') || exportTo.has(namespace),
    );
    if (visible !== undefined && visible.length > 0) return visible;
  }
  return undefined;
}
