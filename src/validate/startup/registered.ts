// Which extensions fit where: Envoy finds them by the type of their configuration, among those of one category.

import { message } from '../../envoy/api-table.js';
import type { Message } from '../../envoy/message.js';
import { typeName } from '../../envoy/message-reader.js';
import type { FindingPlace } from '../place.js';

/** What an Any says it holds. */
export interface SaidType {
  /** The full name of the message, that of a TypedStruct's content included. */
  readonly name: string;
  /** Where it is said. */
  readonly place: FindingPlace;
}

const TYPED_STRUCT = /^(?:udpa\.type\.v1|xds\.type\.v3)\.TypedStruct$/;

/** The type that a field of Any says; undefined where it says none. */
export function saidType(holder: Message, field = 'typed_config'): SaidType | undefined {
  const { tape, document } = holder.reader;
  const any = holder.value(field);
  if (any < 0) return undefined;
  let url = tape.last(any, '@type');
  if (url < 0) return undefined;
  let name = typeName(tape.string(url));
  if (TYPED_STRUCT.test(name)) {
    const inner = tape.get(any, 'type_url');
    url = inner >= 0 ? inner : tape.get(any, 'typeUrl');
    if (url < 0) return undefined;
    name = typeName(tape.string(url));
  }
  return { name, place: { document, first: url, last: url, path: `${holder.path(field)}.@type` } };
}

/**
 * Whether no Envoy finds an extension of some category by a type: the type is one of Envoy's own or of protobuf's,
 * and not one of the category. What others build into Envoy has types that are not known here.
 */
export function isUnregistered(name: string, category: ReadonlySet<string>): boolean {
  if (category.has(name)) return false;
  if (name.startsWith('google.protobuf.')) return true;
  const type = message(name);
  return type?.isV3 === true && !type.contrib && type.last === undefined;
}

/** Whether an extension may be one that others built into Envoy: its type is not one of Envoy's API. */
export function isForeign(extension: Message): boolean {
  const name = saidType(extension)?.name ?? '';
  return name !== '' && message(name) === undefined && !name.startsWith('google.protobuf.');
}
