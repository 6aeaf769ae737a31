// Resources as discovery responses, the form in which Envoy loads them from files.

import { jsonText, linePad } from './json-text.js';

/** What is compiled, in the order in which it is written. */
export const RESOURCE_KINDS = ['clusters', 'listeners', 'routes', 'endpoints'] as const;
export type ResourceKind = (typeof RESOURCE_KINDS)[number];

/** The types of the kinds' resources. */
export const TYPE_URLS: { readonly [Kind in ResourceKind]: string } = {
  clusters: 'type.googleapis.com/envoy.api.v2.Cluster',
  listeners: 'type.googleapis.com/envoy.api.v2.Listener',
  routes: 'type.googleapis.com/envoy.api.v2.RouteConfiguration',
  endpoints: 'type.googleapis.com/envoy.api.v2.ClusterLoadAssignment',
};

/** The same in v3. */
export const V3_TYPE_URLS: typeof TYPE_URLS = {
  clusters: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  listeners: 'type.googleapis.com/envoy.config.listener.v3.Listener',
  routes: 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
  endpoints: 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
};

/** Resources by kind, in either version. */
export type Resources = { readonly [Kind in ResourceKind]: readonly object[] };

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

/** The text of a resource, as deep as the writer wants it. */
export type ResourceText = (resource: object, typeUrl: string) => string;

/** A form in which responses are written. */
export interface ResponseForm {
  /** The text of one resource in its response. */
  resource(depth: number): ResourceText;
  /** A response, a piece for each resource: it may be longer than a string can be. */
  response(
    typeUrl: string,
    resources: readonly object[],
    text: ResourceText,
    depth: number,
  ): Iterable<string>;
  /** An object of such pieces by name. */
  object(
    members: Iterable<readonly [name: string, pieces: Iterable<string>]>,
    depth: number,
  ): Iterable<string>;
  /** What a file ends with. */
  readonly end: string;
}

/** Responses as JSON. */
export const JSON_FORM: ResponseForm = {
  resource: (depth) => (resource, typeUrl) => jsonText(resource, depth + 2, `"@type": "${typeUrl}"`),
  *response(typeUrl, resources, text, depth) {
    yield `{${linePad(depth + 1)}"resources": [`;
    const item = linePad(depth + 2);
    let separator = item;
    for (const resource of resources) {
      yield separator;
      yield text(resource, typeUrl);
      separator = `,${item}`;
    }
    yield resources.length === 0 ? ']' : `${linePad(depth + 1)}]`;
    yield `,${linePad(depth + 1)}"type_url": "${typeUrl}"${linePad(depth)}}`;
  },
  *object(members, depth) {
    let separator = '{';
    for (const [name, pieces] of members) {
      yield `${separator}${linePad(depth + 1)}${JSON.stringify(name)}: `;
      yield* pieces;
      separator = ',';
    }
    yield separator === '{' ? '{}' : `${linePad(depth)}}`;
  },
  end: '\n',
};
