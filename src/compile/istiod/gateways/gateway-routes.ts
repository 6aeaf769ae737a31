// The routes of a gateway's servers (istiod 1.29's buildGatewayHTTPRouteConfig).

import { compareText } from '../../../collections/compare-text.js';
import { memo } from '../../../collections/memo.js';
import type { RouteConfiguration } from '../../../envoy/generated/types/envoy/config/route/v3/route.js';
import type {
  Route,
  VirtualHost,
} from '../../../envoy/generated/types/envoy/config/route/v3/route_components.js';
import type { VirtualService } from '../../../envoy/generated/types/networking/v1/virtual_service.js';
import { bySpecificity, isSubset } from '../../../mesh/istiod/hosts.js';
import type { GatewayServer } from '../../../mesh/istiod/merged-gateway.js';
import type { Config, Service } from '../../../mesh/istiod/model.js';
import { isVisible } from '../../../mesh/istiod/scope.js';
import { virtualServicesOf } from '../../../mesh/istiod/virtual-services.js';
import type { Context } from '../context/context.js';
import { proxyHeaders } from '../context/proxy-headers.js';
import { withPort } from '../routes/domains.js';
import { routesOf } from '../routes/http-route.js';
import { isCatchAll } from '../routes/route-match.js';
import { MAX_DIRECT_RESPONSE } from '../routes/sidecar-routes.js';

/** A virtual host while routes are added. */
interface Draft {
  readonly name: string;
  readonly domains: string[];
  readonly routes: Route[];
  requiresTls: boolean;
}

/** The routes of a name that a gateway's listeners ask for. */
export function gatewayRoutes(context: Context, name: string): RouteConfiguration {
  const servers = context.gateway?.serversByRoute.get(name);
  if (servers === undefined) return { name, validate_clusters: false };
  const hosts = new GatewayHosts(context);
  for (const server of servers) hosts.add(server);
  return {
    name,
    virtual_hosts: [...hosts.finished(servers[0]?.server.port?.number ?? 0)],
    validate_clusters: false,
    ignore_port_in_host_matching: true,
    max_direct_response_body_size_bytes: MAX_DIRECT_RESPONSE,
  };
}

class GatewayHosts {
  private readonly drafts = new Map<string, Draft>();
  /** The routes of VirtualServices, by gateway: as its first server has them. */
  private readonly known = new Map<string, Map<Config<VirtualService>, readonly Route[]>>();

  constructor(private readonly context: Context) {}

  add(server: GatewayServer): void {
    const { mesh, proxy } = this.context;
    const { hosts = [], tls, port } = server.server;
    const number = port?.number ?? 0;
    const isRedirected = tls?.https_redirect === true;
    for (const config of virtualServicesOf(mesh.virtualServices, proxy.namespace, server.gateway)) {
      const shared = sharedHosts(hostsFor(hosts, config.namespace), config.spec.hosts ?? []);
      if (shared.length === 0) continue;
      const routes = this.routesOf(server, config);
      if (routes.length === 0) continue;
      for (const host of shared) {
        const draft = this.draft(host.toLowerCase(), number);
        draft.routes.push(...routes);
        if (isRedirected) draft.requiresTls = true;
      }
    }
    if (isRedirected) for (const host of hosts) this.draft(host.toLowerCase(), number).requiresTls = true;
  }

  private draft(host: string, port: number): Draft {
    return memo(this.drafts, host, () => ({
      name: withPort(host, port),
      domains: [host],
      routes: [],
      requiresTls: false,
    }));
  }

  private routesOf({ gateway, server }: GatewayServer, config: Config<VirtualService>): readonly Route[] {
    const byConfig = memo(this.known, gateway, () => new Map<Config<VirtualService>, readonly Route[]>());
    const found = byConfig.get(config);
    if (found !== undefined) return found;
    const routes = routesOf(this.context, config, {
      port: server.port?.number ?? 0,
      gateways: new Set([gateway]),
      isTls: server.tls !== undefined,
      service: (host) => this.serviceOf(host, config.namespace),
    });
    // Where nothing fits another server may have more.
    if (routes.length > 0) byConfig.set(config, routes);
    return routes;
  }

  /** A service of the VirtualService's namespace; else the one that the gateway sees. */
  private serviceOf(host: string, namespace: string): Service | undefined {
    const { mesh, proxy } = this.context;
    const own = mesh.serviceIndex.byHost.get(host)?.get(namespace);
    return own !== undefined && isVisible(mesh, own, proxy.namespace) ? own : proxy.scope.byHost.get(host);
  }

  finished(port: number): readonly VirtualHost[] {
    if (this.drafts.size === 0) return [{ name: withPort('blackhole', port), domains: ['*'] }];
    const { hasAttemptCount } = proxyHeaders(this.context, 'gateway');
    const sorted = [...this.drafts].sort(([a], [b]) => bySpecificity(a, b)).map(([, draft]) => draft);
    const kept = this.context.features.collapseRoutes ? collapsed(sorted) : sorted;
    return kept
      .map(
        ({ name, domains, routes, requiresTls }): VirtualHost => ({
          name,
          domains,
          ...(routes.length > 0 && { routes: catchAllsLast(routes) }),
          ...(hasAttemptCount && { include_request_attempt_count: true }),
          ...(requiresTls && { require_tls: 'ALL' }),
        }),
      )
      .sort((a, b) => compareText(a.name ?? '', b.name ?? ''));
  }
}

/** Hosts with the same routes are one virtual host. */
function collapsed(drafts: readonly Draft[]): readonly Draft[] {
  const kept: Draft[] = [];
  const latest = new Map<string, Draft>();
  const numbers = new Map<Route, number>();
  for (const draft of drafts) {
    const key = draft.routes.map((route) => memo(numbers, route, () => numbers.size)).join(' ');
    const same = latest.get(key);
    if (same !== undefined && same.requiresTls === draft.requiresTls) same.domains.push(...draft.domains);
    else {
      kept.push(draft);
      latest.set(key, draft);
    }
  }
  return kept;
}

function catchAllsLast(routes: readonly Route[]): Route[] {
  return [...routes.filter((route) => !isCatchAll(route)), ...routes.filter(isCatchAll)];
}

/** The hosts of a server that a namespace may bind to. */
function hostsFor(hosts: readonly string[], namespace: string): readonly string[] {
  return hosts.flatMap((host) => {
    const [scope, name] = host.split('/');
    if (name === undefined) return [host];
    return scope === namespace || scope === '*' ? [name] : [];
  });
}

/** The hosts that two lists have in common: of two that overlap the more specific one. */
function sharedHosts(hosts: readonly string[], others: readonly string[]): readonly string[] {
  const shared = new Set<string>();
  for (const host of hosts) {
    for (const other of others) {
      if (isSubset(host, other)) shared.add(host);
      else if (isSubset(other, host)) shared.add(other);
    }
  }
  return [...shared];
}
