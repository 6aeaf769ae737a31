// The normal form: a typed view of a message over the tape. What people write differs (both spellings of a
// name, enums by number, one object where a list stands, `config` Structs, merge keys); everything behind
// this file sees proto field names, resolved types and the nodes that hold the values.

import { shownName } from '../secrecy/quoted.js';
import { Kind, Style } from '../source/tape.js';
import { type FieldInfo, type MessageInfo, message } from './api-table.js';
import { bothSpellings, inSpellingOf, itemWithoutList, mayBeNewer, noSuchField } from './field-faults.js';
import { expectedOf, jsonShapeOf, kindFits, shapeFits } from './json-shape.js';
import type { MessageReader, Spelling } from './message-reader.js';
import { nearField } from './near-field.js';
import {
  enumText,
  type NormalValue,
  normalDurationText,
  normalScalar,
  plainValue,
  WRAPPED_SCALARS,
} from './normal-value.js';
import { addMember, type Member, type RepeatFault } from './repeated-fields.js';

const NO_COPIES: readonly number[] = [];

const ANY = 'google.protobuf.Any';

/** What a step from a message to one in it is: a field, and in a list the item's number. */
export interface FieldStep {
  readonly parent: Message;
  readonly field: FieldInfo;
  readonly index: number;
}

/** An entry of a map whose values are messages. */
export interface MapEntry {
  readonly key: string;
  /** The node of the key. */
  readonly node: number;
  readonly value: Message;
}

/** One message: which fields it has, and at which nodes. */
export class Message {
  private readonly spelling: Spelling;
  /** The fields, where the map itself does not tell them: nulls, wrong kinds, merge keys, unknown names. */
  private readonly members: Member[] | undefined;
  // The place, spread out: messages are many, and many are held for long.
  private readonly parent: Message | undefined;
  private readonly field: FieldInfo | undefined;
  private readonly index: number;

  /** @param copies maps that are read before the node, where JSON repeats the field: Envoy merges them */
  constructor(
    readonly reader: MessageReader,
    readonly type: MessageInfo,
    readonly node: number,
    place: FieldStep | undefined,
    copies: readonly number[] = NO_COPIES,
  ) {
    this.parent = place?.parent;
    this.field = place?.field;
    this.index = place?.index ?? -1;
    this.spelling = reader.spelling(type);
    if (copies.length === 0 && reader.isPlain(this.spelling, node)) return;
    const members: Member[] = [];
    this.members = members;
    for (const map of copies) this.collect(members, map, false);
    this.collect(members, node, false);
  }

  private collect(members: Member[], map: number, merged: boolean): void {
    const { reader } = this;
    const { tape } = reader;
    const { interest } = this.spelling;
    const end = tape.links[map] as number;
    let merges = false;
    for (let key = map + 1; key < end; key = tape.next(key + 1)) {
      if (tape.has(key, Style.Merge) && reader.mergesKeys) {
        merges = true;
        continue;
      }
      const field = reader.spelled(this.spelling, key);
      if (field === null || tape.has(key, Style.Ignored | Style.Merge)) {
        this.unknown(key, interest);
        continue;
      }
      if (merged && members.some((member) => member.field === field)) continue;
      const value = tape.resolve(key + 1);
      const isNull = tape.kinds[value] === Kind.Null && field.type !== 'google.protobuf.Value';
      if (!isNull && (interest === undefined || interest.has(field)) && !this.isRead(field, value)) continue;
      const fault = addMember(members, { field, key, owner: map }, isNull, reader);
      if (fault !== undefined) this.unclear(fault, field, members, key);
    }
    // What the map says itself wins over what it merges in, wherever the merge key stands.
    if (merges) this.collectMerged(members, map);
  }

  private collectMerged(members: Member[], map: number): void {
    const { tape } = this.reader;
    for (let key = map + 1; key < (tape.links[map] as number); key = tape.next(key + 1)) {
      if (!tape.has(key, Style.Merge)) continue;
      const value = tape.resolve(key + 1);
      if (tape.kind(value) === Kind.Map) this.collect(members, value, true);
      else if (tape.kind(value) === Kind.List) {
        for (let item = value + 1; item < (tape.links[value] as number); item = tape.next(item)) {
          const merged = tape.resolve(item);
          if (tape.kind(merged) === Kind.Map) this.collect(members, merged, true);
        }
      }
    }
  }

  /** Whether a field's value is of its kind, or is read as if it were; else it is reported and left out. */
  private isRead(field: FieldInfo, value: number): boolean {
    const kind = this.reader.tape.kind(value);
    if (kindFits(field, kind)) return true;
    if (field.repeated && shapeFits(jsonShapeOf(field), kind)) {
      this.reader.report(value, {
        ...itemWithoutList(this.type, field, kind),
        path: this.path(field.name),
      });
      return true;
    }
    this.reader.wrongKind(value, { parent: this, field, index: -1 }, expectedOf(field));
    return false;
  }

  /** Notes a repeated field of which Envoy does not say what it reads. */
  private unclear(fault: RepeatFault, field: FieldInfo, members: readonly Member[], key: number): void {
    const { reader } = this;
    reader.undetermined.set(key, fault);
    if (fault !== 'spellings') return;
    const first = members.find((member) => member.field === field)?.first ?? key;
    reader.report(key, {
      ...bothSpellings(reader.tape.name(key), reader.tape.name(first), 'error'),
      path: this.path(field.name),
    });
  }

  /** Says that a name is not known: an error where a known one is near, since then it was meant. */
  private unknown(key: number, interest: ReadonlySet<FieldInfo> | undefined): void {
    const { tape } = this.reader;
    const name = tape.name(key);
    // What an Any holds are the fields of another message.
    if (name === '@type' || this.type.name === 'google.protobuf.Any') return;
    this.reader.unread.add(key + 1);
    // Envoy passes over what is tagged `!ignore`.
    if (tape.has(key, Style.Ignored)) return;
    if (tape.has(key, Style.Merge)) {
      this.reader.undetermined.set(key, 'merge-key');
      this.reader.report(key, {
        code: 'unknown-field',
        level: 'warning',
        message: `the merge key << is not read by Envoy: static configuration that has one is refused, in dynamic configuration it is ignored`,
        expected: `a field of ${this.type.name}`,
        remedy: 'write the members out',
        path: this.path(),
      });
      return;
    }
    const wanted = nearField(this.type, name);
    if (interest !== undefined && (wanted === undefined || !interest.has(wanted))) return;
    this.reader.report(key, {
      ...noSuchField(this.type, name, wanted === undefined ? this.reader.unknownLevel(this.type) : 'error'),
      path: this.path(shownName(name)),
      ...(wanted === undefined && this.type.isV3 && { remedy: mayBeNewer('field') }),
      ...(wanted !== undefined && { suggestion: inSpellingOf(name, wanted) }),
    });
  }

  /** The message that this one stands in. */
  get around(): Message | undefined {
    return this.parent;
  }

  /** Whether a member `@type` says what it is: where the API has an Any, or nothing around it tells. */
  get saysType(): boolean {
    return this.field === undefined || this.field.type === 'google.protobuf.Any';
  }

  /** The fields that are there, in the order of the text. */
  get present(): readonly FieldInfo[] {
    const fields: FieldInfo[] = [];
    this.each((field) => fields.push(field));
    return fields;
  }

  /** Visits the fields that are there with the nodes of their values, aliases resolved, and of their keys, in the order of the text. */
  each(visit: (field: FieldInfo, value: number, key: number) => void): void {
    const { tape } = this.reader;
    if (this.members !== undefined) {
      for (const { field, key } of this.members) visit(field, tape.resolve(key + 1), key);
      return;
    }
    const end = tape.links[this.node] as number;
    for (let key = this.node + 1; key < end; key = tape.next(key + 1)) {
      const field = this.reader.spelled(this.spelling, key);
      if (field !== null) visit(field, tape.resolve(key + 1), key);
    }
  }

  /** Whether the field is there. */
  has(name: string): boolean {
    return this.key(name) >= 0;
  }

  /** Whether a list is there and not empty; one item without its list counts. */
  hasItems(name: string): boolean {
    const value = this.value(name);
    const { tape } = this.reader;
    return value >= 0 && (tape.kind(value) !== Kind.List || (tape.links[value] as number) > value + 1);
  }

  /** The node of a field's value, aliases resolved; -1 where the field is absent or null. */
  value(name: string): number {
    const key = this.key(name);
    return key < 0 ? -1 : this.reader.tape.resolve(key + 1);
  }

  /** The node of a field's key; -1 where the field is absent. */
  key(name: string): number {
    if (!this.reader.mentions.has(name)) return -1;
    if (this.members !== undefined) return this.member(name)?.key ?? -1;
    const { tape } = this.reader;
    const end = tape.links[this.node] as number;
    for (let key = this.node + 1; key < end; key = tape.next(key + 1)) {
      if (this.reader.spelled(this.spelling, key)?.name === name) return key;
    }
    return -1;
  }

  /** The map that a field's key stands in: the message's own, or one that is merged into it; -1 where absent. */
  owner(name: string): number {
    if (this.members !== undefined) return this.member(name)?.owner ?? -1;
    return this.has(name) ? this.node : -1;
  }

  private member(name: string): Member | undefined {
    return this.members?.find(({ field }) => field.name === name);
  }

  /** The field that a key of the message names. */
  private fieldAt(key: number): FieldInfo {
    return this.reader.spelled(this.spelling, key) as FieldInfo;
  }

  /** Whether all that stands in its map was read as a field of it. */
  get isPlain(): boolean {
    return this.members === undefined;
  }

  /** Whether the message stands in one map, with nothing merged in. */
  unmerged(): boolean {
    return this.members?.every(({ owner }) => owner === this.node) ?? true;
  }

  /** A field's value as text: strings, numbers and enums as written. */
  text(name: string): string | undefined {
    const value = this.value(name);
    return value < 0 ? undefined : this.reader.tape.string(value);
  }

  /** The name of an enum field's value, also where its number is written; undefined where absent. */
  enumName(name: string): string | undefined {
    const key = this.key(name);
    return key < 0 ? undefined : enumText(this.reader.tape, this.value(name), this.fieldAt(key));
  }

  /** The texts of a list of scalars. */
  texts(name: string): string[] {
    const { tape } = this.reader;
    return this.items(name).map((item) => tape.string(item));
  }

  /** The nodes of a list's items, aliases resolved; an object that stands where a list should is its one item. */
  items(name: string): number[] {
    const value = this.value(name);
    if (value < 0) return [];
    const earlier = this.members === undefined ? undefined : this.member(name)?.earlier;
    const items: number[] = [];
    for (const copy of earlier ?? NO_COPIES) this.addItems(items, copy);
    this.addItems(items, value);
    return items;
  }

  private addItems(items: number[], list: number): void {
    const { tape } = this.reader;
    if (tape.kind(list) !== Kind.List) {
      items.push(list);
      return;
    }
    for (let item = list + 1; item < (tape.links[list] as number); item = tape.next(item)) {
      const at = tape.resolve(item);
      // Envoy reads the items of a list inside of a list as items of the outer one; Kubernetes does not.
      if (tape.kind(at) === Kind.List && !this.reader.mergesKeys) this.addItems(items, at);
      else items.push(at);
    }
  }

  /** The message in a field, if it is there and of the right kind. An Any is resolved by its `@type`. */
  message(name: string): Message | undefined {
    const key = this.key(name);
    return key < 0 ? undefined : this.open(this.fieldAt(key), this.reader.tape.resolve(key + 1), -1);
  }

  /** The messages in a list. */
  messages(name: string): Message[] {
    const messages: Message[] = [];
    const key = this.key(name);
    if (key < 0) return messages;
    const field = this.fieldAt(key);
    this.items(name).forEach((item, index) => {
      const found = this.open(field, item, index);
      if (found !== undefined) messages.push(found);
    });
    return messages;
  }

  /** The messages that a map field holds, whatever their keys. */
  mapMessages(name: string): Message[] {
    return this.mapEntries(name).map(({ value }) => value);
  }

  /** The entries of a map field whose values are messages, in the order of the text. */
  mapEntries(name: string): MapEntry[] {
    const key = this.key(name);
    if (key < 0) return [];
    const field = this.fieldAt(key);
    const { tape } = this.reader;
    const map = tape.resolve(key + 1);
    const entries: MapEntry[] = [];
    for (let node = map + 1; node < (tape.links[map] as number); node = tape.next(node + 1)) {
      const value = this.open(field, tape.resolve(node + 1), -1);
      if (value !== undefined) entries.push({ key: tape.name(node), node, value });
    }
    return entries;
  }

  /** Reads a node as this message's field (in a list, as the item `index`). */
  open(field: FieldInfo, node: number, index: number): Message | undefined {
    const place = { parent: this, field, index };
    if (field.type === 'google.protobuf.Any') return this.reader.readAny(node, place);
    const type = field.type === undefined ? undefined : message(field.type);
    if (type === undefined) return undefined;
    const earlier = index < 0 ? this.members?.find((one) => one.field === field)?.earlier : undefined;
    return this.reader.read(type, node, place, earlier);
  }

  /** Reads a Struct field as a message of a type that its surroundings tell. */
  openAs(type: MessageInfo, name: string): Message | undefined {
    const key = this.key(name);
    if (key < 0) return undefined;
    const place = { parent: this, field: this.fieldAt(key), index: -1 };
    return this.reader.read(type, this.reader.tape.resolve(key + 1), place);
  }

  /**
   * The path from the document's root, as in `static_resources.clusters[0].tls_context`.
   *
   * @param field one of its own to end with
   * @param from a message around it to begin at instead
   */
  path(field?: string, from?: Message): string {
    const { parent, field: holder, index } = this;
    const own =
      parent === undefined || holder === undefined || this === from
        ? ''
        : pathOf({ parent, field: holder, index }, from);
    if (field === undefined) return own;
    return own === '' ? field : `${own}.${field}`;
  }

  /**
   * The message as a plain value in normal form, unknown fields left out.
   *
   * @param without names of fields to leave out, `@type` among them
   */
  toValue(without?: ReadonlySet<string>): { readonly [name: string]: NormalValue } {
    const value: Record<string, NormalValue> = {};
    const { tape } = this.reader;
    if (this.field?.type === 'google.protobuf.Any' && !without?.has('@type')) {
      const typeNode = tape.get(this.node, '@type');
      if (typeNode >= 0) value['@type'] = tape.string(typeNode);
    }
    this.each((field, node) => {
      if (!without?.has(field.name)) value[field.name] = this.fieldValue(field, node);
    });
    return value;
  }

  private fieldValue(field: FieldInfo, node: number): NormalValue {
    const { tape } = this.reader;
    if (field.map !== undefined) {
      const entries: Record<string, NormalValue> = {};
      for (let key = node + 1; key < (tape.links[node] as number); key = tape.next(key + 1)) {
        entries[tape.name(key)] = this.itemValue(field, tape.resolve(key + 1), -1);
      }
      return entries;
    }
    return field.repeated
      ? this.items(field.name).map((item, index) => this.itemValue(field, item, index))
      : this.itemValue(field, node, -1);
  }

  private itemValue(field: FieldInfo, node: number, index: number): NormalValue {
    const { tape } = this.reader;
    if (field.kind === 'enum') return enumText(tape, node, field);
    const scalar = field.scalar ?? WRAPPED_SCALARS.get(field.type as string);
    if (scalar !== undefined) return normalScalar(tape, node, scalar);
    if (field.type === 'google.protobuf.Duration') return normalDurationText(tape, node);
    if (jsonShapeOf(field) !== 'map' || field.type === 'google.protobuf.Struct')
      return plainValue(tape, node);
    const opened = this.open(field, node, index);
    // What an Any holds of protobuf's own types stands under `value`, in a form of its own.
    if (opened === undefined || (field.type === ANY && opened.type.name.startsWith('google.protobuf.')))
      return plainValue(tape, node);
    return opened.toValue();
  }
}

/** The path to a field, as in `clusters[0].tls_context`. */
export function pathOf({ parent, field, index }: FieldStep, from?: Message): string {
  const path = parent.path(field.name, from);
  return index < 0 ? path : `${path}[${index}]`;
}
