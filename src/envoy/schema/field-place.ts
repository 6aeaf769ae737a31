// Where a field belongs that stands in the wrong message: people indent a line too much or too little, or put
// it beside the message that has it.

import { oncePer } from '../../collections/once-per.js';
import { type FieldInfo, type MessageInfo, message } from '../api-table.js';
import type { MessageShape } from './shape.js';
import { simpleName } from './type-names.js';

/**
 * The place that a field belongs to, in words: a message around or inside the one that it was found in.
 *
 * @param name as it was found, in either spelling
 * @param holders the messages around, from the root on; the last is the one that it was found in
 * @param config the message in the `typed_config` beside it
 * @returns undefined where no message nearby has such a field
 */
export function fieldPlace(
  name: string,
  holders: readonly MessageShape[],
  config: MessageInfo | undefined,
): string | undefined {
  const own = holders.at(-1)?.type;
  if (own === undefined || COMMON.has(name)) return undefined;
  if (config?.field(name) !== undefined) return `typed_config, a ${simpleName(config.name)}`;
  const inside = fieldWithin(own, name);
  if (inside !== undefined) return inside;
  const around = holders.slice(0, -1).findLast(({ type }) => type.field(name) !== undefined);
  if (around !== undefined) return `the ${simpleName(around.type.name)} around this ${simpleName(own.name)}`;
  const [, place] = PLACES.find(([field, , holder]) => field.includes(name) && holder.test(own.name)) ?? [];
  return place;
}

/** Names that too many messages have to tell a place. */
const COMMON: ReadonlySet<string> = new Set(['name', 'value', 'config', 'type', 'path', 'key', 'version']);

/** A field of a message that has, itself or in a message in it, a field of this name. */
function fieldWithin(type: MessageInfo, name: string): string | undefined {
  return placesWithin(type).get(name);
}

/** The places of all fields in the messages of a message's fields, and in those of theirs, by either spelling. */
const placesWithin = oncePer((type: MessageInfo): ReadonlyMap<string, string> => {
  const places = new Map<string, string>();
  const add = (holder: MessageInfo | undefined, place: string): void => {
    for (const { name, jsonName } of holder?.fields ?? [])
      for (const spelling of [name, jsonName]) if (!places.has(spelling)) places.set(spelling, place);
  };
  const fields = type.fields.filter((field) => !field.deprecated);
  for (const field of fields) add(typeOf(field), field.name);
  for (const field of fields)
    for (const inner of typeOf(field)?.fields ?? [])
      if (!inner.deprecated) add(typeOf(inner), `${field.name}.${inner.name}`);
  return places;
});

/** The message of a field; not one of protobuf's own, and of a map none: its keys are names. */
function typeOf({ kind, type, map }: FieldInfo): MessageInfo | undefined {
  if (kind !== 'message' || map !== undefined || type === undefined || type.startsWith('google.'))
    return undefined;
  return message(type);
}

const UPSTREAM_TLS = "the UpstreamTlsContext in the cluster's transport_socket";
const DOWNSTREAM_TLS = "the DownstreamTlsContext in the filter chain's transport_socket";

/** What belongs into extensions, which no descriptor tells: fields, their place, and the messages that they are found in. */
const PLACES: readonly (readonly [fields: readonly string[], place: string, holder: RegExp])[] = [
  [['sni', 'common_tls_context', 'auto_sni_san_validation'], UPSTREAM_TLS, /\.Cluster$/],
  [
    ['require_client_certificate', 'common_tls_context', 'require_sni'],
    DOWNSTREAM_TLS,
    /\.(?:FilterChain|Listener)$/,
  ],
];
