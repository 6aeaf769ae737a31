// The schema check: whether the messages of a document are what the API and its validate rules say. It walks
// the tape once, from the roots down, along the shapes of their types, and builds nothing on the way; a place
// is worked out when a fault needs one. (Measured against schemas compiled by ajv: docs/schema.md.)

import type { Finding } from '../../finding/finding.js';
import { nearName } from '../../finding/near-name.js';
import { quotedKey, quotedValue, shownName } from '../../secrecy/quoted.js';
import type { Document } from '../../source/document.js';
import { isTrue } from '../../source/plain-kind.js';
import { Kind, Style, type Tape } from '../../source/tape.js';
import { type FieldInfo, type MessageInfo, message, messageNames } from '../api-table.js';
import type { DocumentRoot } from '../detect.js';
import { untypedAny } from '../earlier-fields.js';
import { keyedStructType, structTypeIn } from '../extensions/extension-config.js';
import { type Side, sideAmong } from '../extensions/side.js';
import { typeName } from '../message-reader.js';
import { endsInSecret } from '../sensitive-fields.js';
import type { Fault } from './faults.js';
import * as faults from './faults.js';
import { type MessageShape, Op, Shapes, type Slot, type ValueShape, valueShape } from './shape.js';
import { simpleName } from './type-names.js';
import {
  bytesKeep,
  durationKeeps,
  enumKeeps,
  numberKeeps,
  ruleText,
  sizeKeeps,
  stringKeeps,
} from './value-rules.js';
import * as forms from './well-known.js';

/**
 * Checks the messages of a document. What deserves a remark wherever it is used, as a deprecated field does,
 * is found once, with a count.
 *
 * @param roots the messages at its top, as `detect` finds them
 */
export function checkSchema(document: Document, roots: readonly DocumentRoot[]): Finding[] {
  const check = new SchemaCheck(document);
  for (const root of roots) check.root(root);
  return check.findings();
}

/** A remark, and how often it was due. */
interface Remark {
  readonly finding: Finding;
  /** The field that it is about, which counts itself. */
  readonly slot?: Slot;
  count: number;
}

function counted(finding: Finding, count: number): Finding {
  if (count === 1) return finding;
  const others = count === 2 ? 'one other place' : `${count - 1} other places`;
  return { ...finding, message: `${finding.message}, here and in ${others}` };
}

class SchemaCheck {
  private readonly tape: Tape;
  private readonly shapes: Shapes;
  private readonly found: Finding[] = [];
  private readonly remarks = new Map<string, Remark>();
  /** For each open message, the keys of the fields and oneofs that it has; negative where only meant. */
  private marks = new Int32Array(1024);
  private top = 0;
  // The way from the root to where the check stands: fields, their keys, and for items of lists their numbers.
  private readonly path: Slot[] = [];
  private readonly keys: number[] = [];
  private readonly items: number[] = [];
  private depth = 0;
  private rootNode = 0;
  private rootType = '';
  private readonly types = new Map<string, MessageInfo | undefined>();
  /** Anchored nodes that were checked, with the types that they were checked as. */
  private readonly shared = new Set<string>();

  constructor(private readonly document: Document) {
    this.tape = document.tape;
    this.shapes = new Shapes(document.tape);
  }

  root({ type, node }: DocumentRoot): void {
    const at = this.tape.resolve(node);
    this.rootNode = at;
    this.rootType = type.name;
    if (this.tape.kind(at) !== Kind.Map) return;
    this.message(this.shapes.of(type), at, this.tape.get(at, '@type') >= 0);
  }

  findings(): Finding[] {
    const remarks = [...this.remarks.values()].map(({ finding, slot, count }) =>
      counted(finding, slot?.remarks ?? count),
    );
    return [...this.found, ...remarks];
  }

  private message(shape: MessageShape, map: number, isAny: boolean): void {
    const base = this.top;
    this.top += shape.places;
    if (this.top > this.marks.length) this.grow();
    this.marks.fill(0, base, this.top);
    if (shape.unfinished) this.remark(map, `type ${shape.type.name}`, faults.unfinishedType(shape.type));
    this.members(shape, map, base, isAny, false);
    this.presence(shape, map, base);
    this.top = base;
  }

  private grow(): void {
    const wider = new Int32Array(2 * this.top);
    wider.set(this.marks);
    this.marks = wider;
  }

  /** Checks the members of a map; what it merges in counts where it does not say the field itself. */
  private members(shape: MessageShape, map: number, base: number, isAny: boolean, merged: boolean): void {
    const { tape } = this;
    const { slots } = shape;
    const end = tape.links[map] as number;
    let merges = false;
    for (let key = map + 1; key < end; key = tape.next(key + 1)) {
      if (((tape.styles[key] as number) & (Style.Merge | Style.Ignored)) !== 0) {
        merges ||= tape.has(key, Style.Merge);
        continue;
      }
      let slot = slots[tape.links[key] as number];
      if (slot === undefined) slot = this.shapes.resolve(shape, key);
      if (slot === null) {
        this.unknown(shape, key, base, isAny);
        continue;
      }
      let value = key + 1;
      let kind = tape.kinds[value] as Kind;
      if (kind === Kind.Alias) {
        value = tape.resolve(value);
        kind = tape.kind(value);
      }
      if (kind === Kind.Null && !slot.nullable) continue;
      const place = base + slot.index;
      const known = this.marks[place] as number;
      if (known > 0) {
        // The same spelling twice is found by the source; here it is the two spellings of one field.
        if (!merged && tape.links[known] !== tape.links[key])
          this.faultAt(key, slot, faults.fieldTwice(tape.name(key), tape.name(known)));
        continue;
      }
      this.marks[place] = key;
      if (slot.oneof >= 0) {
        const other = this.marks[base + slot.oneof] as number;
        if (other <= 0) this.marks[base + slot.oneof] = key;
        else if (!merged) {
          const sibling = slots[tape.links[other] as number] as Slot;
          this.faultAt(key, slot, faults.oneofConflict(slot, sibling.field));
        }
      }
      // Each slot counts its own, since there may be one for each message.
      if (slot.remark !== undefined && slot.remarks++ === 0) this.remarkField(shape, slot, key);
      this.path[this.depth] = slot;
      this.keys[this.depth] = key;
      this.items[this.depth] = -1;
      this.depth++;
      this.field(shape, slot, value, kind);
      this.depth--;
    }
    if (merges) this.mergedMembers(shape, map, base);
  }

  private mergedMembers(shape: MessageShape, map: number, base: number): void {
    const { tape } = this;
    for (let key = map + 1; key < (tape.links[map] as number); key = tape.next(key + 1)) {
      if (!tape.has(key, Style.Merge)) continue;
      const value = tape.resolve(key + 1);
      if (tape.kind(value) === Kind.Map) this.members(shape, value, base, false, true);
      else if (tape.kind(value) === Kind.List) {
        for (let item = value + 1; item < (tape.links[value] as number); item = tape.next(item)) {
          const source = tape.resolve(item);
          if (tape.kind(source) === Kind.Map) this.members(shape, source, base, false, true);
        }
      }
    }
  }

  /** A name that the type does not have. The field that was meant counts as there, so that it is not missed too. */
  private unknown(shape: MessageShape, key: number, base: number, isAny: boolean): void {
    const { tape } = this;
    const name = tape.name(key);
    if (name === '@type') {
      if (isAny) return;
      const value = tape.resolve(key + 1);
      if (tape.kind(value) === Kind.String && typeName(tape.string(value)) === shape.type.name) {
        this.remark(key, `@type ${shape.type.name}`, faults.needlessType(shape.type));
        return;
      }
    }
    const removed = faults.fieldOfV2(shape, name);
    if (removed !== undefined) {
      this.remark(key, `${shape.type.name}.${name}`, removed, name);
      return;
    }
    const wanted = faults.fieldNear(shape, name);
    if (wanted !== undefined) {
      const { index, oneof } = this.shapes.slot(shape, wanted);
      if (this.marks[base + index] === 0) this.marks[base + index] = -key;
      if (oneof >= 0 && this.marks[base + oneof] === 0) this.marks[base + oneof] = -key;
    }
    this.fault(key, faults.unknownField(shape, name, wanted), name);
  }

  /** What must be there and is not. */
  private presence(shape: MessageShape, map: number, base: number): void {
    for (const { slot } of shape.required) {
      if (this.marks[base + slot.index] === 0)
        this.missing(map, faults.missingField(shape, slot), slot.field.name);
    }
    for (const { name, place } of shape.oneofs) {
      if (this.marks[base + place] === 0) this.missing(map, faults.missingOneof(shape, name));
    }
  }

  private field(shape: MessageShape, slot: Slot, node: number, kind: Kind): void {
    const { field, value } = slot;
    if (field.repeated) this.list(shape, slot, node, kind);
    else if (field.map !== undefined) this.map(shape, slot, node, kind);
    else this.value(shape, value, node, kind);
  }

  private list(shape: MessageShape, slot: Slot, node: number, kind: Kind): void {
    const { tape } = this;
    const { field, value, rules } = slot;
    if (kind !== Kind.List) {
      if (((value.kinds >> kind) & 1) === 0) {
        this.fault(node, faults.notMany(field, kind));
        return;
      }
      this.fault(node, faults.singleItem(shape, field, kind));
      this.value(shape, value, node, kind);
      return;
    }
    const end = tape.links[node] as number;
    const level = this.depth - 1;
    let count = 0;
    for (let item = node + 1; item < end; item = tape.next(item)) {
      const at = tape.resolve(item);
      const itemKind = tape.kinds[at] as Kind;
      this.items[level] = count++;
      if (itemKind === Kind.Null && value.op !== Op.Value) this.fault(at, faults.nullItem(field));
      else this.value(shape, value, at, itemKind);
    }
    this.items[level] = -1;
    if (!sizeKeeps(count, rules))
      this.fault(this.keys[level] as number, faults.wrongSize(field, rules, count));
    if (rules.unique === true) this.unique(field, node);
  }

  private unique(field: FieldInfo, list: number): void {
    const { tape } = this;
    const seen = new Set<string>();
    const level = this.depth - 1;
    let index = 0;
    for (let item = list + 1; item < (tape.links[list] as number); item = tape.next(item)) {
      const at = tape.resolve(item);
      const text = tape.kind(at) === Kind.Number ? String(Number(tape.string(at))) : tape.string(at);
      this.items[level] = index++;
      if (seen.has(text)) this.fault(at, faults.itemTwice(field));
      seen.add(text);
    }
    this.items[level] = -1;
  }

  private map(shape: MessageShape, slot: Slot, node: number, kind: Kind): void {
    const { tape } = this;
    const { field, value, rules } = slot;
    if (kind !== Kind.Map) {
      this.fault(node, faults.notMany(field, kind));
      return;
    }
    const end = tape.links[node] as number;
    const level = this.depth - 1;
    let count = 0;
    for (let key = node + 1; key < end; key = tape.next(key + 1)) {
      if (tape.has(key, Style.Merge | Style.Ignored)) continue;
      count++;
      this.items[level] = -2 - key;
      this.mapKey(slot, key);
      const at = tape.resolve(key + 1);
      const valueKind = tape.kinds[at] as Kind;
      if (valueKind === Kind.Null && value.op !== Op.Value) this.fault(at, faults.nullItem(field));
      else this.value(shape, value, at, valueKind);
    }
    this.items[level] = -1;
    if (!sizeKeeps(count, rules))
      this.fault(this.keys[level] as number, faults.wrongSize(field, rules, count));
  }

  private mapKey({ field, rules }: Slot, key: number): void {
    const text = this.tape.name(key);
    if (field.map === 'string') {
      const { keys } = rules;
      if (keys !== undefined && !stringKeeps(text, keys))
        this.fault(key, faults.badKey('broken-rule', field, text, `a string, ${ruleText(keys)}`));
      return;
    }
    if (field.map === 'bool') {
      if (text !== 'true' && text !== 'false')
        this.fault(key, faults.badKey('bad-value', field, text, 'true or false'));
      return;
    }
    const keyField: FieldInfo = {
      ...field,
      kind: 'scalar',
      scalar: field.map,
      type: undefined,
      map: undefined,
    };
    const shape = valueShape(keyField, rules.keys);
    const number = forms.integerOf(text);
    if (number === undefined || number < shape.least || number > shape.most)
      this.fault(key, faults.badKey('bad-value', field, text, faults.expectedValue(shape)));
  }

  private value(holder: MessageShape, value: ValueShape, node: number, kind: Kind): void {
    const { right } = value;
    if (right !== '' && right.length === this.tape.end(node) - this.tape.start(node)) {
      if (this.tape.text.startsWith(right, this.tape.start(node))) return;
    }
    if (((value.kinds >> kind) & 1) === 0) {
      this.otherKind(holder, value, node, kind);
      return;
    }
    switch (value.op) {
      case Op.Message: {
        value.shape ??= this.shapes.of(message(value.field.type as string) as MessageInfo);
        if (this.tape.anchors.size === 0 || this.isFirst(value.shape, node))
          this.message(value.shape, node, false);
        return;
      }
      case Op.Any:
        this.any(holder, value, node);
        return;
      case Op.Struct:
        this.struct(holder, value, node);
        return;
      case Op.String:
        if (value.rules !== undefined && !(value.nonEmpty && this.isLong(node))) this.string(value, node);
        return;
      case Op.Integer:
        this.integer(value, node);
        return;
      case Op.Enum:
        this.enumeration(holder, value, node, kind);
        return;
      case Op.Duration:
        this.duration(value, node);
        return;
      case Op.Bool:
        this.bool(value, node);
        return;
      case Op.Float:
        this.float(value, node, kind);
        return;
      case Op.Bytes:
        this.bytes(value, node);
        return;
      case Op.Timestamp:
        if (!forms.isTimestamp(this.tape.string(node))) this.badForm(value, node);
        return;
      case Op.FieldMask:
        if (!forms.isFieldMask(this.tape.string(node))) this.badForm(value, node);
        return;
    }
  }

  /** What an anchor marks is checked once for each type, however many aliases show it. */
  private isFirst(shape: MessageShape, node: number): boolean {
    if (!this.tape.anchors.has(node)) return true;
    const mark = `${node} ${shape.type.name}`;
    if (this.shared.has(mark)) return false;
    this.shared.add(mark);
    return true;
  }

  /** A value of a kind that its type is not written in: some Envoys read more than protobuf's JSON form. */
  private otherKind(holder: MessageShape, value: ValueShape, node: number, kind: Kind): void {
    const { tape, document } = this;
    const { op, wraps } = value;
    if (kind === Kind.Map && wraps !== undefined) {
      this.fault(node, faults.looseForm(value, 'a map of its own fields'));
      this.message(this.shapes.of(wraps), node, false);
      return;
    }
    if (op === Op.Bool && kind === Kind.String && /^(?:true|false)$/.test(tape.string(node))) {
      this.fault(node, faults.looseForm(value, 'a string'));
      return;
    }
    const isYaml = document.format === 'yaml';
    if (isYaml && kind === Kind.Number && forms.yamlIntegerOf(tape.string(node)) === undefined) {
      // Envoy takes a number with a point for text where the field is no number.
      this.value(holder, value, node, Kind.String);
      return;
    }
    const quotable = isYaml && kind < Kind.Map && (op === Op.String || op === Op.Enum);
    const help = quotable ? { remedy: 'put it in quotes' } : this.durationMeant(value, node);
    this.fault(node, faults.wrongKind(value, kind, help));
  }

  /** Whether a string is written with a character or more. */
  private isLong(node: number): boolean {
    const { tape } = this;
    const length = tape.end(node) - tape.start(node);
    return length > 2 && !tape.has(node, Style.Encoded);
  }

  private string(value: ValueShape, node: number): void {
    const text = this.tape.string(node);
    if (stringKeeps(text, value.rules as NonNullable<ValueShape['rules']>)) value.right = this.tape.raw(node);
    else this.ruleBroken(value, node);
  }

  private integer(value: ValueShape, node: number): void {
    const { tape } = this;
    const quoted = tape.has(node, Style.Quoted);
    const text = tape.string(node);
    const number =
      quoted || this.document.format === 'json' ? forms.integerOf(text) : forms.yamlIntegerOf(text);
    if (number === undefined) this.noNumber(value, node, text);
    else if (number < value.least || number > value.most) this.outside(value, node, number);
    else if (!value.ranged && value.rules !== undefined && !numberKeeps(number, value.rules))
      this.ruleBroken(value, node);
    else value.right = tape.raw(node);
  }

  /** A whole number beyond its rules, or even beyond its type. */
  private outside(value: ValueShape, node: number, number: forms.Comparable): void {
    const [least, most] = value.range;
    if (number < least || number > most) this.badForm(value, node);
    else this.ruleBroken(value, node);
  }

  private float(value: ValueShape, node: number, kind: Kind): void {
    const text = this.tape.string(node);
    const number = forms.numberOf(text, kind === Kind.String);
    if (number === undefined) this.noNumber(value, node, text);
    else if (value.single && Number.isFinite(number) && !Number.isFinite(Math.fround(number)))
      this.badForm(value, node);
    else if (value.rules !== undefined && !numberKeeps(number, value.rules)) this.ruleBroken(value, node);
  }

  /** A text that is no number in JSON; Envoy reads some of those too. */
  private noNumber(value: ValueShape, node: number, text: string): void {
    if (LOOSE_NUMBER.test(text)) this.fault(node, faults.looseForm(value, quotedValue(text)));
    else this.badForm(value, node);
  }

  private bool(value: ValueShape, node: number): void {
    const only = value.rules?.const;
    if (only !== undefined && isTrue(this.tape.string(node)) !== only) this.ruleBroken(value, node);
  }

  private bytes(value: ValueShape, node: number): void {
    const length = forms.base64Length(this.tape.string(node).replace(/\s/g, ''));
    if (length < 0) this.badForm(value, node);
    else if (value.rules !== undefined && !bytesKeep(length, value.rules)) this.ruleBroken(value, node);
  }

  private duration(value: ValueShape, node: number): void {
    const nanos = forms.durationNanos(this.tape.string(node));
    if (nanos === undefined) this.badForm(value, node);
    else if (value.rules !== undefined && !durationKeeps(nanos, value.rules)) this.ruleBroken(value, node);
    else value.right = this.tape.raw(node);
  }

  private enumeration(holder: MessageShape, value: ValueShape, node: number, kind: Kind): void {
    const { values, rules } = value;
    const text = this.tape.string(node);
    if (values === undefined) return;
    let number: number | undefined;
    let isName = false;
    if (kind === Kind.Number) {
      const whole = forms.integerOf(text);
      if (whole === undefined || whole < -(2 ** 31) || whole > 2 ** 31 - 1) {
        this.badForm(value, node);
        return;
      }
      number = Number(whole);
    } else {
      number = values.byName(text)?.number;
      isName = number !== undefined;
      number ??= this.looseEnum(value, node, text);
      if (number === undefined) {
        this.fault(node, faults.unknownValue(value, text, holder.closed));
        return;
      }
    }
    if (rules !== undefined && !enumKeeps(number, values.byNumber(number) !== undefined, rules))
      this.ruleBroken(value, node);
    else if (isName) value.right = this.tape.raw(node);
  }

  /** Envoy reads the names of enum values in any case. */
  private looseEnum(value: ValueShape, node: number, text: string): number | undefined {
    const wanted = text.toUpperCase();
    const found = value.values?.values.find(({ name }) => name.toUpperCase() === wanted);
    if (found !== undefined)
      this.remark(node, `${value.values?.name} ${text}`, faults.enumCase(value, text, found.name));
    return found?.number;
  }

  /** A Struct: any map, but in v2 also the configuration of an extension, whose name tells its type. */
  private struct(holder: MessageShape, { field }: ValueShape, node: number): void {
    const { tape } = this;
    const level = this.depth - 1;
    const item = this.items[level] as number;
    const known =
      item < -1
        ? keyedStructType(field.name, tape.name(-2 - item))
        : field.name === 'config'
          ? structTypeIn(
              holder.type.name,
              (name) => this.textIn(this.mapOf(this.keys[level] as number), name),
              () => this.side(),
            )
          : undefined;
    if (known === undefined) return;
    const old = tape.get(node, 'deprecated_v1');
    if (old >= 0 && tape.kind(old) === Kind.Bool) this.remark(old, 'v1', faults.versionOne(field));
    else this.message(this.shapes.of(known), node, false);
  }

  /** The map that a key stands in. */
  private mapOf(key: number): number {
    const { tape } = this;
    let map = key - 1;
    while (tape.kind(map) !== Kind.Map || (tape.links[map] as number) <= key) map--;
    return map;
  }

  private textIn(map: number, name: string): string | undefined {
    const node = this.tape.get(map, name);
    return node >= 0 && this.tape.kind(node) === Kind.String ? this.tape.string(node) : undefined;
  }

  private side(): Side {
    const types = this.path.slice(0, this.depth).map(({ field }) => field.type ?? '');
    return sideAmong([...types.reverse(), this.rootType]);
  }

  private any(holder: MessageShape, value: ValueShape, node: number): void {
    const { tape } = this;
    const url = tape.get(node, '@type');
    if (url < 0) {
      const implied = untypedAny(holder.type, value.field, tape.get(node, 'resource') >= 0);
      const type = implied === undefined ? undefined : message(implied);
      if (type !== undefined) this.message(this.shapes.of(type), node, true);
      else if ((tape.links[node] as number) > node + 1)
        this.fault(this.near(node), faults.missingType(value.field));
      return;
    }
    if (tape.kind(url) !== Kind.String || !tape.string(url).includes('/')) {
      const text = tape.kind(url) < Kind.Map ? tape.string(url) : '';
      this.fault(url, faults.badTypeUrl(value.field, text, message(text) !== undefined), '@type');
      return;
    }
    this.typed(typeName(tape.string(url)), url, node);
  }

  /** Checks an Any of a type: a message with its fields in it, or a well-known type or TypedStruct with a `value`. */
  private typed(name: string, url: number, node: number): void {
    const { tape } = this;
    const type = this.typeNamed(name, url);
    if (type === undefined) return;
    if (TYPED_STRUCTS.has(name)) {
      const inner = tape.get(node, 'type_url') >= 0 ? tape.get(node, 'type_url') : tape.get(node, 'typeUrl');
      const content = tape.get(node, 'value');
      this.message(this.shapes.of(type), node, true);
      if (inner < 0 || content < 0 || tape.kind(inner) !== Kind.String || tape.kind(content) !== Kind.Map)
        return;
      const wanted = this.typeNamed(typeName(tape.string(inner)), inner);
      if (wanted !== undefined) this.message(this.shapes.of(wanted), content, false);
      return;
    }
    if (!hasJsonForm(name)) {
      if (tape.anchors.size === 0 || this.isFirst(this.shapes.of(type), node))
        this.message(this.shapes.of(type), node, true);
      return;
    }
    const content = tape.get(node, 'value');
    const field = (this.path[this.depth - 1] as Slot | undefined)?.field;
    if (content < 0) {
      this.fault(url, faults.missingValue(name), 'value');
      return;
    }
    if (field === undefined) return;
    const inner = valueShape({ ...field, kind: 'message', type: name, scalar: undefined }, undefined);
    this.value(this.shapes.of(type), inner, content, tape.kind(content));
  }

  private typeNamed(name: string, node: number): MessageInfo | undefined {
    if (!this.types.has(name)) this.types.set(name, message(name));
    const type = this.types.get(name);
    if (type === undefined) this.remark(node, `type ${name}`, faults.unknownType(name, nearType(name)));
    return type;
  }

  private badForm(value: ValueShape, node: number): void {
    this.fault(node, faults.badForm(value, this.shown(value, node), this.durationMeant(value, node)));
  }

  private ruleBroken(value: ValueShape, node: number): void {
    this.fault(node, faults.ruleBroken(value, this.shown(value, node)));
  }

  /** The duration that a number, or one in another unit, was meant for. */
  private durationMeant({ op }: ValueShape, node: number): faults.Help {
    const meant = op === Op.Duration ? forms.durationMeant(this.tape.string(node)) : undefined;
    return meant === undefined ? {} : { suggestion: meant };
  }

  /** A value for a message, unless it may be a secret. */
  private shown(value: ValueShape, node: number): string {
    const { tape } = this;
    const fields = this.path.slice(0, this.depth).map(({ field }) => field);
    if (value.op === Op.Bytes || endsInSecret(fields)) return faults.SECRET;
    return tape.kind(node) === Kind.Number ? tape.string(node) : faults.shown(tape.string(node));
  }

  /** Where a message is pointed at as a whole: the key that it stands under, else where it begins. */
  private near(map: number): number {
    const level = this.depth - 1;
    if (level >= 0 && this.items[level] === -1) return this.keys[level] as number;
    return map;
  }

  private missing(map: number, fault: Fault, field?: string): void {
    this.fault(this.near(map), fault, field);
  }

  /** A fault at a key of the message that is open; its value is not on the path yet. */
  private faultAt(key: number, slot: Slot, fault: Fault): void {
    this.fault(key, fault, slot.field.name);
  }

  private fault(node: number, fault: Fault, field?: string): void {
    this.found.push(this.finding(node, fault, field));
  }

  /** A fault that is found once in a document, and counted. */
  private remark(node: number, about: string, fault: Fault, field?: string): void {
    const key = `${fault.code} ${about}`;
    const known = this.remarks.get(key);
    if (known !== undefined) known.count++;
    else this.remarks.set(key, { finding: this.finding(node, fault, field), count: 1 });
  }

  private remarkField(shape: MessageShape, slot: Slot, key: number): void {
    const finding = this.finding(key, faults.remark(shape, slot), slot.field.name);
    this.remarks.set(`${shape.type.name}.${slot.field.name}`, { finding, slot, count: 1 });
  }

  private finding(node: number, fault: Fault, field?: string): Finding {
    const { tape } = this;
    const start = tape.start(node);
    const end =
      tape.kind(node) >= Kind.Map && tape.kind(node) !== Kind.Key ? this.opening(node) : tape.end(node);
    return { ...fault, path: this.pathTo(field), region: this.document.source.region(start, end) };
  }

  /** Where the first thing of a map or list ends: its bracket, or in block style its first key or dash. */
  private opening(node: number): number {
    const { tape } = this;
    const start = tape.start(node);
    if (!tape.has(node, Style.Block) || tape.next(node) === node + 1) return start + 1;
    return tape.kind(node) === Kind.Map ? tape.end(node + 1) : start + 1;
  }

  private pathTo(field: string | undefined): string {
    const { tape } = this;
    let path = this.rootNode === 0 ? '' : documentPath(tape, this.rootNode);
    for (let level = 0; level < this.depth; level++) {
      const item = this.items[level] as number;
      path = joined(path, (this.path[level] as Slot).field.name);
      if (item >= 0) path += `[${item}]`;
      else if (item < -1) path += `[${quotedKey(tape.name(-2 - item))}]`;
    }
    return field === undefined ? path : joined(path, shownName(field));
  }
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

/** The way from a document's top to a node, in the document's own names. */
function documentPath(tape: Tape, target: number): string {
  let path = '';
  let node = 0;
  while (node !== target) {
    const end = tape.next(node);
    const isMap = tape.kind(node) === Kind.Map;
    let index = 0;
    let at = node + 1;
    let child = -1;
    for (; at < end; index++) {
      const value = isMap ? at + 1 : at;
      if (target >= value && target < tape.next(value)) {
        child = value;
        path = isMap ? joined(path, shownName(tape.name(at))) : `${path}[${index}]`;
        break;
      }
      at = tape.next(value);
    }
    if (child < 0) return path;
    node = child;
  }
  return path;
}

/** Signs and bases that numbers have elsewhere; tried with Envoy 1.40. */
const LOOSE_NUMBER = /^(?:\+\d+|0[xX][\da-fA-F]+)$/;

const TYPED_STRUCTS: ReadonlySet<string> = new Set(['udpa.type.v1.TypedStruct', 'xds.type.v3.TypedStruct']);

/** Whether an Any holds a type's JSON form under `value`, instead of its fields. */
function hasJsonForm(name: string): boolean {
  return /^google\.protobuf\.(?:\w*Value|Any|Struct|Duration|Timestamp|FieldMask)$/.test(name);
}

/** A message type of the API that a name is near to: its neighbour in a package, or of another version. */
function nearType(name: string): { readonly name: string; readonly sameScope: boolean } | undefined {
  const simple = simpleName(name);
  const scope = name.slice(0, -simple.length);
  const names = messageNames();
  const neighbours = names.filter(
    (known) => known.startsWith(scope) && !known.slice(scope.length).includes('.'),
  );
  const near = nearName(simple, neighbours.map(simpleName));
  if (near !== undefined) return { name: scope + near, sameScope: true };
  const other = names.find((known) => known.endsWith(`.${simple}`) && sameButOnePart(known, name));
  return other === undefined ? undefined : { name: other, sameScope: false };
}

function sameButOnePart(a: string, b: string): boolean {
  const [left, right] = [a.split('.'), b.split('.')];
  return left.length === right.length && left.filter((part, i) => part !== right[i]).length === 1;
}
