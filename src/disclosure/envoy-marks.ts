// What of Envoy's and Istio's messages may be shown, along the fields of their types.

import { isUtf8 } from 'node:buffer';
import { enumeration, type FieldInfo, type MessageInfo, message as messageType } from '../envoy/api-table.js';
import { fieldNamed, untypedAny } from '../envoy/earlier-fields.js';
import { structTypeIn } from '../envoy/extensions/extension-config.js';
import { type Side, sideWithin } from '../envoy/extensions/side.js';
import { jsonShapeOf } from '../envoy/json-shape.js';
import { MessageReader, typeName } from '../envoy/message-reader.js';
import { holdsMaterial, isSecretField } from '../envoy/sensitive-fields.js';
import { nearName } from '../finding/near-name.js';
import { holdsSecret } from '../secrecy/looks-secret.js';
import { isKeyForPath } from '../secrecy/path-text.js';
import { isHarmlessValue } from '../secrecy/quoted.js';
import { mayNameSecret } from '../secrecy/secret-names.js';
import type { Document } from '../source/document.js';
import { Kind, Style, type Tape } from '../source/tape.js';
import { CERTIFICATE_PINS, KEY_PINS } from '../tls/fields.js';
import type { Marks } from './marks.js';
import { markUntyped } from './untyped-marks.js';

/** What a message stands in. */
interface Around {
  /** In TLS contexts and Secrets what is not known is denied, and so is all that is inline. */
  readonly material: boolean;
  /** Of a secret only the place that it comes from is shown. */
  readonly secret: boolean;
  /** The side of the proxy: the configs of some extensions differ between the two. */
  readonly side: Side;
}

const OUTSIDE: Around = { material: false, secret: false, side: 'upstream' };

const ANY = 'google.protobuf.Any';
const STRUCT = 'google.protobuf.Struct';
const DATA_SOURCE = /\.DataSource$/;

/** Marks the messages of one document. */
export class EnvoyMarks {
  private readonly tape: Tape;
  private readonly reader: MessageReader;
  /** What aliases stand for is marked once for each way that it is read. */
  private readonly seen = new Map<number, Set<string>>();

  constructor(
    document: Document,
    private readonly marks: Marks,
  ) {
    this.tape = document.tape;
    this.reader = new MessageReader(document);
  }

  /** Marks a message and all that it holds. */
  root(type: MessageInfo, node: number): void {
    this.message(type, node, OUTSIDE);
  }

  private message(type: MessageInfo, at: number, outer: Around): void {
    const { tape, marks } = this;
    const node = tape.resolve(at);
    if (node !== at && this.wasSeen(node, `${type.name} ${outer.secret} ${outer.material}`)) return;
    if (tape.kind(node) !== Kind.Map) {
      this.wrong(node, outer);
      return;
    }
    const around = inside(type, outer);
    const hides = this.namesSecretHeader(type, node);
    for (let key = node + 1; key < (tape.links[node] as number); key = tape.next(key + 1)) {
      const name = tape.name(key);
      const field = fieldNamed(type, name);
      if (field === null) marks.key(key);
      else marks.mark(key, true);
      if (tape.has(key, Style.Merge)) this.merged(type, key + 1, outer);
      else if (name === '@type') markUntyped(marks, key + 1, name);
      else {
        if (hides && (field === null || !/^(?:name|key|tag)$/.test(field.name))) marks.deny(key + 1);
        else if (field === null) this.unknown(type, node, name, key + 1, around);
        else this.field(type, node, field, key + 1, around);
      }
    }
  }

  private wasSeen(node: number, way: string): boolean {
    const ways = this.seen.get(node) ?? new Set();
    this.seen.set(node, ways);
    return ways.has(way) || !ways.add(way);
  }

  private merged(type: MessageInfo, at: number, around: Around): void {
    const { tape } = this;
    const node = tape.resolve(at);
    if (tape.kind(node) !== Kind.List) this.message(type, at, around);
    else
      for (let item = node + 1; item < (tape.links[node] as number); item = tape.next(item))
        this.message(type, item, around);
  }

  private field(type: MessageInfo, map: number, field: FieldInfo, at: number, around: Around): void {
    const { tape, marks } = this;
    const node = tape.resolve(at);
    if (isSecretField(field, type.name)) {
      this.secret(field, at, around);
      return;
    }
    if (field.map !== undefined) {
      if (tape.kind(node) !== Kind.Map) this.wrong(node, around);
      else
        for (let key = node + 1; key < (tape.links[node] as number); key = tape.next(key + 1)) {
          const name = tape.name(key);
          marks.key(key);
          // Extensions have their names as keys; only texts stand under those of headers.
          if (mayNameSecret(name) && field.type !== ANY && field.type !== STRUCT) marks.deny(key + 1);
          else this.one(type, map, field, key + 1, around);
        }
    } else if (field.repeated && tape.kind(node) === Kind.List)
      for (let item = node + 1; item < (tape.links[node] as number); item = tape.next(item))
        this.one(type, map, field, item, around);
    else this.one(type, map, field, at, around);
  }

  private one(type: MessageInfo, map: number, field: FieldInfo, at: number, around: Around): void {
    const { tape } = this;
    const node = tape.resolve(at);
    const shape = jsonShapeOf(field);
    if (field.type === ANY) this.any(type, field, node, around);
    else if (field.type === STRUCT) this.struct(type, map, field, node, around);
    else if (shape === 'free' || shape === 'list') this.untyped(node, field.name, around);
    else if (shape === 'map') {
      const inner = messageType(field.type as string);
      if (inner === undefined) this.untyped(node, field.name, around);
      else if (tape.kind(node) !== Kind.Map) this.wrong(node, holdsSecrets(field) ? SECRET : around);
      else this.message(inner, at, around);
    } else if (tape.kind(node) < Kind.Map) this.scalar(type, field, node, around);
    // A Duration or wrapper as a message.
    else if (shape === 'scalar or map') this.untyped(node, field.name, around);
    else this.wrong(node, around);
  }

  /** A secret: where it comes from is shown, as far as that is known. */
  private secret(field: FieldInfo, at: number, around: Around): void {
    const { tape, marks } = this;
    const node = tape.resolve(at);
    const type = DATA_SOURCE.test(field.type ?? '') ? messageType(field.type as string) : undefined;
    const items = tape.kind(node) === Kind.List && field.repeated ? itemsOf(tape, node) : [at];
    for (const item of items) {
      if (type === undefined || tape.kind(tape.resolve(item)) !== Kind.Map) marks.deny(item);
      else this.message(type, item, { ...around, secret: true, material: true });
    }
  }

  private any(holder: MessageInfo, field: FieldInfo, node: number, around: Around): void {
    const { tape } = this;
    const url = tape.last(node, '@type');
    const name =
      url < 0
        ? untypedAny(holder, field, tape.get(node, 'resource') >= 0)
        : tape.kind(url) === Kind.String
          ? typeName(tape.string(url))
          : undefined;
    const type = messageType(name ?? '');
    // What a Struct or StringValue of the configuration of Wasm and the like holds is anything.
    if (type === undefined || type.name.startsWith('google.protobuf.'))
      this.untyped(node, field.name, around);
    else if (/^(?:udpa\.type\.v1|xds\.type\.v3)\.TypedStruct$/.test(type.name))
      this.typedStruct(node, around);
    else this.message(type, node, around);
  }

  private typedStruct(node: number, around: Around): void {
    const { tape, marks } = this;
    const named = [tape.get(node, 'type_url'), tape.get(node, 'typeUrl')].find((url) => url >= 0) ?? -1;
    const type =
      named >= 0 && tape.kind(named) === Kind.String ? messageType(typeName(tape.string(named))) : undefined;
    for (let key = node + 1; key < (tape.links[node] as number); key = tape.next(key + 1)) {
      const name = tape.name(key);
      marks.key(key);
      if (name === 'value' && type !== undefined) this.message(type, key + 1, around);
      else this.untyped(key + 1, /^type_?url$/i.test(name) ? '@type' : name, around);
    }
  }

  /** The `config` of an extension, which its name tells the type of. */
  private struct(type: MessageInfo, map: number, field: FieldInfo, node: number, around: Around): void {
    const holder = field.name === 'config' && !around.secret ? this.reader.read(type, map) : undefined;
    const config =
      holder &&
      structTypeIn(
        type.name,
        (name) => holder.text(name),
        () => around.side,
      );
    if (config === undefined) this.untyped(node, field.name, around);
    else this.message(config, node, around);
  }

  private untyped(node: number, name: string, { material, secret }: Around): void {
    if (material || secret) this.marks.deny(node);
    else markUntyped(this.marks, node, name);
  }

  /** A value of a wrong kind. */
  private wrong(node: number, around: Around): void {
    const { tape } = this;
    const isHarmless =
      tape.kind(node) === Kind.String &&
      !around.material &&
      !around.secret &&
      isHarmlessValue(tape.string(node));
    if (isHarmless) this.marks.mark(node, true);
    else this.untyped(node, '', around);
  }

  /** A name that the type does not have: it may be a slip of one that it has. */
  private unknown(type: MessageInfo, map: number, name: string, at: number, around: Around): void {
    const node = this.tape.resolve(at);
    const meant = around.material || mayNameSecret(name) ? undefined : fieldNear(type, name);
    if (mayNameSecret(name)) this.marks.deny(node);
    else if (meant === undefined) this.untyped(node, name, around);
    else if (this.tape.kind(node) < Kind.Map && !isSecretField(meant, type.name)) this.wrong(node, around);
    else this.field(type, map, meant, at, around);
  }

  private scalar(type: MessageInfo, field: FieldInfo, node: number, around: Around): void {
    const { tape, marks } = this;
    const text = tape.string(node);
    if (tape.kind(node) !== Kind.String) marks.mark(node, !around.secret);
    else marks.mark(node, isHarmlessText(type, field, text, around));
  }

  /** Whether a message matches or sets a header or parameter whose name tells a secret. */
  private namesSecretHeader(type: MessageInfo, node: number): boolean {
    if (
      !/^(?:HeaderMatcher|HeaderValue|QueryParameterMatcher|QueryParameter|KeyValue|CustomTag|Constraint|Condition)$/.test(
        type.shortName,
      )
    )
      return false;
    const { tape } = this;
    const name =
      ['name', 'key', 'tag'].map((field) => tape.get(node, field)).find((value) => value >= 0) ?? -1;
    // Under a misspelt name it may be any.
    if (name < 0 || tape.kind(name) >= Kind.Map) return true;
    const text = tape.string(name);
    return mayNameSecret(/\[(.*)\]$/.exec(text)?.[1] ?? (text.includes('.') ? '' : text));
  }
}

const SECRET: Around = { material: true, secret: true, side: 'upstream' };

function inside(type: MessageInfo, around: Around): Around {
  const side = sideWithin(type.name) ?? around.side;
  const material = around.material || holdsMaterial(type.name);
  return material === around.material && side === around.side ? around : { ...around, material, side };
}

/** Whether a value of a field is a message with a secret in it, or one that leads to a secret or a header. */
function holdsSecrets({ type = '' }: FieldInfo, depth = 2): boolean {
  if (holdsMaterial(type) || DATA_SOURCE.test(type)) return true;
  const fields = depth > 0 ? (messageType(type)?.fields ?? []) : [];
  return fields.some(
    (field) =>
      isSecretField(field, type) ||
      /^(?:remote_)?jwks/.test(field.name) ||
      holdsMaterial(field.type ?? '') ||
      (/Header|Credential/.test(field.type ?? '') && holdsSecrets(field, depth - 1)),
  );
}

/** A text in a field that is not sensitive itself. */
function isHarmlessText(type: MessageInfo, field: FieldInfo, text: string, around: Around): boolean {
  const { name } = field;
  if (DATA_SOURCE.test(type.name)) {
    if (name === 'filename') return !isKeyForPath(text);
    if (name === 'environment_variable') return /^[A-Za-z_]\w{0,63}$/.test(text) && isHarmlessValue(text);
    return !around.material && (name === 'inline_bytes' ? isHarmlessBase64(text) : !holdsSecret(text));
  }
  if (name === 'private_key') return !isKeyForPath(text);
  if (around.secret) return name === 'path' && !isKeyForPath(text);
  if (name === KEY_PINS) return /^[A-Za-z0-9+/]{43}=$/.test(text);
  if (name === CERTIFICATE_PINS) return /^(?:[\da-fA-F]{2}:?){32}$/.test(text);
  if (field.scalar === 'string' || field.type === 'google.protobuf.StringValue') return !holdsSecret(text);
  if (field.scalar === 'bytes' || field.type === 'google.protobuf.BytesValue') return false;
  if (field.kind === 'enum' && enumeration(field.type ?? '')?.byName(text) !== undefined) return true;
  return isHarmlessValue(text);
}

function itemsOf(tape: Tape, list: number): number[] {
  const items: number[] = [];
  for (let item = list + 1; item < (tape.links[list] as number); item = tape.next(item)) items.push(item);
  return items;
}

/** The field that a name is near to. */
function fieldNear(type: MessageInfo, name: string): FieldInfo | undefined {
  const names = type.fields.map((field) => field.name);
  return type.field(nearName(name, names) ?? '');
}

/** Whether bytes are a text that may be shown. */
function isHarmlessBase64(encoded: string): boolean {
  const bytes = Buffer.from(encoded, 'base64');
  return isUtf8(bytes) && !holdsSecret(bytes.toString());
}
