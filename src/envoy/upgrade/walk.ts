// The walk from a v2 message (or an older v3 one) to v3: over the normal form, by the descriptors, with the
// entries for what changed its meaning. It gives edits; what does not change is not even looked at twice.

import { oncePer } from '../../collections/once-per.js';
import type { Edit } from '../../source/edit.js';
import { type Fragment, MapBody } from '../../source/fragment.js';
import { removeItems, removeMembers } from '../../source/map-edit.js';
import { Kind, Style, type Tape } from '../../source/tape.js';
import { type FieldInfo, type MessageInfo, message as messageType } from '../api-table.js';
import { allExtensionPoints } from '../extensions/extension-points.js';
import { extensionOfType, typeToday } from '../extensions/extensions.js';
import { sideOf } from '../extensions/side.js';
import { jsonShapeOf } from '../json-shape.js';
import type { Message } from '../message.js';
import { hasOwnJson, type MessageReader, typeName } from '../message-reader.js';
import { enumText, type NormalValue, plainValue } from '../normal-value.js';
import { enumChanges, enumValueIn, fieldIn, isV3, successorOf } from './correspondence.js';
import { saysVersion, sayVersion } from './entries/config-source.js';
import { entryFor } from './entries.js';
import type { Entry, FieldRule } from './entry.js';
import { type OnUnknown, Subject, type Upgrading } from './subject.js';

/** A message of a package of Envoy's; others put their own below `envoy.api.v2` too. */
const OF_V2 =
  /^envoy\.(?:(?:admin|config|data|service|type)\.(?:.*\.)?v[12]|api\.v2\.(?:[A-Z]|(?:auth|cluster|core|endpoint|listener|ratelimit|route)\.))/;

/** How a field of a message type goes to v3, as the descriptors and the entries say. */
interface FieldPlan {
  readonly rule: FieldRule | undefined;
  /** The field in v3; undefined where there is none of the same meaning. */
  readonly to: FieldInfo | undefined;
  /** Whether anything in the field's value can change. */
  readonly changes: boolean;
}

/** Upgrades the messages of one document. */
export class Walk implements Upgrading {
  readonly notes = new Map<string, unknown>();

  constructor(
    readonly reader: MessageReader,
    readonly onUnknown: OnUnknown,
  ) {}

  /** The edits that make a message v3 where it stands. */
  edits(message: Message): readonly Edit[] {
    const subject = this.subject(message);
    const url = subject.tape.get(message.node, '@type');
    if (url < 0 || subject.target === undefined) return subject.edits();
    return typed(subject, url, message.type.name, subject.target.name).edits();
  }

  body(message: Message): MapBody | undefined {
    const subject = this.subject(message);
    return subject.dropped ? undefined : subject.body();
  }

  moved(message: Message, field: FieldInfo): Fragment | undefined {
    const node = message.value(field.name);
    if (field.map !== undefined) {
      const { tape } = this.reader;
      const entries: [string, Fragment][] = [];
      for (let key = node + 1; key < (tape.links[node] as number); key = tape.next(key + 1)) {
        const value = this.movedItem(message, field, tape.resolve(key + 1), -1);
        if (value !== undefined) entries.push([tape.name(key), value]);
      }
      return Object.fromEntries(entries);
    }
    if (!field.repeated) return this.movedItem(message, field, node, -1);
    return message
      .items(field.name)
      .flatMap((item, index) => this.movedItem(message, field, item, index) ?? []);
  }

  private movedItem(parent: Message, field: FieldInfo, node: number, index: number): Fragment | undefined {
    const { tape } = this.reader;
    if (field.kind === 'enum') return enumText(tape, node, field);
    if (jsonShapeOf(field) === 'map' && tape.kind(node) === Kind.Map) {
      if (field.type === 'google.protobuf.Struct') return new MapBody(tape, node, []);
      if (field.type === 'google.protobuf.Any') return this.any(parent, field, node)?.body();
      const message = parent.open(field, node, index);
      if (message !== undefined) return this.body(message);
    }
    return scalar(tape, node, field);
  }

  /** What becomes of a message. */
  private subject(message: Message): Subject {
    const { target, entry, fieldPlan } = planOf(message.type);
    const subject = new Subject(message, target, this);
    entry?.before?.(subject);
    if (subject.dropped) return subject;
    message.each((field, value, key) => {
      if (subject.settled(key)) return;
      const plan = fieldPlan(field);
      if (plan.rule !== undefined) plan.rule(subject, field.name);
      if (!subject.settled(key) && plan.to !== undefined) this.field(subject, field, plan, value, key);
    });
    if (subject.dropped) return subject;
    this.unknownFields(subject);
    entry?.after?.(subject);
    sayVersion(subject);
    return subject;
  }

  /** A field that v3 has as well. */
  private field(
    subject: Subject,
    field: FieldInfo,
    { to, changes }: FieldPlan,
    value: number,
    key: number,
  ): void {
    const { message } = subject;
    const { name } = to as FieldInfo;
    if (field.repeated && this.reader.tape.kind(value) !== Kind.List) {
      // Old Envoys read one item in the place of a list.
      subject.replace(field.name, { [name]: this.moved(message, field) ?? [] });
      return;
    }
    const written = this.reader.tape.name(key);
    if (written !== name && written !== (to as FieldInfo).jsonName) subject.rename(field.name, name);
    if (!changes) return;
    if (field.kind === 'enum') this.enums(subject, field, to as FieldInfo);
    else if (field.map !== undefined) this.map(subject, field, value);
    else if (!field.repeated) {
      if (this.descend(subject, field, value, -1)) leaveOut(subject, field);
    } else this.list(subject, field);
  }

  private enums(subject: Subject, field: FieldInfo, to: FieldInfo): void {
    const { tape } = this.reader;
    for (const node of subject.message.items(field.name)) {
      const name = enumText(tape, node, field);
      const now = enumValueIn(to, field, name);
      if (now === undefined)
        subject.unknown(field.name, { message: `${field.name} ${name} is no longer there in v3` });
      else if (now !== name) subject.edit(node, now);
    }
  }

  private map(subject: Subject, field: FieldInfo, map: number): void {
    const { tape } = this.reader;
    const dropped: number[] = [];
    let count = 0;
    for (let key = map + 1; key < (tape.links[map] as number); key = tape.next(key + 1)) {
      count++;
      if (this.descend(subject, field, tape.resolve(key + 1), -1)) dropped.push(key);
    }
    if (dropped.length === 0) return;
    if (dropped.length === count) subject.remove(field.name);
    else subject.take(removeMembers(tape, map, dropped));
  }

  private list(subject: Subject, field: FieldInfo): void {
    const { tape } = this.reader;
    const list = subject.message.value(field.name);
    const items = subject.message.items(field.name);
    const dropped = items.filter((item, index) => this.descend(subject, field, item, index));
    if (dropped.length === 0) return;
    if (dropped.length === items.length) subject.remove(field.name);
    else subject.take(removeItems(tape, list, dropped));
  }

  /** Goes on inside a value; whether the value as a whole is left out. */
  private descend(subject: Subject, field: FieldInfo, node: number, index: number): boolean {
    if (this.reader.tape.kind(node) !== Kind.Map) return false;
    const inner =
      field.type === 'google.protobuf.Any'
        ? this.any(subject.message, field, node, index)
        : this.opened(subject.message.open(field, node, index));
    if (inner === undefined) return false;
    if (inner.dropped) return true;
    subject.take(inner.edits());
    return false;
  }

  private opened(message: Message | undefined): Subject | undefined {
    return message === undefined ? undefined : this.subject(message);
  }

  /** What becomes of an Any: its message, and the name of its type. */
  private any(parent: Message, field: FieldInfo, node: number, index = -1): Subject | undefined {
    const { reader } = this;
    const { tape } = reader;
    const place = { parent, field, index };
    const opened = reader.openAny(node, place);
    const { at } = opened;
    const outer = new Subject(
      reader.read(messageType('google.protobuf.Any') as MessageInfo, node, place) as Message,
      undefined,
      this,
    );
    const url = at === node ? tape.get(node, '@type') : memberOf(tape, node, 'type_url', 'typeUrl');
    const written = url < 0 ? (opened.type?.name ?? '') : typeName(tape.string(url));
    if (hasOwnJson(written)) return outer;
    // What was in trial has its final name.
    const type = opened.type ?? messageType(written.replace('.v3alpha.', '.v3.'));
    const now = type === undefined ? undefined : successorOf(type.name);
    const extension = extensionOfType(written);
    if (extension?.gone !== undefined) {
      outer.unknown(undefined, { message: `${written}: ${extension.gone}` });
      return outer;
    }
    const to = now?.name ?? (extension && typeToday(extension, () => sideOf(parent)));
    if (to === undefined) {
      if (OF_V2.test(written)) outer.unknown(undefined, { message: `${written} has no counterpart in v3` });
      else if (written !== '' && !isV3(written) && !isV3(parent.type.name))
        outer.unknown(undefined, {
          message: `${written} is not a message of Envoy's API`,
          remedy:
            'give --on-unknown keep if the Envoy that reads it has it built in, or drop to leave it out',
        });
      else if (written !== '' && !isV3(written))
        outer.report('warning', 'unknown-extension', undefined, {
          message: `${written} is not a message of Envoy's API and is kept unchanged`,
        });
      return outer;
    }
    if (extension?.remark !== undefined) outer.note('check-meaning', undefined, extension.remark);
    const message = type === undefined ? undefined : reader.read(type, at, place);
    if (message !== undefined) {
      const inner = this.subject(message);
      if (inner.dropped) outer.dropped = true;
      // An Any is its message with a member more.
      else if (at === node) return typed(inner, url, written, to);
      else outer.take(inner.edits());
    }
    if (url >= 0 && to !== written) outer.edit(url, tape.string(url).replace(written, to));
    return outer;
  }

  /**
   * Leaves members out that v2 did not know, where that is asked for. Reading has told of them. An `@type` in a
   * message that is none of an Any, as dumps have it, Envoy does not read.
   */
  private unknownFields(subject: Subject): void {
    const { message } = subject;
    const drops = this.onUnknown === 'drop' && !isV3(message.type.name);
    if (!drops && message.saysType) return;
    const { tape } = this.reader;
    const end = tape.links[message.node] as number;
    for (let key = message.node + 1; key < end; key = tape.next(key + 1)) {
      if (tape.has(key, Style.Ignored) || this.reader.field(message.type, key) !== null) continue;
      if (tape.name(key) === '@type' ? !message.saysType : drops) subject.removeKey(key);
    }
  }
}

/** Leaves a field's value out; an extension without its config is none, so it goes as a whole. */
function leaveOut(subject: Subject, field: FieldInfo): void {
  const { name } = subject.message.type;
  if (
    field.name === 'typed_config' &&
    (allExtensionPoints().has(name) || name.endsWith('.TypedExtensionConfig'))
  )
    subject.dropped = true;
  else subject.remove(field.name);
}

/** A message inside an Any, with the name that its type has now. */
function typed(inner: Subject, url: number, written: string, to: string): Subject {
  if (url < 0) inner.lead('@type', `type.googleapis.com/${to}`);
  else if (to !== written) inner.edit(url, inner.tape.string(url).replace(written, to));
  return inner;
}

function memberOf(tape: Tape, node: number, name: string, jsonName: string): number {
  const found = tape.get(node, name);
  return found >= 0 ? found : tape.get(node, jsonName);
}

/** A scalar, or what old Envoys read as one: Durations and wrappers by their fields. */
function scalar(tape: Tape, node: number, field: FieldInfo): Fragment {
  const value: NormalValue =
    field.scalar === 'string' || field.scalar === 'bytes' ? tape.string(node) : plainValue(tape, node);
  return value as Fragment;
}

/** How messages of a type go to v3. */
interface Plan {
  readonly target: MessageInfo | undefined;
  readonly entry: Entry | undefined;
  readonly fieldPlan: (field: FieldInfo) => FieldPlan;
}

const planOf = oncePer((type: MessageInfo): Plan => {
  const target = successorOf(type.name);
  const entry = entryFor(target?.name ?? type.name);
  const fieldPlan = oncePer((field: FieldInfo): FieldPlan => {
    // Without descriptors of the v3 message, the fields stay as they are.
    const to = target === undefined ? field : fieldIn(target, field);
    const rule = entry?.fields?.[field.name] ?? (to === undefined ? missing : undefined);
    return { rule, to, changes: to !== undefined && valueChanges(field, to) };
  });
  return { target, entry, fieldPlan };
});

/** What becomes of a field that no entry speaks of. */
const missing: FieldRule = (subject, name) =>
  subject.unknown(name, { message: `${subject.message.type.name} has no field ${name} in v3` });

function valueChanges(field: FieldInfo, to: FieldInfo): boolean {
  if (field.kind === 'enum') return enumChanges(field, to);
  return field.kind === 'message' && changesIn(field.type as string);
}

const changing = new Map<string, boolean>();

/** Whether anything in messages of a type can change on the way to v3. */
function changesIn(name: string): boolean {
  const known = changing.get(name);
  if (known !== undefined) return known;
  const seen = new Set([name]);
  const queue = [name];
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    if (changing.get(at) === true || changesItself(at)) {
      changing.set(name, true);
      return true;
    }
    for (const { kind, type } of messageType(at)?.fields ?? []) {
      if (kind !== 'message' || type === undefined || seen.has(type) || changing.get(type) === false)
        continue;
      seen.add(type);
      queue.push(type);
    }
  }
  for (const type of seen) changing.set(type, false);
  return false;
}

function changesItself(name: string): boolean {
  if (name === 'google.protobuf.Any') return true;
  const target = successorOf(name);
  if (entryFor(target?.name ?? name) !== undefined) return true;
  if (target !== undefined && saysVersion(target)) return true;
  return (messageType(name)?.fields ?? []).some((field) => {
    const to = target === undefined ? undefined : fieldIn(target, field);
    return to === undefined || to.name !== field.name || (field.kind === 'enum' && enumChanges(field, to));
  });
}
