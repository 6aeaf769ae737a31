// What a message means, whatever way it is written: scalars in one form (durations, enums by number, wrappers,
// 64-bit integers), Struct and Any forms of a known extension as that extension, a TLS context wherever it
// stands. Built as far as somebody looks, so that what is equal in the text costs nothing.

import { isUtf8 } from 'node:buffer';
import type { FieldInfo, MessageInfo } from '../../envoy/api-table.js';
import { extensionOf, structConfig } from '../../envoy/extensions/extension-config.js';
import { jsonShapeOf, kindFits } from '../../envoy/json-shape.js';
import type { Message } from '../../envoy/message.js';
import type { MessageReader } from '../../envoy/message-reader.js';
import { enumText, normalDurationText, WRAPPED_SCALARS } from '../../envoy/normal-value.js';
import { isHarmlessName } from '../../secrecy/quoted.js';
import { isTrue } from '../../source/plain-kind.js';
import { Kind, Style } from '../../source/tape.js';
import { isDefaultMessage, isDefaultScalar } from './defaults.js';
import { type ListOrder, listOrder } from './list-order.js';

/** A part of a message, and where it stands. */
export type Meaning = ScalarMeaning | ListMeaning | MapMeaning | MessageMeaning;

interface Placed {
  readonly reader: MessageReader;
  /** The node of the tape that says it. */
  readonly node: number;
}

interface ScalarMeaning extends Placed {
  readonly shape: 'scalar';
  readonly value: string | number | boolean | null;
}

interface ListMeaning extends Placed {
  readonly shape: 'list';
  readonly order: ListOrder;
  readonly items: readonly Meaning[];
}

/** A map of the API, a Struct, or something whose type is not known. */
export interface MapMeaning extends Placed {
  readonly shape: 'map';
  readonly members: ReadonlyMap<string, Meaning>;
}

/** A field that is there. What it says is looked at when somebody asks. */
export class Member {
  /** Null until it is read. */
  #meaning: Meaning | undefined | null = null;

  constructor(
    private readonly holder: Message,
    /** Undefined where the API does not know the name. */
    readonly field: FieldInfo | undefined,
    readonly node: number,
    /** By default the field says what stands there. */
    private readonly make?: () => Meaning | undefined,
  ) {}

  meaning(): Meaning | undefined {
    if (this.#meaning === null) this.#meaning = this.make === undefined ? this.read() : this.make();
    return this.#meaning;
  }

  private read(): Meaning | undefined {
    const { holder, field, node } = this;
    return field === undefined ? untyped(holder.reader, node, true) : fieldMeaning(holder, field, node);
  }

  /** The field with another meaning. */
  as(make: () => Meaning | undefined): Member {
    return new Member(this.holder, this.field, this.node, make);
  }
}

/** A message of a known type. */
export class MessageMeaning implements Placed {
  readonly shape = 'message';
  readonly reader: MessageReader;
  readonly node: number;
  #members: ReadonlyMap<string, Member> | undefined;

  constructor(readonly message: Message) {
    this.reader = message.reader;
    this.node = message.node;
  }

  get type(): MessageInfo {
    return this.message.type;
  }

  /** The fields that are there, by name, in the order of the text. */
  get members(): ReadonlyMap<string, Member> {
    this.#members ??= readMembers(this.message);
    return this.#members;
  }

  /** What a field says; undefined where it is absent, or says what is so by default. */
  get(name: string): Meaning | undefined {
    const member = this.members.get(name);
    const meaning = member?.meaning();
    return meaning !== undefined && isDefault(this.type, member?.field, meaning) ? undefined : meaning;
  }
}

/** Whether a field's value says nothing that its absence would not say. */
export function isDefault(type: MessageInfo, field: FieldInfo | undefined, meaning: Meaning): boolean {
  if (field === undefined) return false;
  switch (meaning.shape) {
    case 'scalar':
      return isDefaultScalar(type, field, meaning.value);
    case 'list':
      return meaning.items.every((item) => item.shape === 'message' && isEmpty(item));
    case 'map':
      return field.map !== undefined && meaning.members.size === 0;
    case 'message':
      return isEmpty(meaning);
  }
}

/** Whether a message is one of those that say nothing when they are empty, and is. */
function isEmpty(message: MessageMeaning): boolean {
  return (
    isDefaultMessage(message.type) &&
    [...message.members.keys()].every((name) => message.get(name) === undefined)
  );
}

function readMembers(message: Message): ReadonlyMap<string, Member> {
  const members = new Map<string, Member>();
  message.each((field, node) => {
    members.set(field.name, new Member(message, field, node));
  });
  if (!message.isPlain) addUnread(message, members);
  // What a bootstrap holds is compared resource by resource.
  if (message.type.shortName === 'Bootstrap') members.delete('static_resources');
  readSocket(message, members);
  if (members.has('config') || members.has('typed_config') || members.has('name'))
    readExtension(message, members);
  return members;
}

/** Names that the API does not know, and values of a wrong kind: kept as they are. */
function addUnread(message: Message, members: Map<string, Member>): void {
  const { reader, node, type } = message;
  const { tape } = reader;
  for (let key = node + 1; key < (tape.links[node] as number); key = tape.next(key + 1)) {
    if (tape.has(key, Style.Merge | Style.Ignored)) continue;
    const name = tape.name(key);
    const field = reader.field(type, key);
    const value = tape.resolve(key + 1);
    if (name === '@type' || members.has(field?.name ?? foldName(name))) continue;
    if (field !== null && tape.kind(value) === Kind.Null) continue;
    const said = field?.name ?? foldName(name);
    members.set(said, new Member(message, undefined, value, () => untyped(reader, value, true)));
  }
}

/** Both spellings of a name that is not known are one name. */
function foldName(name: string): string {
  // What may be a key itself keeps what shows that.
  if (!isHarmlessName(name)) return name;
  return name.replace(/[A-Z]/g, (letter, at: number) => (at === 0 ? letter : `_${letter.toLowerCase()}`));
}

/**
 * The transport socket of a cluster or filter chain: Envoy takes `tls_context` only where there is no
 * `transport_socket`. What the socket holds stands for it where its type is known, and a raw buffer for none.
 */
function readSocket(message: Message, members: Map<string, Member>): void {
  const old = members.get('tls_context');
  const socket = members.get('transport_socket');
  if (old === undefined && socket === undefined) return;
  // What a route asks of a connection has the same name.
  if (message.type.field('transport_socket') === undefined) return;
  members.delete('tls_context');
  if (socket === undefined) {
    if (old !== undefined) members.set('transport_socket', old);
    return;
  }
  members.set(
    'transport_socket',
    socket.as(() => {
      const meaning = socket.meaning();
      if (meaning?.shape !== 'message') return meaning;
      const config = meaning.get('typed_config');
      if (config?.shape === 'message') return config.type.shortName === 'RawBuffer' ? undefined : config;
      const name = meaning.get('name');
      const isRaw = name?.shape === 'scalar' && name.value === 'envoy.transport_sockets.raw_buffer';
      return isRaw ? undefined : meaning;
    }),
  );
}

/** An extension: its name in the later form, its configuration under `typed_config`. */
function readExtension(message: Message, members: Map<string, Member>): void {
  const { reader } = message;
  const typed = members.get('typed_config');
  const struct = members.get('config');
  const isExtension =
    message.type.field('typed_config')?.type === 'google.protobuf.Any' &&
    message.type.field('name') !== undefined;
  if (!isExtension) return;
  const named = members.get('name');
  const name = message.text('name');
  if (named !== undefined && name !== undefined) {
    const value = extensionOf(message)?.name ?? name;
    members.set(
      'name',
      named.as(() => ({ shape: 'scalar', reader, node: named.node, value })),
    );
  }
  if (struct?.field?.type !== 'google.protobuf.Struct' || name === undefined) return;
  members.delete('config');
  if (typed !== undefined) return;
  members.set(
    'typed_config',
    struct.as(() => {
      const config = structConfig(message);
      return config === undefined ? struct.meaning() : new MessageMeaning(config);
    }),
  );
}

function fieldMeaning(message: Message, field: FieldInfo, node: number): Meaning | undefined {
  const { reader } = message;
  const { tape } = reader;
  if (field.map !== undefined) {
    if (tape.kind(node) !== Kind.Map) return untyped(reader, node, true);
    const members = new Map<string, Meaning>();
    for (let key = node + 1; key < (tape.links[node] as number); key = tape.next(key + 1)) {
      members.set(tape.name(key), itemMeaning(message, field, tape.resolve(key + 1), -1));
    }
    return { shape: 'map', reader, node, members };
  }
  if (!field.repeated) return itemMeaning(message, field, node, -1);
  const items = message
    .items(field.name)
    .map((item, index): Meaning => itemMeaning(message, field, item, index));
  return { shape: 'list', reader, node, order: listOrder(message.type, field), items };
}

function itemMeaning(message: Message, field: FieldInfo, node: number, index: number): Meaning {
  const { reader } = message;
  const { tape } = reader;
  const kind = tape.kind(node);
  const one =
    field.repeated || field.map !== undefined ? { ...field, repeated: false, map: undefined } : field;
  if (!kindFits(one, kind)) return untyped(reader, node, true);
  const scalar = (value: ScalarMeaning['value']): Meaning => ({ shape: 'scalar', reader, node, value });
  if (field.kind === 'enum') return scalar(enumText(tape, node, field));
  if (field.kind === 'scalar') return scalar(scalarValue(field.scalar as string, tape.string(node)));
  const { type } = field;
  if (type === 'google.protobuf.Duration') return scalar(normalDurationText(tape, node));
  const wrapped = WRAPPED_SCALARS.get(type as string);
  if (wrapped !== undefined) {
    const value = kind === Kind.Map ? tape.get(node, 'value') : node;
    return scalar(scalarValue(wrapped, value < 0 ? '' : tape.string(value)));
  }
  if (kind !== Kind.Map || jsonShapeOf(one) !== 'map' || type === 'google.protobuf.Struct')
    return untyped(reader, node, false);
  const opened = message.open(field, node, index);
  if (opened === undefined) return untyped(reader, node, true);
  return dataSource(opened) ?? new MessageMeaning(opened);
}

/** What is inline in a DataSource is the same as text and as bytes; bytes that are no text stay in base64. */
function dataSource(message: Message): Meaning | undefined {
  if (!message.type.name.endsWith('core.DataSource') && !message.type.name.endsWith('.v3.DataSource'))
    return undefined;
  const text = message.text('inline_string');
  const encoded = message.text('inline_bytes');
  if (text === undefined && encoded === undefined) return undefined;
  const { reader, node } = message;
  const value = text ?? textOf(Buffer.from(encoded as string, 'base64'));
  const inline: Meaning = {
    shape: 'scalar',
    reader,
    node: message.value(text === undefined ? 'inline_bytes' : 'inline_string'),
    value,
  };
  return { shape: 'map', reader, node, members: new Map([['inline', inline]]) };
}

function textOf(bytes: Buffer): string {
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'base64');
}

/** A scalar in one form. */
function scalarValue(scalar: string, text: string): ScalarMeaning['value'] {
  switch (scalar) {
    case 'string':
      return text;
    case 'bytes':
      return Buffer.from(text, 'base64').toString('base64');
    case 'bool':
      return text === '' ? false : isTrue(text);
    case 'float':
      return numberValue(text, Math.fround);
    case 'double':
      return numberValue(text, (number) => number);
    default:
      return integerValue(text);
  }
}

function numberValue(text: string, round: (number: number) => number): ScalarMeaning['value'] {
  if (text === '') return 0;
  const number = Number(text.replaceAll('_', ''));
  return Number.isFinite(number) ? round(number) : text;
}

/** An integer, written as a number, a string, or with a point or exponent; text where a double cannot hold it. */
function integerValue(text: string): ScalarMeaning['value'] {
  if (/^[+-]?\d{16,}$/.test(text)) return BigInt(text.replace(/^\+/, '')).toString();
  return numberValue(text, (number) => number);
}

/**
 * Something whose type is not known.
 *
 * @param folds whether it is a message, so that both spellings of a name are one
 */
export function untyped(reader: MessageReader, at: number, folds: boolean): Meaning {
  const { tape } = reader;
  const node = tape.resolve(at);
  switch (tape.kind(node)) {
    case Kind.Map: {
      const members = new Map<string, Meaning>();
      for (let key = node + 1; key < (tape.links[node] as number); key = tape.next(key + 1)) {
        if (tape.has(key, Style.Merge)) continue;
        const inner = tape.name(key);
        members.set(folds ? foldName(inner) : inner, untyped(reader, key + 1, folds));
      }
      return { shape: 'map', reader, node, members };
    }
    case Kind.List: {
      const items: Meaning[] = [];
      for (let item = node + 1; item < (tape.links[node] as number); item = tape.next(item))
        items.push(untyped(reader, item, folds));
      return { shape: 'list', reader, node, order: 'ordered', items };
    }
    case Kind.Null:
      return { shape: 'scalar', reader, node, value: null };
    case Kind.Bool:
      return { shape: 'scalar', reader, node, value: isTrue(tape.string(node)) };
    case Kind.Number:
      return { shape: 'scalar', reader, node, value: integerValue(tape.string(node)) };
    default:
      return { shape: 'scalar', reader, node, value: tape.string(node) };
  }
}
