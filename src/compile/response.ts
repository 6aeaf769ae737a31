// Resources as v2 discovery responses, the form in which Envoy loads them from files.

import type { Compiled } from './compile.js';
import { jsonText } from './json-text.js';

/** What is compiled, in the order in which it is written. */
export const RESOURCE_KINDS = ['clusters', 'listeners', 'routes', 'endpoints'] as const;
export type ResourceKind = (typeof RESOURCE_KINDS)[number];

const TYPE_URLS: { readonly [Kind in ResourceKind]: string } = {
  clusters: 'type.googleapis.com/envoy.api.v2.Cluster',
  listeners: 'type.googleapis.com/envoy.api.v2.Listener',
  routes: 'type.googleapis.com/envoy.api.v2.RouteConfiguration',
  endpoints: 'type.googleapis.com/envoy.api.v2.ClusterLoadAssignment',
};

/** A discovery response. */
export interface DiscoveryResponse {
  readonly resources: readonly object[];
  readonly type_url: string;
}

/** The resources of a kind as a response, in field-number order. */
export function discoveryResponse(kind: ResourceKind, resources: readonly object[]): DiscoveryResponse {
  const type_url = TYPE_URLS[kind];
  return { resources: resources.map((resource) => ({ '@type': type_url, ...resource })), type_url };
}

/** The responses of some kinds. */
export function responses(
  compiled: Compiled,
  kinds: readonly ResourceKind[],
): { readonly [Kind in ResourceKind]?: DiscoveryResponse } {
  return Object.fromEntries(kinds.map((kind) => [kind, discoveryResponse(kind, compiled[kind])]));
}

/** A response as JSON, a piece for each resource: it may be longer than a string can be. */
export function* responseText({ resources, type_url }: DiscoveryResponse): Generator<string> {
  yield '{\n "resources": [';
  let separator = '\n  ';
  for (const resource of resources) {
    yield separator;
    yield jsonText(resource, 2);
    separator = ',\n  ';
  }
  yield resources.length === 0 ? ']' : '\n ]';
  yield `,\n "type_url": ${JSON.stringify(type_url)}\n}\n`;
}
