// VirtualServices with their names resolved and their delegates merged in, by gateway and by who sees them
// (istiod 1.29's model/virtualservice.go, initVirtualServices).

import { memo } from '../../collections/memo.js';
import type {
  Destination,
  HTTPMatchRequest,
  HTTPRoute,
  StringMatch,
  VirtualService,
} from '../../envoy/generated/types/networking/v1/virtual_service.js';
import { fullGateway, fullHost, MESH } from './hosts.js';
import type { Config, Settings, VirtualServiceIndex } from './model.js';
import { sortByAge } from './resources.js';

type Configs = readonly Config<VirtualService>[];

/** Indexes VirtualServices. */
export function indexVirtualServices(configs: Configs, settings: Settings): VirtualServiceIndex {
  const local = new Map<string, Config<VirtualService>[]>();
  const exportedTo = new Map<string, Config<VirtualService>[]>();
  const everywhere = new Map<string, Config<VirtualService>[]>();
  const defaults = settings.default_virtual_service_export_to;
  const all = withDelegates(configs.map(resolved), defaults);
  for (const config of all) {
    const { namespace, spec } = config;
    const gateways = spec.gateways?.length ? spec.gateways : [MESH];
    const add = (map: Map<string, Config<VirtualService>[]>, prefix: string): void => {
      for (const gateway of gateways) memo(map, prefix + gateway, () => []).push(config);
    };
    const exportTo = new Set(spec.export_to);
    if (exportTo.size === 0) {
      if (defaults.includes('.')) add(local, `${namespace} `);
      else if (defaults.includes('*')) add(everywhere, '');
    } else if (exportTo.has('*')) add(everywhere, '');
    else if (!exportTo.has('~')) {
      for (const to of exportTo) {
        if (to === '.' || to === namespace) add(local, `${namespace} `);
        else add(exportedTo, `${to} `);
      }
    }
  }
  return { all, local, exportedTo, public: everywhere };
}

/** The VirtualServices of a gateway that a namespace sees. */
export function virtualServicesOf(
  index: VirtualServiceIndex,
  namespace: string,
  gateway: string,
): readonly Config<VirtualService>[] {
  const key = `${namespace} ${gateway}`;
  return [
    ...(index.local.get(key) ?? []),
    ...(index.exportedTo.get(key) ?? []),
    ...(index.public.get(gateway) ?? []),
  ];
}

/** A VirtualService with full names of hosts and gateways. */
function resolved(config: Config<VirtualService>): Config<VirtualService> {
  const { namespace, spec } = config;
  const host = (name = ''): string => fullHost(name, namespace);
  const gateways = <T extends { readonly gateways?: string[] | undefined }>(item: T): T =>
    item.gateways === undefined
      ? item
      : { ...item, gateways: item.gateways.map((name) => fullGateway(name, namespace)) };
  const destination = (to: Destination): Destination => ({ ...to, host: host(to.host) });
  const route = <T extends { readonly destination?: Destination | undefined }>(to: T): T =>
    to.destination === undefined ? to : { ...to, destination: destination(to.destination) };
  return {
    ...config,
    spec: {
      ...gateways(spec),
      ...(spec.hosts && { hosts: spec.hosts.map(host) }),
      ...(spec.http && {
        http: spec.http.map((http) => ({
          ...http,
          ...(http.match && { match: http.match.map(gateways) }),
          ...(http.route && { route: http.route.map(route) }),
          ...(http.mirror && { mirror: destination(http.mirror) }),
          ...(http.mirrors && { mirrors: http.mirrors.map(route) }),
        })),
      }),
      ...(spec.tcp && {
        tcp: spec.tcp.map((tcp) => ({
          ...tcp,
          ...(tcp.match && { match: tcp.match.map(gateways) }),
          ...(tcp.route && { route: tcp.route.map(route) }),
        })),
      }),
      ...(spec.tls && {
        tls: spec.tls.map((tls) => ({
          ...tls,
          ...(tls.match && { match: tls.match.map(gateways) }),
          ...(tls.route && { route: tls.route.map(route) }),
        })),
      }),
    },
  };
}

/** VirtualServices with hosts, those that delegate with the routes of their delegates. */
function withDelegates(configs: Configs, defaultExportTo: readonly string[]): Config<VirtualService>[] {
  const isDelegate = ({ spec }: Config<VirtualService>): boolean => (spec.hosts ?? []).length === 0;
  const delegates = new Map(
    configs.filter(isDelegate).map((config) => [`${config.namespace}/${config.name}`, config]),
  );
  const routesOf = (root: Config<VirtualService>, route: HTTPRoute): readonly HTTPRoute[] => {
    const { delegate } = route;
    if (delegate === undefined) return [route];
    const found = delegates.get(`${delegate.namespace || root.namespace}/${delegate.name ?? ''}`);
    if (found === undefined || !isExported(found, root.namespace, defaultExportTo)) return [];
    return (found.spec.http ?? []).flatMap((own) => mergedRoute(route, own) ?? []);
  };
  return sortByAge(
    configs
      .filter((config) => !isDelegate(config))
      .map((config) =>
        config.spec.http?.some(({ delegate }) => delegate !== undefined)
          ? {
              ...config,
              spec: { ...config.spec, http: config.spec.http.flatMap((route) => routesOf(config, route)) },
            }
          : config,
      ),
  );
}

function isExported(
  { namespace, spec }: Config<VirtualService>,
  to: string,
  defaultExportTo: readonly string[],
): boolean {
  const given = spec.export_to?.length ? spec.export_to : defaultExportTo;
  return given.some((item) => item === '*' || (item === '.' ? namespace : item) === to);
}

/** A delegate's route under the route that delegates to it; undefined where their matches exclude each other. */
function mergedRoute(root: HTTPRoute, own: HTTPRoute): HTTPRoute | undefined {
  const match = mergedMatches(root.match ?? [], own.match ?? []);
  if (match === undefined) return undefined;
  const { delegate, match: _match, name, redirect, route, ...inherited } = root;
  const { match: _own, ...kept } = own;
  return {
    ...inherited,
    ...kept,
    ...(match.length > 0 && { match: [...match] }),
    ...namesJoined(root.name, own.name),
  };
}

function namesJoined(root = '', own = ''): { readonly name?: string } {
  const name = own === '' ? root : root === '' ? own : `${root}-${own}`;
  return name === '' ? {} : { name };
}

function mergedMatches(
  root: readonly HTTPMatchRequest[],
  own: readonly HTTPMatchRequest[],
): readonly HTTPMatchRequest[] | undefined {
  if (root.length === 0) return own;
  if (own.length === 0) return root;
  const merged: HTTPMatchRequest[] = [];
  for (const leaf of own) {
    const fitting = root.filter((candidate) => !conflict(candidate, leaf));
    if (fitting.length === 0) return undefined;
    merged.push(...fitting.map((candidate) => mergedMatch(candidate, leaf)));
  }
  return merged;
}

const UNITED = ['headers', 'without_headers', 'query_params', 'source_labels'] as const;
const FIRST_SAID = ['uri', 'scheme', 'method', 'authority'] as const;

function mergedMatch(root: HTTPMatchRequest, own: HTTPMatchRequest): HTTPMatchRequest {
  const merged: HTTPMatchRequest = { ...own, ...namesJoined(root.name, own.name) };
  for (const field of FIRST_SAID) {
    const value = own[field] ?? root[field];
    if (value !== undefined) merged[field] = value;
  }
  for (const field of UNITED) {
    const value = { ...root[field], ...own[field] };
    if (Object.keys(value).length > 0) Object.assign(merged, { [field]: value });
  }
  if (!own.port && root.port) merged.port = root.port;
  if (!own.source_namespace && root.source_namespace) merged.source_namespace = root.source_namespace;
  if (!own.gateways?.length && root.gateways?.length) merged.gateways = root.gateways;
  if (!own.stat_prefix && root.stat_prefix) merged.stat_prefix = root.stat_prefix;
  return merged;
}

/** Whether no request can be matched by both. */
function conflict(root: HTTPMatchRequest, leaf: HTTPMatchRequest): boolean {
  if (FIRST_SAID.some((field) => stringConflict(root[field], leaf[field]))) return true;
  for (const field of ['headers', 'without_headers', 'query_params'] as const) {
    for (const [name, value] of Object.entries(leaf[field] ?? {})) {
      if (stringConflict(root[field]?.[name], value)) return true;
    }
  }
  if ((root.ignore_uri_case ?? false) !== (leaf.ignore_uri_case ?? false)) return true;
  if (root.port && leaf.port && root.port !== leaf.port) return true;
  if (root.source_namespace && leaf.source_namespace !== root.source_namespace) return true;
  for (const [name, value] of Object.entries(leaf.source_labels ?? {})) {
    const own = root.source_labels?.[name];
    if (own !== undefined && own !== value) return true;
  }
  const { gateways: outer = [] } = root;
  const { gateways: inner = [] } = leaf;
  if (outer.length === 0 || inner.length === 0) return false;
  return outer.length < inner.length || inner.some((gateway) => !outer.includes(gateway));
}

function stringConflict(root: StringMatch | undefined, leaf: StringMatch | undefined): boolean {
  if (root === undefined || leaf === undefined) return false;
  const hasAny = ({ exact, prefix, regex }: StringMatch): boolean => Boolean(exact || prefix || regex);
  if (root.regex && hasAny(leaf)) return true;
  if (leaf.regex && hasAny(root)) return true;
  if (root.exact) return Boolean(leaf.prefix) || (leaf.exact ?? '') !== root.exact;
  if (root.prefix) {
    if (leaf.prefix) return !leaf.prefix.startsWith(root.prefix);
    if (leaf.exact) return !leaf.exact.startsWith(root.prefix);
  }
  return true;
}
