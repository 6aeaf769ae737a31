// Responses of one proxy or of many as text. What many proxies are sent is the same object for all of them
// and is turned into text once.

import { flat } from './json-text.js';
import {
  RESOURCE_KINDS,
  type ResourceKind,
  type Resources,
  type ResourceText,
  type ResponseForm,
  TYPE_URLS,
} from './response.js';

/** How often resources of a kind were written, and how often one had to be turned into text for it. */
export interface Written {
  written: number;
  made: number;
}

/** Writes responses. */
export interface ResponseWriter {
  /** By kind, what was written so far. */
  readonly counts: { readonly [Kind in ResourceKind]: Written };
  /** A response by itself. */
  response(kind: ResourceKind, compiled: Resources): Iterable<string>;
  /** The responses of some kinds as one object. */
  proxy(compiled: Resources, kinds: readonly ResourceKind[]): Iterable<string>;
}

/**
 * A writer of responses in a form.
 *
 * @param depth in how many objects the responses are
 * @param shares whether several proxies are written, which share resources
 * @param typeUrls the types of the resources
 */
export function responseWriter(
  form: ResponseForm,
  depth: number,
  shares: boolean,
  typeUrls = TYPE_URLS,
): ResponseWriter {
  const counts = Object.fromEntries(
    RESOURCE_KINDS.map((kind) => [kind, { written: 0, made: 0 }]),
  ) as unknown as { readonly [Kind in ResourceKind]: Written };
  const print = form.resource(depth);
  // What is printed again and again is better kept in one piece.
  const make: ResourceText = shares ? (resource, typeUrl) => flat(print(resource, typeUrl)) : print;
  const texts = new WeakMap<object, string>();
  const counted =
    (count: Written): ResourceText =>
    (resource, typeUrl) => {
      count.written++;
      let text = shares ? texts.get(resource) : undefined;
      if (text === undefined) {
        count.made++;
        text = make(resource, typeUrl);
        if (shares) texts.set(resource, text);
      }
      return text;
    };
  const response = (kind: ResourceKind, compiled: Resources): Iterable<string> =>
    form.response(typeUrls[kind], compiled[kind], counted(counts[kind]), depth);
  return {
    counts,
    response,
    proxy: (compiled, kinds) =>
      form.object(
        (function* () {
          for (const kind of kinds) yield [kind, response(kind, compiled)] as const;
        })(),
        depth - 1,
      ),
  };
}
