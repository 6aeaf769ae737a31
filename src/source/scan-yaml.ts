// YAML (1.1 and 1.2) to tapes, a tape a document. js-yaml reads the structure and gives an event with
// offsets for each node; ends of collections, places of empty values, aliases and the kinds of plain
// scalars are worked out here.

import {
  CHOMPING_MODE,
  COLLECTION_STYLE,
  EVENT_ID,
  type Event,
  getScalarValue,
  parseEvents,
  SCALAR_STYLE,
  YAMLException,
} from 'js-yaml';
import { joinFlowLines } from './flow-lines.js';
import { plainKind } from './plain-kind.js';
import { MAX_DEPTH, type ScanFault } from './scan-json.js';
import { type Decode, Kind, Style, Tape } from './tape.js';
import { yamlFault } from './yaml-fault.js';

type ScalarEvent = Extract<Event, { type: typeof EVENT_ID.SCALAR }>;
type CollectionEvent = Extract<Event, { type: typeof EVENT_ID.MAPPING | typeof EVENT_ID.SEQUENCE }>;

/** What a scan gives: the documents that were read, or the error that stopped it. */
export interface YamlScan {
  readonly tapes: readonly Tape[];
  readonly error: ScanFault | undefined;
  /** Whether lines in brackets had to be joined first: strict parsers refuse such a text. */
  readonly joined: boolean;
}

/** How many lines, commas and opening brackets a text may have: js-yaml takes up to 300 bytes for each. */
const MAX_ITEMS = 6_000_000;

/** How many nodes the aliases of a document may stand for before it counts as an alias bomb. */
const MAX_ALIASED = 10_000_000;

/** Stops a scan; caught in `scanYaml`. */
class Stop extends Error {
  constructor(readonly fault: ScanFault) {
    super(fault.message);
  }
}

/**
 * Scans all documents of a YAML text.
 *
 * @param text the whole text; a byte order mark at its start is skipped
 */
export function scanYaml(text: string): YamlScan {
  const dense = tooDense(text);
  if (dense >= 0) {
    const message = `more than ${MAX_ITEMS.toLocaleString('en')} lines, commas and brackets`;
    return {
      tapes: [],
      error: { offset: dense, end: dense + 1, message, expected: 'a smaller YAML file, or JSON' },
      joined: false,
    };
  }
  try {
    const tapes: Tape[] = [];
    const { events, joined } = eventsOf(text);
    const builder = new TapeBuilder(text, events);
    while (builder.more()) tapes.push(builder.document());
    return { tapes, error: undefined, joined };
  } catch (error) {
    if (error instanceof Stop) return { tapes: [], error: error.fault, joined: false };
    if (error instanceof YAMLException) return { tapes: [], error: yamlFault(error, text), joined: false };
    throw error;
  }
}

/** Where a text has more of what makes nodes than is read; -1 if it has not. */
function tooDense(text: string): number {
  if (text.length <= MAX_ITEMS) return -1;
  let items = 0;
  for (let at = 0; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if ((c === 0x0a || c === 0x2c || c === 0x7b || c === 0x5b) && ++items > MAX_ITEMS) return at;
  }
  return -1;
}

/** The events of a text; where lines in brackets are not indented as js-yaml has it, of those lines joined. */
function eventsOf(text: string): { readonly events: Event[]; readonly joined: boolean } {
  const options = { maxDepth: MAX_DEPTH };
  try {
    return { events: parseEvents(text, options), joined: false };
  } catch (error) {
    if (!(error instanceof YAMLException) || error.reason !== 'deficient indentation') throw error;
    const joined = joinFlowLines(text);
    if (joined === text) throw error;
    const events = parseEvents(joined, options);
    for (const event of events) {
      // On one line it was its own value, here it is not.
      if (event.type === EVENT_ID.SCALAR && event.fast) {
        event.fast = !/[\n\r\t]/.test(text.slice(event.valueStart, event.valueEnd));
      }
    }
    return { events, joined: true };
  }
}

class TapeBuilder {
  private position = 0;
  private tape!: Tape;
  /** The events of scalars whose value is not their text, by where they start; those of all documents. */
  private readonly encoded = new Map<number, ScalarEvent>();
  private readonly decode = decoderOf(this.encoded);
  /** The keys of all documents: those of thousands have the same names. */
  private readonly names = new Map<string, Name>();
  private readonly anchors = new Map<string, number>();
  /** The events of keys that have an anchor, since an alias may show them as values. */
  private readonly anchoredKeys = new Map<number, ScalarEvent>();
  /** Collections that are not closed yet: an alias to one of these would be cyclic. */
  private readonly open = new Set<number>();
  /** How many nodes each anchored collection stands for, aliases expanded. */
  private readonly weights = new Map<number, number>();
  /** Where the last token ended: an empty value is there. */
  private cursor = 0;

  constructor(
    private readonly text: string,
    private readonly events: readonly Event[],
  ) {}

  more(): boolean {
    return this.position < this.events.length;
  }

  document(): Tape {
    if (this.anchors.size > 0) {
      this.anchors.clear();
      this.anchoredKeys.clear();
      this.weights.clear();
    }
    this.position++; // the document's own event
    this.tape = new Tape(this.text, this.decode, this.eventsToNextDocument());
    this.cursor = documentStart(this.text, this.cursor);
    this.value();
    this.position++; // the document's end
    return this.tape;
  }

  private eventsToNextDocument(): number {
    let end = this.position;
    while (end < this.events.length && (this.events[end] as Event).type !== EVENT_ID.DOCUMENT) end++;
    return end - this.position;
  }

  /** Reads one node; returns how many nodes it stands for, aliases expanded. */
  private value(): number {
    const event = this.events[this.position++] as Event;
    switch (event.type) {
      case EVENT_ID.SCALAR:
        this.scalar(event);
        return 1;
      case EVENT_ID.ALIAS:
        return this.alias(event.anchorStart, event.anchorEnd);
      case EVENT_ID.MAPPING:
      case EVENT_ID.SEQUENCE:
        return this.collection(event);
      default:
        throw new Error(`unexpected YAML event ${event.type}`);
    }
  }

  private scalar(event: ScalarEvent): void {
    this.anchor(this.push(kindOf(this.text, event), styleOf(event), event), event);
  }

  /** Puts a scalar on the tape, as a value or as a key. */
  private push(kind: Kind, style: number, event: ScalarEvent, name = 0): number {
    const { start, end } = this.range(event);
    const node = this.tape.push(kind, style, start, end, name);
    if (style & Style.Encoded) this.encoded.set(start, event);
    this.cursor = end;
    return node;
  }

  /** Where a scalar is: with its quotes, as a block with its header, if empty where it would be. */
  private range({ valueStart, valueEnd, anchorEnd, tagEnd, style, chomping }: ScalarEvent): {
    start: number;
    end: number;
  } {
    const behindProperties = Math.max(this.cursor, anchorEnd, tagEnd);
    if (valueStart < 0) return { start: behindProperties, end: behindProperties };
    switch (style) {
      case SCALAR_STYLE.PLAIN:
        return { start: valueStart, end: valueEnd };
      case SCALAR_STYLE.LITERAL_BLOCK:
      case SCALAR_STYLE.FOLDED_BLOCK: {
        const header = passSpaceAndComments(this.text, behindProperties);
        const keep = chomping === CHOMPING_MODE.KEEP;
        return { start: header, end: blockEnd(this.text, header, valueStart, valueEnd, keep) };
      }
      default:
        return { start: valueStart - 1, end: valueEnd + 1 };
    }
  }

  private anchor(node: number, event: ScalarEvent | CollectionEvent): void {
    if (event.anchorStart < 0) return;
    this.anchors.set(this.text.slice(event.anchorStart, event.anchorEnd), node);
    this.tape.addAnchor(node, event.anchorStart - 1);
  }

  /** The node that an alias stands for. */
  private target(start: number, end: number): number {
    const name = this.text.slice(start, end);
    const target = this.anchors.get(name);
    const fault = { offset: start - 1, end };
    if (target === undefined) {
      throw new Stop({
        ...fault,
        message: 'no anchor with this name is defined before this alias',
        expected: 'the name of a known anchor',
      });
    }
    if (this.open.has(target)) {
      throw new Stop({
        ...fault,
        message: 'this alias refers to a node that contains it',
        expected: 'no cycles',
      });
    }
    return target;
  }

  private alias(start: number, end: number): number {
    const { tape } = this;
    const target = this.target(start, end);
    this.cursor = end;
    const key = this.anchoredKeys.get(target);
    if (key !== undefined) {
      // A key is no value, so the alias is a scalar of its own that reads as the key does.
      tape.push(kindOf(this.text, key), Style.Encoded, start - 1, end);
      this.encoded.set(start - 1, key);
      return 1;
    }
    tape.aliases.push(tape.push(Kind.Alias, Style.Plain, start - 1, end, target));
    return this.weights.get(target) ?? 1;
  }

  private collection(event: CollectionEvent): number {
    const { tape, text } = this;
    const map = event.type === EVENT_ID.MAPPING;
    const block = event.style === COLLECTION_STYLE.BLOCK;
    // A pair may be in a flow list without brackets of its own.
    const bracket = !block && text.charAt(event.start) === (map ? '{' : '[');
    const node = tape.push(
      map ? Kind.Map : Kind.List,
      block ? Style.Block : Style.Plain,
      event.start,
      event.start,
    );
    this.anchor(node, event);
    this.open.add(node);
    this.cursor = bracket ? event.start + 1 : event.start;
    let weight = 1;
    while ((this.events[this.position] as Event).type !== EVENT_ID.POP) {
      if (map) this.key();
      else if (block) this.cursor = behind(text, this.cursor, '-');
      weight += this.value();
      if (weight - (tape.size - node) > MAX_ALIASED) {
        throw new Stop({
          offset: event.start,
          end: event.start + 1,
          message: `the aliases in this node expand to more than ${MAX_ALIASED.toLocaleString('en')} nodes`,
          expected: 'a document with fewer aliases',
        });
      }
    }
    this.position++; // the collection's end
    if (bracket) this.cursor = behindClosingBracket(text, this.cursor);
    tape.ends[node] = this.cursor;
    tape.links[node] = tape.size;
    this.open.delete(node);
    if (event.anchorStart >= 0) this.weights.set(node, weight);
    return weight;
  }

  private key(): void {
    const { tape, text } = this;
    const event = this.events[this.position++] as Event;
    this.cursor = behind(text, this.cursor, '?');
    const colon = passSpaceAndComments(text, this.cursor);
    if (text.charAt(colon) === ':') this.cursor = colon; // the key is empty
    if (event.type === EVENT_ID.SCALAR) {
      const name = getScalarValue(text, event);
      const style =
        styleOf(event) |
        (isMergeKey(name, event) ? Style.Merge : 0) |
        (this.isIgnored(event) ? Style.Ignored : 0);
      const node = this.push(Kind.Key, style, event, this.number(name));
      if (event.anchorStart >= 0) {
        this.anchor(node, event);
        this.anchoredKeys.set(node, event);
      }
    } else if (event.type === EVENT_ID.ALIAS) {
      const target = this.target(event.anchorStart, event.anchorEnd);
      const kind = tape.kind(target);
      if (kind === Kind.Map || kind === Kind.List) throw notAKey(event.anchorStart - 1);
      const name = kind === Kind.Key ? tape.name(target) : tape.string(target);
      tape.push(Kind.Key, Style.Plain, event.anchorStart - 1, event.anchorEnd, this.number(name));
      this.cursor = event.anchorEnd;
    } else throw notAKey('start' in event ? event.start : this.cursor);
    this.cursor = behind(text, this.cursor, ':');
  }

  /** Whether a key has the tag by which Envoy passes a member over: it is there for its anchors only. */
  private isIgnored(event: ScalarEvent): boolean {
    return event.tagStart >= 0 && this.text.slice(event.tagStart, event.tagEnd) === '!ignore';
  }

  /** The number of a name among those of the document. */
  private number(text: string): number {
    const { tape } = this;
    let name = this.names.get(text);
    if (name === undefined) {
      name = { text: interned(text), tape: undefined, number: 0 };
      this.names.set(text, name);
    }
    if (name.tape !== tape) {
      name.tape = tape;
      name.number = tape.names.push(name.text) - 1;
    }
    return name.number;
  }
}

/** A key's name: one text for all documents, and its number in the last of them that has it. */
interface Name {
  readonly text: string;
  tape: Tape | undefined;
  number: number;
}

/** A text as engines keep the names in programs, of which each is there once: comparing two is comparing where they are. */
function interned(text: string): string {
  const [name = text] = Object.keys({ [text]: undefined });
  return name;
}

/** A decoder that holds on to nothing else of a scan: tapes are kept for long, and all events are many times their size. */
function decoderOf(encoded: ReadonlyMap<number, ScalarEvent>): Decode {
  return (tape, node) => getScalarValue(tape.text, encoded.get(tape.start(node)) as ScalarEvent);
}

function notAKey(offset: number): Stop {
  const message = 'a map or list cannot be a key';
  return new Stop({ offset, end: offset + 1, message, expected: 'a string as key' });
}

function isMergeKey(name: string, event: ScalarEvent): boolean {
  return name === '<<' && event.style === SCALAR_STYLE.PLAIN;
}

function styleOf({ valueStart, style, fast }: ScalarEvent): number {
  if (valueStart < 0) return Style.Plain;
  switch (style) {
    case SCALAR_STYLE.PLAIN:
      return fast ? Style.Plain : Style.Encoded;
    case SCALAR_STYLE.LITERAL_BLOCK:
    case SCALAR_STYLE.FOLDED_BLOCK:
      return Style.Block | Style.Encoded;
    default:
      return fast ? Style.Quoted : Style.Quoted | Style.Encoded;
  }
}

/**
 * Where a block scalar ends: at the end of its last line, without its line break, so that what follows
 * starts a line of its own. Blank lines at the end belong to it only where the header says keep (`+`).
 */
function blockEnd(text: string, header: number, valueStart: number, valueEnd: number, keep: boolean): number {
  let end = withoutLineBreak(text, valueEnd);
  while (end > valueStart || (keep && valueEnd > valueStart)) {
    const lineStart = text.lastIndexOf('\n', end - 1) + 1;
    if (keep || /[^ \r]/.test(text.slice(lineStart, end))) return end;
    end = withoutLineBreak(text, lineStart);
  }
  // There is no such line: the scalar is its header.
  end = header + 1;
  while (/[-+\d]/.test(text.charAt(end))) end++;
  return end;
}

function withoutLineBreak(text: string, end: number): number {
  if (text.charAt(end - 1) !== '\n') return end;
  return text.charAt(end - 2) === '\r' ? end - 2 : end - 1;
}

/** Behind the directives and the `---` of a document, if it has them. */
function documentStart(text: string, from: number): number {
  let at = from === 0 && text.charCodeAt(0) === 0xfeff ? 1 : from;
  for (;;) {
    at = passSpaceAndComments(text, at);
    if (text.startsWith('---', at)) return at + 3;
    if (text.startsWith('...', at)) at += 3;
    else if (text.charAt(at) === '%') at = passLine(text, at);
    else return at;
  }
}

/** After an indicator, if it is next; otherwise unchanged. */
function behind(text: string, from: number, indicator: '-' | '?' | ':'): number {
  const at = passSpaceAndComments(text, from);
  if (text.charAt(at) !== indicator) return from;
  // Words may begin with an indicator; but a colon on the line of its key is none.
  const next = indicator === ':' && !text.slice(from, at).includes('\n') ? '' : text.charAt(at + 1);
  return /^[\s,[\]{}]?$/.test(next) ? at + 1 : from;
}

/** From the last item of a flow collection on: the offset behind the closing bracket. */
function behindClosingBracket(text: string, from: number): number {
  let at = passSpaceAndComments(text, from);
  while (text.charAt(at) === ',') at = passSpaceAndComments(text, at + 1);
  return at + 1;
}

function passSpaceAndComments(text: string, from: number): number {
  let i = from;
  for (;;) {
    const c = text.charCodeAt(i);
    if (c === 0x20 || c === 0x09 || c === 0x0a || c === 0x0d) i++;
    else if (c === 0x23) i = passLine(text, i);
    else return i;
  }
}

function passLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end + 1;
}

/** The kind of a scalar, by its tag or by how it looks. */
function kindOf(text: string, { valueStart, valueEnd, tagStart, tagEnd, style }: ScalarEvent): Kind {
  switch (tagStart < 0 ? '' : text.slice(tagStart, tagEnd)) {
    case '!!int':
    case '!!float':
      return Kind.Number;
    case '!!bool':
      return Kind.Bool;
    case '!!null':
      return Kind.Null;
    case '!!str':
    case '!!binary':
    case '!!timestamp':
    case '!':
      return Kind.String;
    default:
      // Envoy passes over tags that it does not know.
      if (valueStart < 0) return Kind.Null;
      return style === SCALAR_STYLE.PLAIN ? plainKind(text, valueStart, valueEnd) : Kind.String;
  }
}
