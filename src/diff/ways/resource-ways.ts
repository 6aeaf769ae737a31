// The ways in and out of a resource. While two versions of it are compared field by field, this notes which of
// the differences decide who gets where, and looks at those ways whole once the comparison is through.

import type { MessageReader } from '../../envoy/message-reader.js';
import { quoted } from '../../secrecy/quoted.js';
import { canonical } from '../meaning/canonical.js';
import { type Difference, fieldsAbove, type Path } from '../meaning/compare.js';
import { type Meaning, MessageMeaning } from '../meaning/meaning.js';
import type { Change, TlsDifference } from '../tls/change.js';
import { isTlsContext } from '../tls/guard.js';
import { NAME_OPTIONS, sanValidationDifferences } from '../tls/san-validation.js';
import { aroundDifference } from '../tls/tls-difference.js';
import { destinationDifferences } from './cluster-destinations.js';
import type { SideIndex } from './cluster-references.js';
import { compareClusterWays } from './cluster-ways.js';
import { configSourceDifference } from './config-source-ways.js';
import { grpcDifferences } from './grpc-ways.js';
import { compareListenerWays } from './listener-ways.js';
import { fieldOf, itemsOf, textOf, typeOf } from './meanings.js';
import { isEmpty, NO_REFERENCES, type References, referencesAt, referencesIn } from './references.js';
import { compareRoutes, type ReferenceComparer } from './route-ways.js';
import {
  type ClusterSide,
  type Criteria,
  criteriaText,
  endpointsIn,
  endpointsName,
  entriesOf,
  isDiscovered,
  ownEndpoints,
} from './socket-choice.js';
import { hasSubsets, inSubsets, possibleSubsets } from './subsets.js';

/** What is known of both sides beside the resource. */
export interface WayRules {
  readonly oldSide: SideIndex;
  readonly newSide: SideIndex;
  readonly references: ReferenceComparer;
  /** Readers of what was of v2. */
  readonly upgraded: ReadonlySet<MessageReader>;
}

/** A difference of ways, and where it is. */
export interface FoundWay {
  readonly tls: TlsDifference;
  readonly path: Path | undefined;
  readonly old: Meaning | undefined;
  readonly new: Meaning | undefined;
}

/** Compares two parts of the resource as if they stood at a field of it. */
type CompareParts = (
  old: Meaning | undefined,
  now: Meaning | undefined,
  field: string,
) => readonly TlsDifference[];

interface Pair {
  readonly path: Path | undefined;
  readonly old: Meaning;
  readonly now: Meaning;
}

/** Fields of a listener that decide which filter chain a connection gets. */
const CHOOSES_CHAIN = new Set([
  'listener_filters',
  'filter_chain_matcher',
  'use_original_dst',
  'continue_on_listener_filters_timeout',
  'default_filter_chain',
]);

/** Fields of a cluster that decide which socket an endpoint gets, and where it is. */
const CHOOSES_SOCKET = new Set([
  'transport_socket_matches',
  'transport_socket_matcher',
  'load_assignment',
  'hosts',
  'health_checks',
  'eds_cluster_config',
  'type',
  'cluster_type',
  'original_dst_lb_config',
  'lb_policy',
  'lb_subset_config',
  'load_balancing_policy',
]);

/** More subsets of a cluster's endpoints than this are not tried. */
const MOST_SUBSETS = 200;

/** Messages that stand for themselves: one more of them takes nothing from others of its list. */
const WHOLE = new Set([
  'Route',
  'VirtualHost',
  'FilterChain',
  'Filter',
  'HttpFilter',
  'AccessLog',
  'StatsSink',
  'ClusterWeight',
]);

/** Messages around which nothing is looked for that something may have taken the place of. */
const APART = new Set([
  'HttpConnectionManager',
  'HttpFilter',
  'AccessLog',
  'StatsSink',
  'Bootstrap',
  'Cluster',
]);

/** The ways of one resource. */
export class ResourceWays {
  // Made when they are needed: most resources that change do so in one plain field.
  private pairs: Map<Path, Pair> | undefined;
  private compared: Map<Meaning, Meaning> | undefined;
  private chainOf: Map<Change, Pair> | undefined;
  private touched: Map<Meaning, Pair> | undefined;
  private references: Difference[] | undefined;
  private choosesChain = false;
  private choosesSocket = false;
  private namesServers = false;
  private isApart: (old: Meaning, now: Meaning) => boolean = () => false;

  constructor(
    private readonly old: Meaning,
    private readonly now: Meaning,
    private readonly rules: WayRules,
    private readonly compareParts: CompareParts,
  ) {}

  /** Notes that two parts are compared with each other. */
  enter(old: Meaning, now: Meaning, path: Path | undefined): void {
    if (path === undefined || now.shape === 'scalar') return;
    this.pairs ??= new Map();
    this.pairs.set(path, { path, old, now });
    if (!(now instanceof MessageMeaning)) return;
    if (now.type.shortName !== 'FilterChain' && !isTlsContext(now)) return;
    this.compared ??= new Map();
    this.compared.set(old, now);
  }

  /** Notes a change, and the filter chains that it is in. */
  note(change: Change, path: Path | undefined): void {
    const chain = this.nearest(path, ({ now }) => typeOf(now) === 'FilterChain');
    if (chain === undefined) return;
    this.chainOf ??= new Map();
    this.chainOf.set(change, chain);
  }

  /** Notes a difference that decides who gets where. */
  touch(difference: Difference): void {
    const { path, field } = difference;
    const above = fieldsAbove(path);
    const top = above.at(-1) ?? '';
    if (CHOOSES_CHAIN.has(top) || (top === 'filter_chains' && isOfChoice(path, above)))
      this.choosesChain = true;
    if (CHOOSES_SOCKET.has(top)) this.choosesSocket = true;
    if (above.some((name) => NAME_OPTIONS.has(name))) this.namesServers = true;
    const home = this.nearest(path, (pair) => isHome(pair, path, field?.name));
    if (home !== undefined) {
      this.touched ??= new Map();
      this.touched.set(home.now, home);
    } else if (mayLead(difference)) {
      this.references ??= [];
      this.references.push(difference);
    }
  }

  private nearest(path: Path | undefined, fits: (pair: Pair) => boolean): Pair | undefined {
    for (let at = path; at !== undefined; at = at.above) {
      const pair = this.pairs?.get(at);
      if (pair !== undefined && fits(pair)) return pair;
    }
    const root = { path: undefined, old: this.old, now: this.now };
    return fits(root) ? root : undefined;
  }

  /** What the ways differ in. */
  finish(): FoundWay[] {
    const kind = typeOf(this.now);
    const found: FoundWay[] = [];
    if (kind === 'Listener' && this.choosesChain) found.push(...this.listener());
    if (kind === 'Cluster') found.push(...this.cluster());
    if (kind === 'ClusterLoadAssignment') found.push(...this.endpoints());
    return withoutRepeats([...found, ...this.within()]);
  }

  /** What the ways of parts differ in, without those of the resource whole. */
  within(): FoundWay[] {
    const found: FoundWay[] = [];
    for (const pair of this.touched?.values() ?? []) found.push(...this.home(pair));
    for (const difference of this.references ?? []) found.push(...this.reference(difference));
    return found;
  }

  /** Changes within filter chains of which none takes the other's connections. */
  neutralized(): ReadonlySet<Change> {
    const neutral = new Set<Change>();
    for (const [change, { old, now }] of this.chainOf ?? [])
      if (change.tls !== undefined && change.context !== undefined && this.isApart(old, now))
        neutral.add(change);
    return neutral;
  }

  private listener(): FoundWay[] {
    const side = (listener: Meaning) => ({ listener, isV2: isOfV2(listener, this.rules.upgraded) });
    const { differences, isApart } = compareListenerWays(side(this.old), side(this.now), {
      differences: (was, is) => this.compareParts(was, is, 'default_filter_chain'),
      isCompared: (was, is) => this.compared?.get(was) === is,
    });
    this.isApart = isApart;
    return differences.map((one) => ({ ...one, path: this.pathOf(one.new) ?? WAYS_IN }));
  }

  /** Where a filter chain was compared. */
  private pathOf(meaning: Meaning | undefined): Path | undefined {
    for (const { path, now } of this.pairs?.values() ?? []) if (now === meaning) return path;
    return undefined;
  }

  private cluster(): FoundWay[] {
    const found: TlsDifference[] = [];
    if (this.choosesSocket)
      found.push(
        ...this.sockets(this.old, this.now),
        ...destinationDifferences(this.old, this.now, this.rules.references),
      );
    const names = this.namesServers ? sanValidationDifferences(this.old, this.now) : [];
    return [
      ...found.map((tls) => this.at(tls, WAYS_OUT)),
      ...names.map((tls) => this.at(tls, { above: undefined, step: '.upstream_http_protocol_options' })),
    ];
  }

  private sockets(old: Meaning, now: Meaning): TlsDifference[] {
    const [before, after] = this.sidesOf(old, now);
    const found = this.compareSides(before, after);
    if (hasSubsets(before) || hasSubsets(after)) {
      const asked = possibleSubsets([before, after]);
      if (asked.length > MOST_SUBSETS)
        found.push(aroundDifference('unknown', 'there are too many subsets of endpoints to compare each'));
      else for (const one of asked) found.push(...this.compareSubset(before, after, [one], [one]));
    }
    return [...found, ...this.internal(old, now)];
  }

  /** What it means that a request asks for other endpoints of a cluster than before. */
  subsets(oldAsked: readonly Criteria[], nowAsked: readonly Criteria[]): TlsDifference[] {
    const [before, after] = this.sidesOf(this.old, this.now);
    if (!hasSubsets(before) && !hasSubsets(after)) return [];
    const isUnknown = [before, after].some(({ isOpen, endpoints }) => isOpen && endpoints.length === 0);
    if (isUnknown && [before, after].some(({ cluster }) => entriesOf(cluster).length > 0))
      return [aroundDifference('unknown', 'which transport sockets they get is unknown')];
    return this.compareSubset(before, after, oldAsked, nowAsked);
  }

  private compareSubset(
    old: ClusterSide,
    now: ClusterSide,
    oldAsked: readonly Criteria[],
    nowAsked: readonly Criteria[],
  ): TlsDifference[] {
    const before = inSubsets(old, oldAsked);
    // Where no endpoint fitted, requests were refused: what they get now is compared with what there was.
    return this.compareSides(before.endpoints.length === 0 ? old : before, inSubsets(now, nowAsked));
  }

  private sidesOf(old: Meaning, now: Meaning): readonly [ClusterSide, ClusterSide] {
    const side = (cluster: Meaning, index: SideIndex): ClusterSide => {
      const own = ownEndpoints(cluster);
      const assignment = isDiscovered(cluster) ? index.find('endpoints', endpointsName(cluster)) : undefined;
      return { cluster, endpoints: [...own, ...endpointsIn(assignment)], isOpen: isDiscovered(cluster) };
    };
    return [side(old, this.rules.oldSide), side(now, this.rules.newSide)];
  }

  private compareSides(before: ClusterSide, after: ClusterSide): TlsDifference[] {
    return compareClusterWays(before, after, {
      differences: (was, is) => (was === is ? [] : this.compareParts(was, is, 'transport_socket')),
      isCompared: (was, is) => was !== undefined && is !== undefined && this.compared?.get(was) === is,
    });
  }

  /** An endpoint that is an internal listener leads to where that listener leads. */
  private internal(old: Meaning, now: Meaning): readonly TlsDifference[] {
    const behind = (cluster: Meaning, index: SideIndex): References | undefined => {
      const [address] = ownEndpoints(cluster).flatMap((one) => one.address ?? []);
      if (!address?.startsWith('internal:')) return undefined;
      return referencesIn(index.find('listener', address.slice('internal:'.length)));
    };
    const [before, after] = [behind(old, this.rules.oldSide), behind(now, this.rules.newSide)];
    return before === undefined || after === undefined ? [] : this.rules.references.replaced(before, after);
  }

  private endpoints(): FoundWay[] {
    const name = textOf(this.now, 'cluster_name') ?? '';
    const [before, after] = [this.rules.oldSide, this.rules.newSide].map((side) =>
      side.find('cluster', name),
    );
    if (before !== undefined && after !== undefined)
      return this.sockets(before, after).map((tls) => this.at(tls, WAYS_OUT));
    const known = new Set(endpointsIn(this.old).map(criteriaTextOf));
    const other = endpointsIn(this.now).find((endpoint) => !known.has(criteriaTextOf(endpoint)));
    const isSelected = [...endpointsIn(this.old), ...endpointsIn(this.now)].some(
      (one) => criteriaTextOf(one) !== ' ',
    );
    if (other === undefined || !isSelected || known.size === 0) return [];
    const message = `the endpoint ${quoted(other.address ?? '')} may get a transport socket that no other had`;
    return [this.at(aroundDifference('loosened', message), WAYS_OUT)];
  }

  private at(tls: TlsDifference, path: Path | undefined): FoundWay {
    return { tls, path, old: undefined, new: undefined };
  }

  /** A table of routes, a gRPC service or a source of configuration that changed. */
  private home({ path, old, now }: Pair): FoundWay[] {
    switch (typeOf(now)) {
      case 'RouteConfiguration':
        return compareRoutes(old, now, this.rules.references).map((one) => ({ ...one, path }));
      case 'HttpConnectionManager':
        return this.routesOf(path, table(old, this.rules.oldSide), table(now, this.rules.newSide));
      case 'ScopedRouteConfiguration':
        return this.routesOf(path, scope(old, this.rules.oldSide), scope(now, this.rules.newSide));
      case 'TcpProxy':
      case 'RouteAction':
        return this.rules.references
          .replaced(referencesIn(old), referencesIn(now))
          .map((tls) => ({ tls, path, old, new: now }));
      case 'GrpcService':
        return grpcDifferences(
          old,
          now,
          /\b(?:ads_config|api_config_source)\b/.test(fieldsAbove(path).join()),
          this.rules.references,
        ).map((tls) => ({ tls, path, old, new: now }));
      case 'ConfigSource': {
        const tls = GIVES_WAYS.test(fieldsAbove(path).join()) ? configSourceDifference(old, now) : undefined;
        const found =
          tls === undefined ? this.rules.references.replaced(referencesIn(old), referencesIn(now)) : [tls];
        return found.map((one) => ({ tls: one, path, old, new: now }));
      }
      default:
        return [];
    }
  }

  private routesOf(path: Path | undefined, old: Table, now: Table): FoundWay[] {
    if (old.routes === undefined || now.routes === undefined) {
      if (old.name === now.name && old.routes === now.routes) return [];
      const name = old.routes === undefined ? old.name : now.name;
      if (name === undefined) return [];
      return [
        this.at(aroundDifference('unknown', `the routes ${quoted(name)} are not among the inputs`), path),
      ];
    }
    return compareRoutes(old.routes, now.routes, this.rules.references).map((one) => ({ ...one, path }));
  }

  /** A cluster that something else leads to now. */
  private reference(difference: Difference): FoundWay[] {
    const { path, old, new: now, moved } = difference;
    if (moved !== undefined) return [];
    const [before, after] = [referencesAt(old, difference), referencesAt(now, difference)];
    if (isEmpty(after)) return now === undefined ? this.noLongerOpen(difference, before) : [];
    const { references, isWhole } = isEmpty(before)
      ? this.before(difference)
      : { references: before, isWhole: false };
    const opened = { clusters: [], open: after.open };
    const found = isWhole
      ? [...this.weaker(references, after), ...this.rules.references.replaced(references, opened)]
      : this.rules.references.replaced(references, after);
    return found.map((tls) => ({ tls, path, old, new: now }));
  }

  /** A filter that chose clusters is gone: what is named beside it is where all connections go now. */
  private noLongerOpen({ path, old }: Difference, { clusters, open }: References): FoundWay[] {
    if (open.length === 0 || clusters.length > 0) return [];
    const list = path?.above;
    const holder = list?.above && this.pairs?.get(list.above);
    const left = referencesIn(holder?.now);
    const found = isEmpty(left) ? [] : this.rules.references.replaced({ clusters, open }, left);
    return found.map((tls) => ({ tls, path, old, new: undefined }));
  }

  private weaker(old: References, now: References): TlsDifference[] {
    const [before, after] = [this.rules.references.guard(old), this.rules.references.guard(now)];
    return before === undefined || after === undefined || after >= before
      ? []
      : [
          aroundDifference(
            'loosened',
            `${now.clusters.map(quoted).join(', ')} is less guarded than the clusters before`,
          ),
        ];
  }

  /** Whether another filter that led out is gone from the filter chain that a filter is added to. */
  private takesOver(path: Path | undefined): boolean {
    const chain = path?.above?.above && this.pairs?.get(path.above.above);
    if (typeOf(chain?.now) !== 'FilterChain') return false;
    const kindOf = (filter: Meaning): string =>
      `${textOf(filter, 'name')} ${typeOf(fieldOf(filter, 'typed_config')) ?? ''}`;
    const left = new Set(itemsOf(chain?.now, 'filters').map(kindOf));
    return itemsOf(chain?.old, 'filters').some(
      (filter) => !left.has(kindOf(filter)) && !isEmpty(referencesIn(filter)),
    );
  }

  /** What led out where something is added, and whether that stands for itself. */
  private before({ path, new: now }: Difference): {
    readonly references: References;
    readonly isWhole: boolean;
  } {
    let isWhole = WHOLE.has(typeOf(now) ?? '') && typeOf(now) !== 'ClusterWeight';
    if (typeOf(now) === 'Filter' && this.takesOver(path)) isWhole = false;
    for (let at = path?.above; at !== undefined; at = at.above) {
      const pair = this.pairs?.get(at);
      if (pair === undefined) continue;
      const references = referencesIn(pair.old);
      if (!isEmpty(references)) return { references, isWhole };
      const kind = typeOf(pair.old) ?? '';
      if (APART.has(kind)) return { references: NO_REFERENCES, isWhole };
      isWhole ||= WHOLE.has(kind);
    }
    return typeOf(this.old) === 'Listener' || typeOf(this.old) === 'RouteConfiguration'
      ? { references: referencesIn(this.old), isWhole: true }
      : { references: NO_REFERENCES, isWhole };
  }
}

/** Whether a difference may lead to another cluster: a scalar that names none does not. */
function mayLead({ old, new: now, field, holder, path }: Difference): boolean {
  if (old?.shape !== 'scalar' && now?.shape !== 'scalar') return true;
  if (field === undefined || holder === undefined || path?.step !== `.${field.name}`) return true;
  return field.kind === 'scalar' && (field.scalar === 'string' || field.scalar === undefined);
}

const WAYS_IN: Path = { above: undefined, step: '.filter_chains' };
const WAYS_OUT: Path = { above: undefined, step: '.transport_socket_matches' };

/** Where sources of listeners, clusters, routes and filters stand; endpoints are no matter of trust by themselves. */
const GIVES_WAYS =
  /\b(?:lds_config|cds_config|rds|scoped_routes|vhds|config_discovery|config_sources|default_config_source)\b/;

/** Whether a difference in a filter chain is of which connections it gets. */
function isOfChoice(path: Path | undefined, above: readonly string[]): boolean {
  if (path?.above?.step === '.filter_chains' || path?.step === '.filter_chains') return true;
  return above.includes('filter_chain_match') || above.includes('use_proxy_proto');
}

const ROUTE_CONFIGURATION = /^envoy\.(?:config\.route\.v3|api\.v2)\.RouteConfiguration$/;

/** What decides which cluster a request goes to, and which name its server must have. */
const ROUTES = new Set([
  'virtual_hosts',
  'request_mirror_policies',
  'cluster_specifier_plugins',
  'request_headers_to_add',
]);
/** What a virtual host holds beside that. */
const APART_FROM_ROUTES = new Set(['typed_per_filter_config', 'per_filter_config']);

/** Whether a difference is looked at with the whole of a part that it is in. */
function isHome({ path, now }: Pair, at: Path | undefined, field: string | undefined): boolean {
  switch (typeOf(now)) {
    case 'RouteConfiguration': {
      // The generic proxy's is another one.
      if (!ROUTE_CONFIGURATION.test((now as MessageMeaning).type.name)) return false;
      const below = fieldsBelow(at, path);
      return ROUTES.has(below[0] ?? '') && (below.length === 1 || !APART_FROM_ROUTES.has(below[1] ?? ''));
    }
    case 'HttpConnectionManager': {
      const [first] = fieldsBelow(at, path);
      return first === 'route_config' || first === 'rds' || first === 'scoped_routes';
    }
    case 'ScopedRouteConfiguration':
      return field === 'route_configuration_name' || field === 'route_configuration';
    case 'TcpProxy':
    case 'RouteAction':
      return fieldsBelow(at, path).includes('metadata_match') && !isOfHttp(now as MessageMeaning);
    case 'GrpcService':
    case 'ConfigSource':
      return true;
    default:
      return false;
  }
}

/** Routes of HTTP are compared by their matches, in their table. */
function isOfHttp({ type }: MessageMeaning): boolean {
  return /^envoy\.(?:config\.route\.v3|api\.v2\.route)\./.test(type.name);
}

/** The names of the fields between a part and a place in it, the nearest to the part first. */
function fieldsBelow(at: Path | undefined, path: Path | undefined): string[] {
  const names: string[] = [];
  for (let step = at; step !== undefined && step !== path; step = step.above)
    if (step.step.startsWith('.')) names.push(step.step.slice(1));
  return names.reverse();
}

function isOfV2(meaning: Meaning, upgraded: ReadonlySet<MessageReader>): boolean {
  return upgraded.has(meaning.reader) || (meaning instanceof MessageMeaning && !meaning.type.isV3);
}

function criteriaTextOf({
  own,
  locality,
}: {
  own: ReadonlyMap<string, string>;
  locality: ReadonlyMap<string, string>;
}): string {
  return `${criteriaText(own)} ${criteriaText(locality)}`;
}

/** Routes, or the name by which they are asked for. */
interface Table {
  readonly routes: Meaning | undefined;
  readonly name: string | undefined;
}

/** The routes of an HttpConnectionManager. */
function table(manager: Meaning, side: SideIndex): Table {
  const routes = fieldOf(manager, 'route_config');
  if (routes !== undefined) return { routes, name: undefined };
  const name = textOf(manager, 'rds', 'route_config_name');
  if (name !== undefined) return { routes: side.find('route', name), name };
  const scoped = fieldOf(manager, 'scoped_routes');
  return { routes: undefined, name: scoped === undefined ? undefined : `of scopes ${canonical(scoped)}` };
}

function scope(meaning: Meaning, side: SideIndex): Table {
  const name = textOf(meaning, 'route_configuration_name');
  return {
    routes:
      fieldOf(meaning, 'route_configuration') ?? (name === undefined ? undefined : side.find('route', name)),
    name,
  };
}

function withoutRepeats(found: readonly FoundWay[]): FoundWay[] {
  const seen = new Set<string>();
  return found.filter(({ tls, path }) => {
    const key = `${tls.class} ${tls.message} ${fieldsAbove(path).join()}`;
    return !seen.has(key) && seen.add(key);
  });
}
