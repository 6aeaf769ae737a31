// Routes that are made once for all sidecars that see the same and are alike in what routes depend on.

import { memo } from '../../../collections/memo.js';
import type { RouteConfiguration } from '../../../envoy/generated/types/envoy/config/route/v3/route.js';
import type { Mesh } from '../../../mesh/istiod/model.js';
import type { Scope } from '../../../mesh/istiod/scope.js';
import { type Context, perContext } from '../context/context.js';
import { proxyHeaders } from '../context/proxy-headers.js';
import { sidecarRoutes } from './sidecar-routes.js';

const known = new WeakMap<Scope, Map<string, RouteConfiguration>>();

/** The routes of a name. */
export function sharedSidecarRoutes(context: Context, name: string): RouteConfiguration {
  const routes = memo(known, context.proxy.scope, () => new Map<string, RouteConfiguration>());
  return memo(routes, `${likeness(context)} ${name}`, () => sidecarRoutes(context, name));
}

/** What routes depend on beside what a proxy sees. */
const likeness: (context: Context) => string = perContext((context) => {
  const { mesh, proxy, features } = context;
  const { hasAttemptCount, hasForwardedHost } = proxyHeaders(context, 'outbound');
  return JSON.stringify([
    features,
    proxy.domain,
    proxy.supports,
    proxy.metadata.namespace,
    proxy.metadata.clusterId,
    proxy.metadata.dnsCapture,
    hasAttemptCount,
    hasForwardedHost,
    selectingLabels(mesh).map((label) => proxy.labels[label]),
  ]);
});

const labels = new WeakMap<Mesh, readonly string[]>();

/** The labels by which VirtualServices and DestinationRules choose clients. */
function selectingLabels(mesh: Mesh): readonly string[] {
  return memo(labels, mesh, () => {
    const sources = mesh.virtualServices.all.flatMap(({ spec }) =>
      (spec.http ?? []).flatMap(({ match = [] }) => match.map(({ source_labels }) => source_labels)),
    );
    const selectors = mesh.configs.DestinationRule.map(({ spec }) => spec.workload_selector?.match_labels);
    return [...new Set([...sources, ...selectors].flatMap((said) => Object.keys(said ?? {})))].sort();
  });
}
