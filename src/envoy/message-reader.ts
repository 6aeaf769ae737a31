// Reads the messages of a document: which type a node is of, which field a key names, and what is wrong.

import type { Finding, Level } from '../finding/finding.js';
import type { Document } from '../source/document.js';
import { Kind, Style, type Tape } from '../source/tape.js';
import { type FieldInfo, type MessageInfo, message } from './api-table.js';
import { fieldNamed, untypedAny } from './earlier-fields.js';
import { wrongKindOf } from './field-faults.js';
import { kindFits } from './json-shape.js';
import { Mentions } from './mentions.js';
import { type FieldStep, Message, pathOf } from './message.js';
import { envoyReading, type Reading, type RepeatFault } from './repeated-fields.js';

/**
 * Which fields of a message type are checked: their kinds, and names that are near to theirs. Undefined for
 * all. What a reader does not need may be newer than this API, or is another command's business.
 */
export type Interest = (type: MessageInfo) => ReadonlySet<FieldInfo> | undefined;

/** A message type as one document spells it. */
export interface Spelling {
  readonly type: MessageInfo;
  readonly interest: ReadonlySet<FieldInfo> | undefined;
  /** The field that each name of the tape is, by the name's number: null for none, undefined where nobody asked. */
  readonly fields: (FieldInfo | null | undefined)[];
  /** For each field, by its number, the last check that saw it. */
  readonly seen: number[];
  /** The same for each oneof. */
  readonly oneofs: Map<string, number>;
}

/** Reads the messages of one document and collects what is wrong with them. */
export class MessageReader {
  readonly tape: Tape;
  /** The fields that the document may have. */
  readonly mentions: Mentions;
  readonly findings: Finding[] = [];
  /** Values under names that the API does not know: nobody reads them. */
  readonly unread = new Set<number>();
  /** Keys of which Envoy does not say, or not each time alike, what it reads. Of messages that were looked at. */
  readonly undetermined = new Map<number, RepeatFault>();
  readonly reading: Reading;
  private readonly spellings = new Map<MessageInfo, Spelling>();
  private checks = 0;
  /** Nodes that were read already, so that what aliases show twice is reported once. */
  private readonly reported = new Set<string>();

  /**
   * @param unknownLevel how much an unknown name of a message weighs, where no known one is near
   * @param reading how repeated fields and merge keys are read: by default as Envoy does
   */
  constructor(
    readonly document: Document,
    readonly interest: Interest = () => undefined,
    readonly unknownLevel: (type: MessageInfo) => Level = () => 'warning',
    reading: Reading = envoyReading(document),
  ) {
    this.reading = reading;
    this.tape = document.tape;
    this.mentions = Mentions.of(this.tape.names);
  }

  /** Whether the members of `<<` are read as a map's own. */
  get mergesKeys(): boolean {
    return this.reading === 'kubernetes';
  }

  /**
   * The message at a node; undefined, with a finding, where there is no map.
   *
   * @param copies maps before it that Envoy merges with it, where JSON repeats the field
   */
  read(type: MessageInfo, node: number, place?: FieldStep, copies?: readonly number[]): Message | undefined {
    const at = this.tape.resolve(node);
    const kind = this.tape.kind(at);
    if (kind === Kind.Null) return undefined;
    if (kind !== Kind.Map) {
      this.wrongKind(at, place, `a message of type ${type.name}`);
      return undefined;
    }
    return new Message(this, type, at, place, copies);
  }

  /** The message inside an Any; undefined where its type is not known. */
  readAny(node: number, place: FieldStep): Message | undefined {
    const { type, at } = this.openAny(node, place);
    return type === undefined ? undefined : this.read(type, at, place);
  }

  /** What an Any holds and where its fields stand: in itself, or for a TypedStruct in its `value`. */
  openAny(
    node: number,
    { parent, field }: Pick<FieldStep, 'parent' | 'field'>,
  ): { readonly type: MessageInfo | undefined; readonly at: number } {
    const any = this.tape.resolve(node);
    const url = this.tape.last(any, '@type');
    if (url < 0) {
      const wrapped = this.member(any, 'resource', 'resource') >= 0;
      const name = untypedAny(parent.type, field, wrapped) ?? typeName(parent.text('type_url') ?? '');
      return { type: message(name), at: any };
    }
    const type = this.typeAt(url);
    if (type !== undefined && hasOwnJson(type.name)) return { type: undefined, at: any };
    if (type?.name !== 'udpa.type.v1.TypedStruct' && type?.name !== 'xds.type.v3.TypedStruct')
      return { type, at: any };
    const value = this.tape.get(any, 'value');
    return { type: value < 0 ? undefined : this.typeAt(this.member(any, 'type_url', 'typeUrl')), at: value };
  }

  private typeAt(url: number): MessageInfo | undefined {
    return url >= 0 && this.tape.kind(url) === Kind.String
      ? message(typeName(this.tape.string(url)))
      : undefined;
  }

  private member(node: number, name: string, jsonName: string): number {
    const found = this.tape.get(node, name);
    return found >= 0 ? found : this.tape.get(node, jsonName);
  }

  /** How the document spells a message type's fields. */
  spelling(type: MessageInfo): Spelling {
    let spelling = this.spellings.get(type);
    if (spelling === undefined) {
      // Arrays with room: an engine reads all of them alike, whatever they hold later.
      spelling = {
        type,
        interest: this.interest(type),
        fields: new Array(32),
        seen: new Array(32),
        oneofs: new Map(),
      };
      this.spellings.set(type, spelling);
    }
    return spelling;
  }

  /** The field that a key names in a message type; null if the type has none of that name. */
  field(type: MessageInfo, key: number): FieldInfo | null {
    return this.spelled(this.spelling(type), key);
  }

  /** The field that a key names; null for none. */
  spelled({ type, fields }: Spelling, key: number): FieldInfo | null {
    const name = this.tape.links[key] as number;
    let field = fields[name];
    if (field === undefined) {
      field = fieldNamed(type, this.tape.names[name] as string);
      fields[name] = field;
    }
    return field;
  }

  /**
   * Whether a map can be read as it stands: each member a field with a value of its kind, none twice, none
   * null, nothing merged in.
   */
  isPlain(spelling: Spelling, map: number): boolean {
    const { tape } = this;
    const { interest, seen, oneofs } = spelling;
    const check = ++this.checks;
    const end = tape.links[map] as number;
    for (let key = map + 1; key < end; key = tape.next(key + 1)) {
      if (tape.has(key, Style.Merge | Style.Ignored)) return false;
      const field = this.spelled(spelling, key);
      if (field === null) {
        if (tape.name(key) !== '@type') return false;
        continue;
      }
      if (seen[field.number] === check) return false;
      seen[field.number] = check;
      if (field.oneof !== undefined) {
        if (oneofs.get(field.oneof) === check) return false;
        oneofs.set(field.oneof, check);
      }
      const kind = tape.kind(tape.resolve(key + 1));
      if (kind === Kind.Null || ((interest === undefined || interest.has(field)) && !kindFits(field, kind)))
        return false;
    }
    return true;
  }

  /** Reports what is wrong at a node, once for each node and code. */
  report(node: number, finding: Omit<Finding, 'region'>): void {
    const mark = `${node} ${finding.code}`;
    if (this.reported.has(mark)) return;
    this.reported.add(mark);
    const region = this.document.source.region(this.tape.start(node), this.tape.end(node));
    this.findings.push({ ...finding, region });
  }

  wrongKind(node: number, place: FieldStep | undefined, expected: string): void {
    this.report(node, {
      ...wrongKindOf(place?.field.name ?? 'the document', this.tape.kind(node), expected),
      ...(place !== undefined && { path: pathOf(place) }),
    });
  }
}

/** A reader of what Kubernetes reads: Istio's resources and settings. */
export function kubernetesReader(document: Document, interest?: Interest): MessageReader {
  return new MessageReader(document, interest, undefined, 'kubernetes');
}

const OWN_JSON: ReadonlySet<string> = new Set(
  ['Any', 'Duration', 'Empty', 'FieldMask', 'ListValue', 'Struct', 'Timestamp', 'Value'].map(
    (name) => `google.protobuf.${name}`,
  ),
);

/** Whether a message is in JSON something else than its fields: inside an Any it is in a member `value`. */
export function hasOwnJson(typeName: string): boolean {
  return OWN_JSON.has(typeName);
}

/** The message name in a type URL: what follows the last slash. */
export function typeName(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}
