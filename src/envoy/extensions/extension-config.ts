// What an extension's config is where only its name and its place say so: the Structs of v2.

import { isTrue } from '../../source/plain-kind.js';
import { Kind, type Tape } from '../../source/tape.js';
import type { MessageInfo } from '../api-table.js';
import type { Message } from '../message.js';
import { allExtensionPoints, extensionAt, STRUCT_MAPS } from './extension-points.js';
import {
  type Extension,
  extensionNamed,
  extensionsCalled,
  routeStructType,
  structType,
} from './extensions.js';
import { type Side, sideOf } from './side.js';

/** The extension that a message names; undefined where it names none, or none that is known. */
export function extensionOf(holder: Message): Extension | undefined {
  const point = allExtensionPoints().get(holder.type.name);
  return point && extensionAt(point, holder.text(point.nameField) ?? '');
}

/** The extension that a message has the full well-known name of: one of its own kind, or else of another. */
export function namedAs(holder: Message): Extension | undefined {
  const point = allExtensionPoints().get(holder.type.name);
  const name = point && holder.text(point.nameField);
  if (point === undefined || !name?.startsWith('envoy.')) return undefined;
  const called = extensionsCalled(name);
  return called.find(({ category }) => point.categories.includes(category)) ?? called[0];
}

/**
 * The `config` Struct of a message as the message that the extension's name stands for.
 *
 * @param isWanted whether a message of a type is worth opening
 */
export function structConfig(
  holder: Message,
  isWanted: (typeName: string) => boolean = () => true,
): Message | undefined {
  const node = holder.value('config');
  if (node < 0) return structInAny(holder, isWanted);
  if (isOfV1(holder.reader.tape, node)) return undefined;
  const extension = extensionOf(holder);
  const type = extension && structType(extension, () => sideOf(holder));
  return type !== undefined && isWanted(type.name) ? holder.openAs(type, 'config') : undefined;
}

/** The types of an Any that v2 reads as it reads the `config` of an extension. */
export const EMPTY = 'google.protobuf.Empty';
export const STRUCT = 'google.protobuf.Struct';

/** The type that an Any says, if it is one of these. */
export function untypedAnyType(tape: Tape, any: number): typeof EMPTY | typeof STRUCT | undefined {
  const url = tape.last(any, '@type');
  if (url < 0 || tape.kind(url) !== Kind.String) return undefined;
  const name = tape.string(url).replace(/^.*\//, '');
  return name === EMPTY || name === STRUCT ? name : undefined;
}

/** A Struct as `typed_config`: its members are in the `value` of the Any. */
function structInAny(holder: Message, isWanted: (typeName: string) => boolean): Message | undefined {
  const { reader, type } = holder;
  const any = holder.value('typed_config');
  const field = type.field('typed_config');
  if (any < 0 || field === undefined || untypedAnyType(reader.tape, any) !== STRUCT) return undefined;
  const value = reader.tape.get(any, 'value');
  const extension = extensionOf(holder);
  const config = extension && structType(extension, () => sideOf(holder));
  if (config === undefined || value < 0 || !isWanted(config.name)) return undefined;
  return reader.read(config, value, { parent: holder, field, index: -1 });
}

/** Whether a config says of itself that it is of API v1, and has its fields in its `value`. */
export function isOfV1(tape: Tape, config: number): boolean {
  const flag = tape.get(config, 'deprecated_v1');
  return flag >= 0 && tape.kind(flag) === Kind.Bool && isTrue(tape.string(flag));
}

/**
 * The message that the `config` Struct of an extension is held to; undefined also where some proxies read it
 * in another form.
 *
 * @param holder full name of the message that the Struct is in
 * @param nameOf the extension's name, for the field that says it
 */
export function structTypeIn(
  holder: string,
  nameOf: (field: string) => string | undefined,
  side: () => Side,
): MessageInfo | undefined {
  const point = allExtensionPoints().get(holder);
  const name = point && nameOf(point.nameField);
  const extension = point && name !== undefined ? extensionAt(point, name) : undefined;
  return extension === undefined || extension.hasOtherForms ? undefined : structType(extension, side);
}

/** The message that a Struct is read as in a map by the names of extensions. */
export function keyedStructType(field: string, name: string): MessageInfo | undefined {
  const category = STRUCT_MAPS.get(field);
  const extension = category && extensionNamed(category, name);
  if (extension === undefined) return undefined;
  return category === 'http' ? routeStructType(extension) : structType(extension, () => 'upstream');
}
