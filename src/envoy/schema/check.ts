// The schema check: whether the messages of a document are what the API and its validate rules say. It walks
// the tape once, from the roots down, along the shapes of their types, and builds nothing on the way; a place
// is worked out when a fault needs one. (Measured against schemas compiled by ajv: docs/schema.md.)

import type { Edit, Finding, Level } from '../../finding/finding.js';
import { isSlip } from '../../finding/near-name.js';
import { quotedKey, shownName } from '../../secrecy/quoted.js';
import type { Document } from '../../source/document.js';
import { duplicateKeys } from '../../source/duplicate-keys.js';
import { outermostEdits } from '../../source/embedded.js';
import { Kind, Style, type Tape } from '../../source/tape.js';
import { type FieldInfo, type MessageInfo, message } from '../api-table.js';
import { type DocumentRoot, shownApi } from '../detect.js';
import { untypedAny } from '../earlier-fields.js';
import { keyedStructType, structTypeIn } from '../extensions/extension-config.js';
import { type Side, sideAmong } from '../extensions/side.js';
import { CONFIGURING } from '../extensions/typed-extensions.js';
import { typeName } from '../message-reader.js';
import { envoyReading, type Reading } from '../repeated-fields.js';
import { endsInSecret } from '../sensitive-fields.js';
import { NEWEST, type VersionFault, type Versions } from '../versions/versions.js';
import type { Fault } from './faults.js';
import * as faults from './faults.js';
import { fieldPlace } from './field-place.js';
import { nearType } from './near-type.js';
import { durationMeant, type ScalarReading, scalarFault } from './scalars.js';
import {
  emptyKeeps,
  type MessageShape,
  Op,
  Shapes,
  type Slot,
  type ValueShape,
  valueShape,
} from './shape.js';
import { isTaken } from './unvalidated.js';
import { ruleText, sizeKeeps, stringKeeps } from './value-rules.js';
import * as forms from './well-known.js';

/** How a document is checked. */
export interface SchemaOptions {
  /**
   * Whether it comes by discovery: Envoy drops what it does not know there, and refuses it elsewhere. By default
   * responses and dumps do.
   */
  readonly dynamic?: boolean;
  /** What the version that it is for says of what it uses; by default the newest. */
  readonly versions?: Versions;
}

/**
 * Checks the messages of a document. What deserves a remark wherever it is used, as a deprecated field does,
 * is found once, with a count.
 *
 * @param roots the messages at its top, as `detect` finds them
 */
export function checkSchema(
  document: Document,
  roots: readonly DocumentRoot[],
  { dynamic = roots.length > 0 && roots.every(isDynamic), versions = NEWEST }: SchemaOptions = {},
): Finding[] {
  const check = new SchemaCheck(document, dynamic, versions);
  for (const root of roots) check.root(root);
  return check.findings();
}

/** Whether a message is what a control plane sends, or a dump of what it sent. */
function isDynamic({ type }: DocumentRoot): boolean {
  return type.name.startsWith('envoy.admin.') || /(?:Delta)?DiscoveryResponse$/.test(type.name);
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

/** How many unknown names of one message are told one by one: a map of data that stands in the wrong place has thousands. */
const NAMED_UNKNOWNS = 1000;

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
  /** The messages around, from the root on. */
  private readonly holders: MessageShape[] = [];
  /** The map whose `typed_config` was looked up last. */
  private config: { readonly map: number; readonly type: MessageInfo | undefined } = {
    map: -1,
    type: undefined,
  };
  /** The map whose unknown names were counted last. */
  private unknowns = { map: -1, count: 0 };
  private readonly unknownLevel: Level;
  private readonly reading: Reading;
  private readonly scalars: ScalarReading;
  /** Keys of YAML that a later one of the same name takes the place of: Envoy does not look at them. */
  private readonly superseded: ReadonlySet<number>;
  /** Whether the text holds messages of v3. */
  private readonly hasV3: boolean;

  constructor(
    private readonly document: Document,
    dynamic: boolean,
    private readonly versions: Versions,
  ) {
    const { tape, format } = document;
    this.tape = tape;
    this.shapes = new Shapes(tape, versions);
    this.unknownLevel = dynamic ? 'warning' : 'error';
    this.reading = envoyReading(document);
    this.superseded = supersededKeys(document, this.reading);
    this.hasV3 = /\.v3\./.test(tape.text);
    this.scalars = {
      tape,
      format,
      isV3: true,
      unknownLevel: this.unknownLevel,
      shown: (value, node) => this.shown(value, node),
    };
  }

  root({ type, node }: DocumentRoot): void {
    const at = this.tape.resolve(node);
    this.rootNode = at;
    this.rootType = type.name;
    if (this.tape.kind(at) !== Kind.Map) return;
    // What is in both versions is read by Envoys that have one of them alone.
    const fault = this.versions.root(type);
    if (fault !== undefined && shownApi(this.tape) !== undefined) this.versionFault(at, type.name, fault);
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
    this.holders.push(shape);
    if (shape.unfinished) this.remark(map, `type ${shape.type.name}`, faults.unfinishedType(shape.type));
    this.members(shape, map, base, isAny);
    this.presence(shape, map, base);
    this.holders.pop();
    this.top = base;
  }

  private grow(): void {
    const wider = new Int32Array(2 * this.top);
    wider.set(this.marks);
    this.marks = wider;
  }

  private members(shape: MessageShape, map: number, base: number, isAny: boolean): void {
    const { tape, superseded } = this;
    const { slots } = shape;
    const end = tape.links[map] as number;
    for (let key = map + 1; key < end; key = tape.next(key + 1)) {
      const style = (tape.styles[key] as number) & (Style.Merge | Style.Ignored);
      if (style !== 0) {
        if ((style & Style.Merge) !== 0) this.fault(key, faults.mergeKey(shape, this.unknownLevel));
        continue;
      }
      if (superseded.size > 0 && superseded.has(key)) continue;
      let slot = slots[tape.links[key] as number];
      if (slot === undefined) slot = this.shapes.resolve(shape, key);
      if (slot === null) {
        this.unknown(shape, key, map, base, isAny);
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
      if (known > 0) this.again(slot, key, known);
      else {
        this.marks[place] = key;
        if (slot.oneof >= 0) {
          const other = this.marks[base + slot.oneof] as number;
          if (other <= 0) this.marks[base + slot.oneof] = key;
          else {
            const sibling = slots[tape.links[other] as number] as Slot;
            this.faultAt(key, slot, faults.oneofConflict(slot, sibling.field));
          }
        }
      }
      // Each slot counts its own, since there may be one for each message.
      if (slot.remark !== undefined && slot.remarks++ === 0 && this.isDue(slot))
        this.remarkField(shape, slot, key);
      if (slot.version === undefined) slot.version = this.versions.field(shape.type, slot.field) ?? null;
      if (slot.version !== null)
        this.versionFault(key, `${shape.type.name}.${slot.field.name}`, slot.version, slot.field.name);
      this.path[this.depth] = slot;
      this.keys[this.depth] = key;
      this.items[this.depth] = -1;
      this.depth++;
      this.field(shape, slot, value, kind);
      this.depth--;
    }
  }

  /** Whether a remark on a field stands: a version that is named decides itself what is deprecated. */
  private isDue({ remark }: Slot): boolean {
    return !this.versions.decidesDeprecation || remark === 'earlier' || remark === 'unfinished';
  }

  /** What the version says of something used; in what comes by discovery, Envoy drops what it does not know. */
  private versionFault(node: number, about: string, fault: VersionFault | undefined, field?: string): void {
    if (fault === undefined || this.isDump) return;
    const isDropped = field !== undefined && fault.code === 'not-in-version';
    this.remark(node, about, isDropped ? { ...fault, level: this.unknownLevel } : fault, field);
  }

  /** Whether it is a dump, of an Envoy that may have been older: that took it. */
  private get isDump(): boolean {
    return this.rootType.startsWith('envoy.admin.');
  }

  /** A field that its map has already. Envoy reads it again; in JSON there are fields that it refuses then. */
  private again({ field, oneof }: Slot, key: number, known: number): void {
    const { tape } = this;
    const name = tape.name(key);
    if (this.reading === 'json' && (oneof >= 0 || field.type === 'google.protobuf.Any'))
      this.fault(key, faults.refusedTwice(name), field.name);
    // The same spelling twice is found by the source; here it is the two spellings of one field.
    else if (tape.links[known] !== tape.links[key])
      this.fault(key, faults.fieldTwice(name, tape.name(known)), field.name);
  }

  /** A name that the type does not have. The field that was meant counts as there, so that it is not missed too. */
  private unknown(shape: MessageShape, key: number, map: number, base: number, isAny: boolean): void {
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
    const removed = faults.fieldOfV2(shape, name, this.unknownLevel);
    if (removed !== undefined) {
      this.remark(key, `${shape.type.name}.${name}`, removed, name);
      return;
    }
    if (this.unknowns.map !== map) this.unknowns = { map, count: 0 };
    if (++this.unknowns.count > NAMED_UNKNOWNS) {
      this.remark(key, `unknown in ${map}`, faults.moreUnknownFields(shape, this.unknownLevel));
      return;
    }
    const wanted = faults.fieldNear(shape, name);
    const isFree = wanted !== undefined && this.countAsThere(shape, wanted, key, base);
    const place = fieldPlace(name, this.holders, this.configOf(map));
    const fault = faults.unknownField(shape, name, wanted, place, this.unknownLevel);
    const mends = isFree && fault.suggestion !== undefined && isSlip(name, fault.suggestion);
    this.fault(key, fault, name, mends ? [this.renamed(key, fault.suggestion as string)] : undefined);
  }

  /** Marks a field that was meant as there; false where it is there itself. */
  private countAsThere(shape: MessageShape, field: FieldInfo, key: number, base: number): boolean {
    const { index, oneof } = this.shapes.slot(shape, field);
    if (this.marks[base + index] !== 0) return false;
    this.marks[base + index] = -key;
    if (oneof < 0) return true;
    if ((this.marks[base + oneof] as number) > 0) return false;
    this.marks[base + oneof] = -key;
    return true;
  }

  /** The type of the `typed_config` in a map, where it has one; looked up once, however many of its names are unknown. */
  private configOf(map: number): MessageInfo | undefined {
    if (this.config.map !== map) this.config = { map, type: this.typedConfig(map) };
    return this.config.type;
  }

  private typedConfig(map: number): MessageInfo | undefined {
    const { tape } = this;
    const config = tape.get(map, 'typed_config');
    const url = config < 0 || tape.kind(config) !== Kind.Map ? -1 : tape.get(config, '@type');
    return url < 0 || tape.kind(url) !== Kind.String ? undefined : message(typeName(tape.string(url)));
  }

  /** The edit that gives a key or a text another content, in the quotes that it has. */
  private renamed(node: number, text: string): Edit {
    const { tape } = this;
    const [start, end] = [tape.start(node), tape.end(node)];
    const quote = tape.has(node, Style.Quoted) ? tape.text.charAt(start) : '';
    return { start, end, text: `${quote}${text}${quote}` };
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
    if (shape.isExtension && !this.isDump && !CONFIGURING.some((name) => this.isThere(shape, name, base)))
      this.missing(map, faults.missingConfig(shape.type));
  }

  /** Whether a message has a field, or one that was meant for it. */
  private isThere(shape: MessageShape, name: string, base: number): boolean {
    const field = shape.type.field(name);
    return field !== undefined && this.marks[base + this.shapes.slot(shape, field).index] !== 0;
  }

  private field(shape: MessageShape, slot: Slot, node: number, kind: Kind): void {
    const { field, value } = slot;
    if (field.repeated) this.list(shape, slot, node, kind);
    else if (field.map !== undefined) this.map(shape, slot, node, kind);
    else this.value(shape, value, node, kind);
  }

  private list(shape: MessageShape, slot: Slot, node: number, kind: Kind): void {
    const { field, value, rules } = slot;
    const level = this.depth - 1;
    if (kind !== Kind.List) {
      if (((value.kinds >> kind) & 1) === 0) {
        this.fault(node, faults.notMany(field, kind));
        return;
      }
      this.fault(node, faults.singleItem(shape, field, kind));
      this.value(shape, value, node, kind);
      return;
    }
    const count = this.listItems(shape, slot, node, 0);
    this.items[level] = -1;
    if (!sizeKeeps(count, rules))
      this.fault(this.keys[level] as number, faults.wrongSize(field, rules, count));
    if (rules.unique === true) this.unique(field, node);
  }

  /** Checks the items of a list, and of lists in it: Envoy reads these as if there were one. Gives how many there are. */
  private listItems(shape: MessageShape, slot: Slot, node: number, before: number): number {
    const { tape } = this;
    const { field, value } = slot;
    const end = tape.links[node] as number;
    const level = this.depth - 1;
    let count = before;
    for (let item = node + 1; item < end; item = tape.next(item)) {
      const at = tape.resolve(item);
      const kind = tape.kinds[at] as Kind;
      if (kind === Kind.List && ((value.kinds >> kind) & 1) === 0 && shape.type.isV3) {
        this.remark(at, `nested ${shape.type.name}.${field.name}`, faults.nestedList(field), field.name);
        count = this.listItems(shape, slot, at, count);
        continue;
      }
      this.items[level] = count++;
      if (kind === Kind.Null && value.op !== Op.Value) this.nullItem(shape, slot, at);
      else this.value(shape, value, at, kind);
    }
    return count;
  }

  /** A null in a list: Envoy of v3 reads the default value, which may break rules. */
  private nullItem(shape: MessageShape, { field, value, rules }: Slot, node: number): void {
    if (!shape.type.isV3) {
      this.fault(node, faults.nullItem(field, 'error'));
      return;
    }
    const isRight =
      value.op === Op.Message
        ? this.isRightWhenEmpty(value.field.type as string)
        : emptyKeeps(field, rules.items ?? {});
    this.fault(node, faults.nullItem(field, isRight ? 'warning' : 'error'));
  }

  private isRightWhenEmpty(type: string): boolean {
    const { required, oneofs, isExtension } = this.shapes.of(message(type) as MessageInfo);
    return required.length === 0 && oneofs.length === 0 && !isExtension;
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
      if (valueKind === Kind.Null && value.op !== Op.Value) this.fault(at, faults.nullItem(field, 'error'));
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
      default:
        this.scalar(holder, value, node, kind);
    }
  }

  private scalar({ type }: MessageShape, value: ValueShape, node: number, kind: Kind): void {
    this.scalars.isV3 = type.isV3 && !this.isDump;
    if (value.op === Op.Enum && value.values !== undefined) {
      const text = this.tape.string(node);
      this.versionFault(node, `${value.values.name}.${text}`, this.versions.value(value.values.name, text));
    }
    const found = scalarFault(value, node, kind, this.scalars);
    if (found === undefined) return;
    const { fault, about } = found;
    if (about !== undefined) this.remark(node, about, fault);
    else {
      const mends =
        value.op === Op.Enum &&
        fault.suggestion !== undefined &&
        isSlip(this.tape.string(node), fault.suggestion);
      this.fault(
        node,
        fault,
        undefined,
        mends ? [this.renamed(node, fault.suggestion as string)] : undefined,
      );
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
    const isYaml = document.format === 'yaml';
    if (isYaml && kind === Kind.Number && forms.yamlIntegerOf(tape.string(node)) === undefined) {
      // Envoy takes a number with a point for text where the field is no number.
      this.value(holder, value, node, Kind.String);
      return;
    }
    const quotable = isYaml && kind < Kind.Map && (op === Op.String || op === Op.Enum);
    const help = quotable ? { remedy: 'put it in quotes' } : durationMeant(value, node, this.scalars);
    const isText = quotable && op === Op.String && kind !== Kind.Null;
    const edits = isText ? [{ ...this.renamed(node, `"${tape.raw(node)}"`) }] : undefined;
    this.fault(node, faults.wrongKind(value, kind, help), undefined, edits);
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
    const url = this.typeUrl(node);
    if (url < 0) {
      const implied = untypedAny(holder.type, value.field, tape.get(node, 'resource') >= 0);
      const type = implied === undefined ? undefined : message(implied);
      if (type !== undefined) this.message(this.shapes.of(type), node, true);
      else if ((tape.links[node] as number) > node + 1 || (holder.isExtension && !this.isDump))
        this.fault(this.near(node), faults.missingType(value.field));
      return;
    }
    const text = tape.kind(url) < Kind.Map ? tape.string(url) : '';
    if (tape.kind(url) !== Kind.String || !/^[^/]+\//.test(text)) {
      const name = typeName(text);
      this.fault(
        url,
        faults.badTypeUrl(value.field, text, message(name) === undefined ? undefined : name),
        '@type',
      );
      return;
    }
    this.typed(holder, typeName(text), url, node);
  }

  /** The `@type` of a map; in YAML the last of several. */
  private typeUrl(map: number): number {
    const { tape } = this;
    return this.reading === 'json' ? tape.get(map, '@type') : tape.last(map, '@type');
  }

  /** Checks an Any of a type: a message with its fields in it, or a well-known type or TypedStruct with a `value`. */
  private typed(holder: MessageShape, name: string, url: number, node: number): void {
    const { tape } = this;
    const type = this.typeNamed(name, url);
    if (type === undefined) return;
    const field = (this.path[this.depth - 1] as Slot | undefined)?.field;
    if (holder.isExtension && NO_CONFIG.test(name)) {
      this.fault(url, faults.noConfig(name), '@type');
      return;
    }
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
    if (field !== undefined) this.jsonForm(name, type, field, node);
  }

  /** A well-known type in an Any: its JSON form is under `value`, and nothing is beside that. */
  private jsonForm(name: string, type: MessageInfo, field: FieldInfo, node: number): void {
    const { tape } = this;
    for (let key = node + 1; key < (tape.links[node] as number); key = tape.next(key + 1)) {
      const member = tape.name(key);
      if (member !== '@type' && member !== 'value') {
        this.fault(key, faults.besideValue(name, member), member);
        return;
      }
    }
    const content = tape.get(node, 'value');
    if (content < 0) return;
    const inner = valueShape({ ...field, kind: 'message', type: name, scalar: undefined }, undefined);
    this.value(this.shapes.of(type), inner, content, tape.kind(content));
  }

  private typeNamed(name: string, node: number): MessageInfo | undefined {
    if (!this.types.has(name)) this.types.set(name, message(name));
    const type = this.types.get(name);
    if (type === undefined) this.remark(node, `type ${name}`, faults.unknownType(name, nearType(name)));
    // No Envoy of v3 alone has the types of v2.
    else if (this.hasV3 && OF_V2.test(name) && !this.isDump)
      this.remark(node, `type ${name}`, faults.typeOfV2(name));
    else this.versionFault(node, `type ${name}`, this.versions.message(type));
    return type;
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

  private fault(node: number, fault: Fault, field?: string, edits?: readonly Edit[]): void {
    const holders = this.holders.map(({ type }) => type.name);
    const said: Fault = isTaken(fault.code, holders) ? { ...fault, level: 'warning' } : fault;
    const finding = this.finding(node, said, field);
    this.found.push(
      edits === undefined ? finding : { ...finding, edits: outermostEdits(this.document, edits) },
    );
  }

  /** A fault that is found once in a document, and counted. */
  private remark(node: number, about: string, fault: Fault, field?: string): void {
    const key = `${fault.code} ${about}`;
    const known = this.remarks.get(key);
    if (known !== undefined) known.count++;
    else this.remarks.set(key, { finding: this.finding(node, fault, field), count: 1 });
  }

  private remarkField(shape: MessageShape, slot: Slot, key: number): void {
    const finding = this.finding(key, faults.remark(shape, slot, this.unknownLevel), slot.field.name);
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
    if (field === undefined) return path;
    // A name that the API has is no secret, whatever it looks like.
    const isKnown = this.holders.at(-1)?.type.field(field) !== undefined;
    return joined(path, isKnown ? field : shownName(field));
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

const TYPED_STRUCTS: ReadonlySet<string> = new Set(['udpa.type.v1.TypedStruct', 'xds.type.v3.TypedStruct']);

/** Whether an Any holds a type's JSON form under `value`, instead of its fields. */
function hasJsonForm(name: string): boolean {
  return /^google\.protobuf\.(?:\w*Value|Any|Struct|Duration|Timestamp|FieldMask)$/.test(name);
}

/** Types that configure no extension: Envoy looks for the extension by the type of its configuration. */
const NO_CONFIG = /^google\.protobuf\.(?:Struct|Empty|Value)$/;

/** Types of v2 that have no place among those of v3. */
const OF_V2 = /^envoy\.(?:api\.v2|(?:config|data|service|admin|type)\.(?:[\w.]*\.)?v[12](?:alpha\d*)?)\./;

/** The keys of YAML of which a later one is read instead. */
function supersededKeys(document: Document, reading: Reading): ReadonlySet<number> {
  const keys = new Set<number>();
  if (reading === 'json' || !document.source.findings.some(({ code }) => code === 'duplicate-key'))
    return keys;
  const last = new Map<number, number>();
  for (const { first, second } of duplicateKeys(document.tape)) {
    keys.add(last.get(first) ?? first);
    last.set(first, second);
  }
  return keys;
}
