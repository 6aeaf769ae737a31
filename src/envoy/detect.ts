// What a document is: which messages it holds, of which version of the API. Files seldom say; what they
// hold tells.

import { Kind, Style, type Tape } from '../source/tape.js';
import { type MessageInfo, message } from './api-table.js';
import { typeName } from './message-reader.js';
import { type BothVersions, versionByFields } from './version-by-fields.js';

export type Api = 'v2' | 'v3';

/** A message that a document holds at its top. */
export interface DocumentRoot {
  readonly type: MessageInfo;
  readonly node: number;
}

/** What a document was found to be. */
export interface Detected {
  readonly api: Api;
  /** Whether the document shows its version; else all that it holds is in both. */
  readonly showsApi: boolean;
  /** Empty where the document is no Envoy configuration. */
  readonly roots: readonly DocumentRoot[];
}

interface Candidate {
  readonly v2: string;
  readonly v3: string;
  /** Any of these must be there: names that tell the message from others. */
  readonly marks: readonly string[];
}

// The order decides between messages that fit equally well.
const CANDIDATES: readonly Candidate[] = [
  {
    v2: 'envoy.config.bootstrap.v2.Bootstrap',
    v3: 'envoy.config.bootstrap.v3.Bootstrap',
    marks: ['static_resources', 'dynamic_resources', 'admin', 'cluster_manager', 'layered_runtime', 'node'],
  },
  { v2: 'envoy.admin.v2alpha.ConfigDump', v3: 'envoy.admin.v3.ConfigDump', marks: ['configs'] },
  {
    v2: 'envoy.api.v2.DiscoveryResponse',
    v3: 'envoy.service.discovery.v3.DiscoveryResponse',
    marks: ['resources'],
  },

  {
    v2: 'envoy.api.v2.Cluster',
    v3: 'envoy.config.cluster.v3.Cluster',
    marks: [
      'connect_timeout',
      'load_assignment',
      'hosts',
      'lb_policy',
      'eds_cluster_config',
      'tls_context',
      'transport_socket',
      'type',
    ],
  },
  {
    v2: 'envoy.api.v2.Listener',
    v3: 'envoy.config.listener.v3.Listener',
    marks: ['filter_chains', 'listener_filters', 'api_listener', 'default_filter_chain'],
  },
  {
    v2: 'envoy.api.v2.RouteConfiguration',
    v3: 'envoy.config.route.v3.RouteConfiguration',
    marks: ['virtual_hosts'],
  },
  {
    v2: 'envoy.api.v2.ClusterLoadAssignment',
    v3: 'envoy.config.endpoint.v3.ClusterLoadAssignment',
    marks: ['endpoints', 'named_endpoints'],
  },
  {
    v2: 'envoy.api.v2.auth.Secret',
    v3: 'envoy.extensions.transport_sockets.tls.v3.Secret',
    marks: ['tls_certificate', 'validation_context', 'session_ticket_keys', 'generic_secret'],
  },
  {
    v2: 'envoy.api.v2.listener.FilterChain',
    v3: 'envoy.config.listener.v3.FilterChain',
    marks: ['filters', 'filter_chain_match', 'transport_socket'],
  },
  {
    v2: 'envoy.api.v2.auth.DownstreamTlsContext',
    v3: 'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
    marks: ['require_client_certificate', 'session_timeout'],
  },
  {
    v2: 'envoy.api.v2.auth.UpstreamTlsContext',
    v3: 'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
    marks: ['common_tls_context'],
  },
  {
    v2: 'envoy.api.v2.auth.CommonTlsContext',
    v3: 'envoy.extensions.transport_sockets.tls.v3.CommonTlsContext',
    marks: ['tls_certificates', 'tls_certificate_sds_secret_configs', 'combined_validation_context'],
  },
  {
    v2: 'envoy.admin.v2alpha.ClustersConfigDump',
    v3: 'envoy.admin.v3.ClustersConfigDump',
    marks: ['static_clusters', 'dynamic_active_clusters', 'dynamic_warming_clusters'],
  },
  {
    v2: 'envoy.admin.v2alpha.ListenersConfigDump',
    v3: 'envoy.admin.v3.ListenersConfigDump',
    marks: ['static_listeners', 'dynamic_listeners'],
  },
  {
    v2: 'envoy.admin.v2alpha.SecretsConfigDump',
    v3: 'envoy.admin.v3.SecretsConfigDump',
    marks: ['static_secrets', 'dynamic_active_secrets', 'dynamic_warming_secrets'],
  },
  {
    v2: 'envoy.admin.v2alpha.ClustersConfigDump.DynamicCluster',
    v3: 'envoy.admin.v3.ClustersConfigDump.DynamicCluster',
    marks: ['cluster'],
  },
];

/** Members under which control planes and snapshots keep lists of resources. */
const BUNDLE: ReadonlyMap<string, Candidate> = new Map([
  ['clusters', named('envoy.api.v2.Cluster')],
  ['listeners', named('envoy.api.v2.Listener')],
  ['routes', named('envoy.api.v2.RouteConfiguration')],
  ['endpoints', named('envoy.api.v2.ClusterLoadAssignment')],
  ['secrets', named('envoy.api.v2.auth.Secret')],
]);

function named(v2: string): Candidate {
  return CANDIDATES.find((candidate) => candidate.v2 === v2) as Candidate;
}

/**
 * Finds what a document holds: a bootstrap, a resource, a response, a dump, a list of them, or a map of lists.
 *
 * @param api the version to take where the document leaves it open; by default its content decides
 */
export function detect(tape: Tape, api?: Api): Detected {
  const shown = api ?? shownApi(tape);
  const version = shown ?? 'v2';
  return { api: version, showsApi: shown !== undefined, roots: rootsAt(tape, 0, version, 0) };
}

/** The version that a document shows; undefined where all that it holds is in both. */
export function shownApi(tape: Tape): Api | undefined {
  return apiOf(tape) ?? apiByFields(tape);
}

/** The version that the names of fields show. */
function apiByFields(tape: Tape): Api | undefined {
  const now = new Map(rootsAt(tape, 0, 'v3', 0).map(({ type, node }) => [node, type]));
  const both = rootsAt(tape, 0, 'v2', 0).flatMap(({ type, node }): BothVersions[] => {
    const v3 = now.get(node);
    return v3 === undefined ? [] : [{ v2: type, v3, node }];
  });
  return versionByFields(tape, both);
}

/** The version that types, or fields that are in every other file of v2, show. */
function apiOf(tape: Tape): Api | undefined {
  const { text } = tape;
  // v3 had the field as one of v2's: what names types of v3 is read as v3.
  if (holdsTlsContext(tape) && !NAMES_V3.test(text)) return 'v2';
  // A package of the API, that is: others put their own below `envoy.api.v2` too, and runtime keys
  // (`envoy.deprecated_features:envoy.api.v2.…`) keep the names of v2's fields.
  if (
    /(?<!features:)envoy\.api\.v2\.(?:[A-Z]|auth|cluster|core|endpoint|listener|ratelimit|route)/.test(text)
  )
    return 'v2';
  return /\.v3\.|: *"?V3\b/.test(text) ? 'v3' : undefined;
}

/** A type URL of v3. */
const NAMES_V3 = /\/envoy\.(?:\w+\.)+v3\.\w/;

/** What a route asks of the connection's TLS. */
const ASKED = ['presented', 'validated'];

/** Whether a `tls_context` stands anywhere that is not what a route asks of a connection, in both versions. */
function holdsTlsContext(tape: Tape): boolean {
  const { names } = tape;
  if (!names.includes('tls_context') && !names.includes('tlsContext')) return false;
  if (!ASKED.some((name) => names.includes(name))) return true;
  for (let node = 0; node < tape.size; node++) {
    if (tape.kind(node) !== Kind.Key || !/^tls(?:_c|C)ontext$/.test(tape.name(node))) continue;
    const context = tape.resolve(node + 1);
    const asks = tape.kind(context) === Kind.Map && ASKED.some((name) => tape.get(context, name) >= 0);
    if (!asks) return true;
  }
  return false;
}

function rootsAt(tape: Tape, at: number, api: Api, depth: number): DocumentRoot[] {
  const node = tape.resolve(at);
  const kind = tape.kind(node);
  if (kind === Kind.List) {
    const roots: DocumentRoot[] = [];
    for (let item = node + 1; item < (tape.links[node] as number); item = tape.next(item)) {
      roots.push(...rootsAt(tape, item, api, depth));
    }
    return roots;
  }
  if (kind !== Kind.Map) return [];
  const url = tape.get(node, '@type');
  if (url >= 0) {
    const type = message(typeName(tape.string(url)));
    return type === undefined ? [] : [{ type, node }];
  }
  const type = holdsNamedResources(tape, node) ? message(DELTA_RESPONSE[api]) : bestFit(tape, node, api);
  if (type?.name.endsWith('.ConfigDump')) {
    const parts = namedDumps(tape, node, api, depth);
    if (parts.length > 0) return parts;
  }
  if (type !== undefined) return [{ type, node }];
  return depth === 0 ? bundleRoots(tape, node, api) : [];
}

/** The dumps of a map of them by name, as Envoy 1.7 gives them; later ones give a list. */
function namedDumps(tape: Tape, dump: number, api: Api, depth: number): DocumentRoot[] {
  const configs = tape.get(dump, 'configs');
  if (configs < 0 || tape.kind(configs) !== Kind.Map || tape.get(configs, '@type') >= 0) return [];
  const roots: DocumentRoot[] = [];
  for (let key = configs + 1; key < (tape.links[configs] as number); key = tape.next(key + 1))
    if (tape.get(tape.resolve(key + 1), '@type') >= 0) roots.push(...rootsAt(tape, key + 1, api, depth + 1));
  return roots;
}

const DELTA_RESPONSE: Readonly<Record<Api, string>> = {
  v2: 'envoy.api.v2.DeltaDiscoveryResponse',
  v3: 'envoy.service.discovery.v3.DeltaDiscoveryResponse',
};

/** Whether a map's resources stand in messages with their names, as in incremental responses and control planes' snapshots. */
function holdsNamedResources(tape: Tape, map: number): boolean {
  const list = tape.get(map, 'resources');
  if (list < 0 || tape.kind(list) !== Kind.List || tape.next(list) === list + 1) return false;
  const first = tape.resolve(list + 1);
  return tape.get(first, 'resource') >= 0 && tape.get(first, '@type') < 0;
}

/** Marks that nothing has but a bootstrap of Envoy, whatever stands beside them. */
const TELLING = new Set(['static_resources', 'dynamic_resources']);
const MUCH = 1e6;

/** The candidate of which a map has a mark and the most members. */
function bestFit(tape: Tape, map: number, api: Api): MessageInfo | undefined {
  let best: MessageInfo | undefined;
  let bestScore = 0;
  for (const candidate of CANDIDATES) {
    const type = message(candidate[api]) as MessageInfo;
    let score = 0;
    let marked = false;
    for (let key = map + 1; key < (tape.links[map] as number); key = tape.next(key + 1)) {
      if (tape.has(key, Style.Ignored)) continue;
      const field = type.field(tape.name(key));
      score += field === undefined ? -1 : 1;
      if (
        field === undefined ||
        !candidate.marks.includes(field.name) ||
        !fits(tape, key + 1, field.repeated) ||
        (field.name === 'transport_socket' && isServers(tape, key + 1) !== type.name.endsWith('.FilterChain'))
      )
        continue;
      marked = true;
      if (TELLING.has(field.name)) score += MUCH;
    }
    if (marked && score > bestScore) {
      best = type;
      bestScore = score;
    }
  }
  return best;
}

/** Whether a transport socket is that of a server: what stands alone is a filter chain's then, and else a cluster's. */
function isServers(tape: Tape, value: number): boolean {
  const socket = tape.resolve(value);
  const config = tape.kind(socket) === Kind.Map ? tape.get(socket, 'typed_config') : -1;
  const url = config < 0 || tape.kind(config) !== Kind.Map ? -1 : tape.get(config, '@type');
  return url >= 0 && /\.(?:Downstream|QuicDownstream)/.test(tape.string(url));
}

function fits(tape: Tape, value: number, repeated: boolean): boolean {
  const kind = tape.kind(tape.resolve(value));
  return !repeated || kind === Kind.List || kind === Kind.Map;
}

/** A map of lists of resources, or of resources by name. */
function bundleRoots(tape: Tape, map: number, api: Api): DocumentRoot[] {
  const roots: DocumentRoot[] = [];
  for (let key = map + 1; key < (tape.links[map] as number); key = tape.next(key + 1)) {
    if (tape.has(key, Style.Ignored)) continue;
    const candidate = BUNDLE.get(tape.name(key));
    const value = tape.resolve(key + 1);
    if (candidate !== undefined && tape.kind(value) === Kind.List) {
      for (let item = value + 1; item < (tape.links[value] as number); item = tape.next(item)) {
        const found = rootsAt(tape, item, api, 1);
        const node = tape.resolve(item);
        if (found.length > 0) roots.push(...found);
        else if (tape.kind(node) === Kind.Map)
          roots.push({ type: message(candidate[api]) as MessageInfo, node });
      }
    } else roots.push(...rootsAt(tape, value, api, 1));
  }
  return roots;
}
