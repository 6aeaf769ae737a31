// One message on its way to v3: what entries say of its members, and the edits that follow from it.

import type { Finding, Level } from '../../finding/finding.js';
import { type Edit, sortEdits } from '../../source/edit.js';
import { type Fragment, MapBody } from '../../source/fragment.js';
import { layoutAt } from '../../source/layout.js';
import { appendMembers, insertFirstMember, removeMembers, replaceByMembers } from '../../source/map-edit.js';
import { isTrue } from '../../source/plain-kind.js';
import { renderMember } from '../../source/render.js';
import { jsonScalar } from '../../source/scalar-text.js';
import { Kind, type Tape } from '../../source/tape.js';
import type { FieldInfo, MessageInfo } from '../api-table.js';
import { extensionOf } from '../extensions/extension-config.js';
import type { Message } from '../message.js';

/** Members of a message by their proto names. */
export type Members = { readonly [name: string]: Fragment };

// Most messages do not change at all, and share these.
const NOTHING: Members = {};
const NO_MEMBERS = new Map<number, Members>();
const NO_EDITS: Edit[] = [];
const NO_KEYS = new Set<number>();

/** What becomes of something that v3 has no counterpart for. */
export const ON_UNKNOWN = ['fail', 'keep', 'drop'] as const;
export type OnUnknown = (typeof ON_UNKNOWN)[number];

/** What an entry may ask of the walk. */
export interface Upgrading {
  readonly onUnknown: OnUnknown;
  /** A message's text in v3, to be put elsewhere; undefined where it is left out. */
  body(message: Message): MapBody | undefined;
  /** A field's value in v3, to be put elsewhere; undefined where nothing is left of it. */
  moved(message: Message, field: FieldInfo): Fragment | undefined;
  /** What was noted of a message in it, or of one around it, under a name. */
  readonly notes: Map<string, unknown>;
}

/** What an entry says of something. */
export type Remark = Omit<Finding, 'region' | 'level' | 'code' | 'path'>;

/** A message and what becomes of its members. */
export class Subject {
  /** By key nodes: the members that take a member's place; none where it goes. */
  private replaced: Map<number, Members> = NO_MEMBERS;
  private inside: Edit[] = NO_EDITS;
  private added: Members = NOTHING;
  private leading: Members = NOTHING;
  /** Key nodes of members that stay as they are, whatever v3 says of them. */
  private kept: Set<number> = NO_KEYS;
  /** Whether the message as a whole has no place in v3, and the list that it is in goes on without it. */
  dropped = false;

  constructor(
    readonly message: Message,
    /** Its type in v3; undefined where the API snapshot does not have it. */
    readonly target: MessageInfo | undefined,
    readonly walk: Upgrading,
  ) {}

  get tape(): Tape {
    return this.message.reader.tape;
  }

  has(name: string): boolean {
    return this.message.has(name);
  }

  text(name: string): string | undefined {
    return this.message.text(name);
  }

  /** Whether a bool, or a wrapper of one, is true. */
  isTrue(name: string): boolean {
    const { tape } = this;
    const node = this.message.value(name);
    if (node < 0) return false;
    const at = tape.kind(node) === Kind.Map ? tape.get(node, 'value') : node;
    return at >= 0 && tape.kind(at) === Kind.Bool && isTrue(tape.string(at));
  }

  /** Whether it is decided what becomes of the member at a key. */
  settled(key: number): boolean {
    return this.replaced.has(key) || this.kept.has(key);
  }

  /** Puts other members in the place of a field's. */
  replace(name: string, members: Members): void {
    this.put(this.message.key(name), members);
  }

  private put(key: number, members: Members): void {
    if (this.replaced === NO_MEMBERS) this.replaced = new Map();
    this.replaced.set(key, members);
  }

  /** Leaves a field out, which changes nothing. */
  remove(name: string): void {
    this.replace(name, {});
  }

  /** Leaves the member at a key out. */
  removeKey(key: number): void {
    this.put(key, {});
  }

  /** Adds a member behind the others, or before them. */
  add(name: string, value: Fragment): void {
    if (!this.fillNull(name, value)) this.added = { ...this.added, [name]: value };
  }

  lead(name: string, value: Fragment): void {
    if (!this.fillNull(name, value)) this.leading = { ...this.leading, [name]: value };
  }

  /** Puts a member in the place of one that is null, which reads as absent: a key is written only once. */
  private fillNull(name: string, value: Fragment): boolean {
    const { message, tape } = this;
    const key = this.allKeys().find((one) => {
      if (tape.kind(one + 1) !== Kind.Null) return false;
      return (message.reader.field(message.type, one)?.name ?? tape.name(one)) === name;
    });
    if (key === undefined) return false;
    this.put(key, { [name]: value });
    return true;
  }

  /** Writes another value in a scalar's place. */
  setText(name: string, value: string): void {
    this.edit(this.message.value(name), value);
  }

  /** Writes a string in place of a scalar: in the quotes that it has, and in quotes where JSON requires them. */
  edit(node: number, value: string): void {
    const { tape } = this;
    const raw = tape.raw(node);
    const old = tape.string(node);
    const quotes = tape.kind(node) !== Kind.String && this.message.reader.document.format === 'json';
    const text = quotes || !raw.includes(old) ? jsonScalar(value) : raw.split(old).join(value);
    this.take([{ start: tape.start(node), end: tape.end(node), text }]);
  }

  /** Gives a field's key another name and leaves its value where it is. */
  rename(name: string, to: string): void {
    this.renameKey(this.message.key(name), to);
  }

  /** Gives a key of the message's map, or of a map in it, another name. */
  renameKey(key: number, to: string, map = this.message.node): void {
    const { tape } = this;
    const written = renderMember(to, null, layoutAt(tape, map, key)).replace(/: ?null$/, '');
    this.take([{ start: tape.start(key), end: tape.end(key), text: written.replace(/ ?:\s*$/, '') }]);
  }

  /** Takes edits of what is inside. */
  take(edits: readonly Edit[]): void {
    if (this.inside === NO_EDITS && edits.length > 0) this.inside = [];
    for (const edit of edits) this.inside.push(edit);
  }

  /** A field's value in v3, to be put elsewhere. */
  moved(name: string): Fragment | undefined {
    const field = this.fieldOf(name);
    return field === undefined ? undefined : this.walk.moved(this.message, field);
  }

  private fieldOf(name: string): FieldInfo | undefined {
    const key = this.message.key(name);
    return key < 0 ? undefined : (this.message.reader.field(this.message.type, key) ?? undefined);
  }

  /** Says something of a field, or of the message, that has no counterpart, and does with it what was asked for. */
  unknown(name: string | undefined, remark: Remark): void {
    const asked = this.walk.onUnknown;
    const guards = asked === 'drop' && this.guards();
    const onUnknown = guards ? 'fail' : asked;
    const done = { fail: '', keep: '; it is kept, and Envoy will refuse it', drop: '; it is left out' }[
      onUnknown
    ];
    const level = onUnknown === 'fail' ? 'error' : 'warning';
    this.report(level, 'no-counterpart', name, {
      ...(onUnknown === 'fail' && {
        remedy: 'take it out, or give --on-unknown drop to leave such things out, or --on-unknown keep',
      }),
      ...remark,
      ...(guards && { remedy: 'replace it, or give --on-unknown keep' }),
      message: remark.message + (guards ? '; it protects connections, so it is never left out' : done),
    });
    if (onUnknown !== 'drop') {
      if (name !== undefined) this.keep(name);
    } else if (name === undefined) this.dropped = true;
    else this.remove(name);
  }

  /** Whether it is a transport socket, in one, or a filter that keeps peers out. */
  private guards(): boolean {
    for (let at: Message | undefined = this.message; at !== undefined; at = at.around)
      if (at.type.name.endsWith('.TransportSocket')) return true;
    return extensionOf(this.message)?.guards ?? false;
  }

  /** Leaves a member as it is. */
  keep(name: string): void {
    if (this.kept === NO_KEYS) this.kept = new Set();
    this.kept.add(this.message.key(name));
  }

  /** Says that something is left out without a loss of meaning, or means something else now. */
  note(code: 'left-out' | 'check-meaning', name: string | undefined, message: string): void {
    this.report('warning', code, name, { message });
  }

  report(level: Level, code: string, name: string | undefined, remark: Remark): void {
    const { message } = this;
    const key = name === undefined ? -1 : message.key(name);
    message.reader.report(key < 0 ? message.node : key, { code, level, path: message.path(name), ...remark });
  }

  /** Whether nothing of the message changes. */
  get untouched(): boolean {
    return (
      this.replaced.size === 0 &&
      this.inside.length === 0 &&
      this.added === NOTHING &&
      this.leading === NOTHING
    );
  }

  /** The message in other surroundings: its text with its changes. */
  body(): MapBody {
    const gone = this.goneKeys();
    return new MapBody(this.tape, this.message.node, gone, {
      edits: sortEdits(this.changes()),
      first: { ...this.leading, ...this.added },
    });
  }

  /** The edits that make the message v3 where it stands. */
  edits(): readonly Edit[] {
    const { added, leading, replaced } = this;
    if (replaced.size === 0 && added === NOTHING && leading === NOTHING) return this.inside;
    const { tape } = this;
    const { node } = this.message;
    const gone = this.goneKeys();
    if (gone.length === this.allKeys().length) return [this.wholly({ ...leading, ...added })];
    const edits = this.changes();
    for (const name in leading) edits.unshift(insertFirstMember(tape, node, name, leading[name] as Fragment));
    if (added === NOTHING) return gone.length === 0 ? edits : [...edits, ...removeMembers(tape, node, gone)];
    const [first, ...rest] = gone;
    // What is added takes the place of what goes, so that the two do not meet at one offset.
    edits.push(
      first === undefined ? appendMembers(tape, node, added) : replaceByMembers(tape, node, first, added),
    );
    return rest.length === 0 ? edits : [...edits, ...removeMembers(tape, node, rest)];
  }

  /** The message written anew, where none of its members stays. */
  private wholly(members: Members): Edit {
    const { tape } = this;
    const { node } = this.message;
    const [key] = this.allKeys();
    const start = tape.start(node);
    const end = tape.end(node);
    if (Object.keys(members).length === 0) return { start, end, text: '{}' };
    if (key === undefined) return { start, end, text: JSON.stringify(members) };
    return { ...replaceByMembers(tape, node, key, members), ...this.insides(start, end) };
  }

  /** From the first member to the last: what the brackets, or lines of block style, enclose. */
  private insides(start: number, end: number): { start: number; end: number } {
    const keys = this.allKeys();
    const first = keys[0] as number;
    const last = keys.at(-1) as number;
    return { start: Math.max(start, this.tape.start(first)), end: Math.min(end, this.tape.end(last + 1)) };
  }

  /** The edits of members that stay, are renamed or have others in their place. */
  private changes(): Edit[] {
    const { node } = this.message;
    const edits = [...this.inside];
    for (const [key, members] of this.replaced) {
      if (!isEmpty(members)) edits.push(replaceByMembers(this.tape, node, key, members));
    }
    return edits;
  }

  private goneKeys(): number[] {
    const keys: number[] = [];
    for (const [key, members] of this.replaced) if (isEmpty(members)) keys.push(key);
    return keys.length > 1 ? keys.sort((a, b) => a - b) : keys;
  }

  private allKeys(): number[] {
    const { tape } = this;
    const { node } = this.message;
    const keys: number[] = [];
    for (let key = node + 1; key < (tape.links[node] as number); key = tape.next(key + 1)) keys.push(key);
    return keys;
  }
}

function isEmpty(members: Members): boolean {
  for (const _ in members) return false;
  return true;
}
