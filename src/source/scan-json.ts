// JSON text (RFC 8259) to a tape, in one pass and without recursion. Two things that real files hold are
// read on: comments and trailing commas. Envoy refuses both, so each is a finding.

import { Kind, Style, Tape } from './tape.js';

/** What is wrong, and where. */
export interface ScanFault {
  readonly offset: number;
  readonly end: number;
  readonly message: string;
  readonly expected: string;
}

/** What a scan gives: a tape, or the one error that stopped it; and what was read on in spite of. */
export interface JsonScan {
  readonly tape: Tape | undefined;
  readonly error: ScanFault | undefined;
  readonly comments: readonly ScanFault[];
  readonly trailingCommas: readonly ScanFault[];
}

/** Deeper than any message of the API nests; protobuf's own JSON parser stops at 100. */
export const MAX_DEPTH = 256;

/** How many nodes a text may have: they take 14 bytes each, and text of the largest size has fewer. */
const MAX_NODES = 100_000_000;

/** How many of one kind of oddity are kept; the rest of a file of them says nothing new. */
const MAX_ODDITIES = 100;

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const SLASH = 0x2f;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_MAP = 0x7b;
const CLOSE_MAP = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;

/** The text's code units, at the same offsets, with a zero behind the last one. */
type Units = Uint8Array | Uint16Array;

/** The decoder that tapes of JSON use: `JSON.parse` knows the escapes. */
const decode = (tape: Tape, node: number): string => JSON.parse(tape.raw(node)) as string;

/**
 * Scans one JSON document.
 *
 * @param text the whole text; a byte order mark at its start is skipped
 */
export function scanJson(text: string): JsonScan {
  return new JsonScanner(text).scan();
}

class JsonScanner {
  private readonly units: Units;
  /** The text in words of four bytes, what a word of spaces is, and how an offset becomes a word's number. */
  private readonly words: Int32Array;
  private readonly spaces: number;
  private readonly shift: number;
  private readonly mask: number;
  private readonly names: Names;
  private readonly tape: Tape;
  /** The nodes of the maps and lists around the current place. */
  private readonly stack = new Int32Array(MAX_DEPTH);
  private readonly comments: ScanFault[] = [];
  private readonly trailingCommas: ScanFault[] = [];
  private error: ScanFault | undefined;

  constructor(private readonly text: string) {
    this.units = codeUnits(text);
    const bytes = this.units.BYTES_PER_ELEMENT === 1;
    this.words = new Int32Array(this.units.buffer);
    this.spaces = bytes ? 0x20202020 : 0x00200020;
    this.shift = bytes ? 2 : 1;
    this.mask = bytes ? 3 : 1;
    this.names = new Names(text, this.units);
    this.tape = new Tape(text, decode, (text.length >>> 4) + 16, this.names.list);
  }

  scan(): JsonScan {
    const start = this.passSpace(this.units[0] === 0xfeff ? 1 : 0);
    const end = start < 0 ? -1 : this.value(start);
    const rest = end < 0 ? -1 : this.passSpace(end);
    if (rest >= 0 && rest < this.text.length) this.unexpected(rest, 0, 'nothing after the document');
    const { error, comments, trailingCommas } = this;
    return { tape: error === undefined ? this.tape : undefined, error, comments, trailingCommas };
  }

  /**
   * Puts the value at an offset on the tape; returns the offset behind it, or -1 after an error. This is
   * the hot loop: it works on local variables, and leaves runs of characters to small functions, which are
   * compiled long before it is.
   */
  private value(from: number): number {
    const { units, names, tape, stack } = this;
    let { kinds, styles, starts, ends, links } = tape;
    let size = 0;
    let depth = 0;
    let inMap = false;
    let i = from;
    for (;;) {
      // Each turn adds a value and perhaps the next one's key.
      if (size + 2 > kinds.length) {
        if (size > MAX_NODES) {
          const message = `more than ${MAX_NODES.toLocaleString('en')} values`;
          return this.fail(i, message, 'a smaller document');
        }
        tape.size = size;
        tape.grow();
        ({ kinds, styles, starts, ends, links } = tape);
      }

      // A value begins at i.
      let c = units[i] as number;
      let opened = false;
      starts[size] = i;
      if (c === QUOTE) {
        let style: number = Style.Quoted;
        i = endOfPlain(units, i + 1);
        if (units[i] !== QUOTE) {
          i = this.closingQuote(starts[size] as number, i);
          if (i < 0) return -1;
          style = Style.Quoted | Style.Encoded;
        }
        kinds[size] = Kind.String;
        styles[size] = style;
        ends[size++] = ++i;
      } else if (c === OPEN_MAP || c === OPEN_LIST) {
        if (depth === MAX_DEPTH) {
          return this.fail(i, `nested deeper than ${MAX_DEPTH} levels`, 'a document with less nesting');
        }
        opened = true;
        inMap = c === OPEN_MAP;
        kinds[size] = inMap ? Kind.Map : Kind.List;
        stack[depth++] = size++;
        i++;
      } else {
        kinds[size] = plainKind(c);
        i = this.plain(i, c, depth);
        if (i < 0) return -1;
        ends[size++] = i;
      }

      // Behind a value or an opening bracket: closing brackets and a comma, up to the next item.
      for (;;) {
        if (depth === 0) {
          tape.size = size;
          return i;
        }
        c = units[i] as number;
        if (c <= SPACE || c === SLASH) {
          i = this.passSpace(i);
          if (i < 0) return -1;
          c = units[i] as number;
        }
        const closing = inMap ? CLOSE_MAP : CLOSE_LIST;
        if (c !== closing) {
          if (opened) break;
          if (c !== COMMA) return this.unexpected(i, depth, inMap ? 'a comma or }' : 'a comma or ]');
          const comma = i;
          c = units[++i] as number;
          if (c <= SPACE || c === SLASH) {
            i = this.passSpace(i);
            if (i < 0) return -1;
            c = units[i] as number;
          }
          if (c !== closing) break;
          this.trailingComma(comma, closing);
        }
        i++;
        const node = stack[--depth] as number;
        ends[node] = i;
        links[node] = size;
        inMap = depth > 0 && kinds[stack[depth - 1] as number] === Kind.Map;
        opened = false;
      }

      if (inMap) {
        // A key begins at i.
        if (c !== QUOTE) return this.unexpected(i, depth, 'a key in double quotes');
        const start = i;
        let style: number = Style.Quoted;
        i = names.follow(start + 1);
        if (i >= 0) links[size] = names.last;
        else {
          i = endOfPlain(units, start + 1);
          if (units[i] === QUOTE) links[size] = names.plain(start + 1, i);
          else {
            i = this.closingQuote(start, i);
            if (i < 0) return -1;
            style = Style.Quoted | Style.Encoded;
            links[size] = names.decoded(JSON.parse(this.text.slice(start, i + 1)) as string);
          }
        }
        kinds[size] = Kind.Key;
        styles[size] = style;
        starts[size] = start;
        ends[size++] = ++i;
        if (units[i] !== COLON) {
          i = this.passSpace(i);
          if (i < 0) return -1;
          if (units[i] !== COLON) return this.unexpected(i, depth, 'a colon after the key');
        }
        c = units[++i] as number;
        if (c === SPACE) c = units[++i] as number;
        if (c <= SPACE || c === SLASH) {
          i = this.passSpace(i);
          if (i < 0) return -1;
        }
      }
    }
  }

  /** The offset of the next character that is no white space and no comment; -1 after an error. */
  private passSpace(from: number): number {
    const { units, words, spaces, shift, mask } = this;
    let i = from;
    for (;;) {
      let c = units[i] as number;
      while (c === SPACE || c === LINE_FEED || c === CARRIAGE_RETURN || c === TAB) {
        i++;
        if (c === LINE_FEED) {
          // Pretty-printed text is to a half indentation: its spaces are passed four bytes at a time.
          while ((i & mask) !== 0 && units[i] === SPACE) i++;
          if ((i & mask) === 0) while (words[i >>> shift] === spaces) i += mask + 1;
        }
        c = units[i] as number;
      }
      if (c !== SLASH) return i;
      i = this.comment(i);
      if (i < 0) return -1;
    }
  }

  /** From a slash on: the offset behind the comment, or -1. */
  private comment(start: number): number {
    const { text, units } = this;
    let end: number;
    if (units[start + 1] === SLASH) {
      end = text.indexOf('\n', start);
      if (end < 0) end = text.length;
    } else if (units[start + 1] === 0x2a) {
      end = text.indexOf('*/', start + 2) + 2;
      if (end < 2) return this.fail(start, 'this comment is not terminated', '*/', start + 2);
    } else {
      return this.fail(start, 'unexpected "/"', 'a JSON value, a comma or a closing bracket');
    }
    if (this.comments.length < MAX_ODDITIES) {
      this.comments.push({
        offset: start,
        end,
        message: 'comments are not valid JSON',
        expected: 'no comments',
      });
    }
    return end;
  }

  private trailingComma(offset: number, closing: number): void {
    if (this.trailingCommas.length === MAX_ODDITIES) return;
    this.trailingCommas.push({
      offset,
      end: offset + 1,
      message: `trailing comma before the closing ${String.fromCharCode(closing)}`,
      expected: 'no comma after the last item',
    });
  }

  /** Where a string that begins at `start` ends, seen from its first escape or fault on; -1 after an error. */
  private closingQuote(start: number, from: number): number {
    const { text, units } = this;
    for (let i = from; i < text.length; i++) {
      const c = units[i] as number;
      if (c === QUOTE) return i;
      if (c < SPACE) {
        return c === LINE_FEED || c === CARRIAGE_RETURN
          ? this.fail(i, 'this string is not terminated on its line', 'a closing "')
          : this.fail(i, 'control character in a string', 'an escape such as \\t or \\u0000');
      }
      if (c !== BACKSLASH) continue;
      i++;
      if (i === text.length) break;
      if (units[i] === 0x75) {
        const digits = /^[\dA-Fa-f]{0,4}/.exec(text.slice(i + 1, i + 5))?.[0].length ?? 0;
        if (digits < 4) {
          return this.fail(
            i - 1,
            'incomplete escape sequence',
            '\\u and four hexadecimal digits',
            i + 1 + digits,
          );
        }
        i += 4;
      } else if (!'"\\/bfnrt'.includes(text.charAt(i))) {
        const character = String.fromCodePoint(text.codePointAt(i) as number);
        return this.fail(
          i - 1,
          `unknown escape sequence \\${character}`,
          'one of \\" \\\\ \\/ \\b \\f \\n \\r \\t \\u',
          i + character.length,
        );
      }
    }
    return this.fail(start, 'this string is not terminated', 'a closing "');
  }

  /** The offset behind a number or word; -1 after an error. */
  private plain(start: number, first: number, depth: number): number {
    const { text, units } = this;
    let end: number;
    if (first === MINUS || isDigit(first)) {
      end = this.number(start);
      if (end < 0) return -1;
    } else if (text.startsWith('true', start) || text.startsWith('null', start)) end = start + 4;
    else if (text.startsWith('false', start)) end = start + 5;
    else return this.unexpected(start, depth, 'a JSON value');
    return isWordCharacter(units[end] as number) ? this.unexpected(start, depth, 'a JSON value') : end;
  }

  private number(start: number): number {
    const { units } = this;
    const first = units[start] === MINUS ? start + 1 : start;
    if (!isDigit(units[first] as number)) return this.fail(start, 'a number must have a digit', 'a digit');
    let i = this.digits(first);
    if (units[first] === 0x30 && i > first + 1) {
      return this.fail(start, 'a number must not have a leading zero', 'a number such as 10 or 0.5', i);
    }
    if (units[i] === POINT) {
      i++;
      if (!isDigit(units[i] as number)) {
        return this.fail(start, 'missing digit after the decimal point', 'a digit', i);
      }
      i = this.digits(i);
    }
    if (units[i] === 0x65 || units[i] === 0x45) {
      i++;
      if (units[i] === PLUS || units[i] === MINUS) i++;
      if (!isDigit(units[i] as number)) {
        return this.fail(start, 'missing digit in the exponent', 'a digit', i);
      }
      i = this.digits(i);
    }
    return i;
  }

  /** The offset behind the digits from here on. */
  private digits(from: number): number {
    let i = from;
    while (isDigit(this.units[i] as number)) i++;
    return i;
  }

  private unexpected(offset: number, depth: number, expected: string): -1 {
    const { text } = this;
    if (offset >= text.length) {
      if (depth === 0) return this.fail(offset, 'unexpected end of the document', expected);
      const open = this.tape.start(this.stack[depth - 1] as number);
      const what = text.charAt(open) === '{' ? 'object' : 'array';
      const line = text.slice(0, open).split('\n').length;
      const last = text.trimEnd().length - 1;
      return this.fail(last, `the ${what} that begins in line ${line} is not closed`, expected);
    }
    const word = /^[\w.+-]+|^[\s\S]/u.exec(text.slice(offset, offset + 40))?.[0] ?? '';
    // A word may be a value without its quotes.
    const isKnown = word.length === 1 || LITERAL.test(word);
    return this.fail(
      offset,
      isKnown ? `unexpected ${JSON.stringify(word)}` : 'unexpected word',
      expected,
      offset + word.length,
    );
  }

  private fail(offset: number, message: string, expected: string, end = offset + 1): -1 {
    this.error = { offset, end: Math.min(end, this.text.length), message, expected };
    return -1;
  }
}

/**
 * Gives each distinct key a number. Objects of one kind hold the same keys in the same order: which key
 * followed the last one before is looked at first, then a cache by hash, then a map.
 */
class Names {
  readonly list: string[] = [];
  /** The number of the last key that `follow` or `plain` found. */
  last = 0;
  private readonly numbers = new Map<string, number>();
  /** By a name's number: the number of the name that followed it, and where that is in the text. */
  private readonly followers: number[] = [];
  private readonly followerStarts: number[] = [];
  private expected: number;
  /** By hash, in pairs: a name's number, and where it is in the text. */
  private readonly slots = new Int32Array(2 * CACHE_SIZE).fill(-1);

  constructor(
    private readonly text: string,
    private readonly units: Units,
  ) {
    this.expected = text.length;
  }

  /** Where the key that begins at an offset ends if it is the expected one, which then is the last; else -1. */
  follow(start: number): number {
    const { units } = this;
    let i = start;
    let known = this.expected;
    let c = units[i] as number;
    while (c === units[known] && c !== QUOTE && c >= SPACE) {
      c = units[++i] as number;
      known++;
    }
    if (c !== QUOTE || units[known] !== QUOTE) return -1;
    this.last = this.followers[this.last] as number;
    this.expected = this.followerStarts[this.last] as number;
    return i;
  }

  /** The number of the name that is in the text without escapes. */
  plain(start: number, end: number): number {
    const number = this.cached(start, end);
    this.followers[this.last] = number;
    this.followerStarts[this.last] = start;
    this.last = number;
    this.expected = this.followerStarts[number] ?? this.text.length;
    return number;
  }

  /** The number of a name. */
  decoded(name: string): number {
    let number = this.numbers.get(name);
    if (number === undefined) {
      number = this.list.length;
      this.list.push(name);
      this.followers.push(number);
      this.followerStarts.push(this.text.length);
      this.numbers.set(name, number);
    }
    return number;
  }

  private cached(start: number, end: number): number {
    const { units, slots } = this;
    let hash = 0;
    for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + (units[i] as number)) | 0;
    let slot = 0;
    for (let probe = 0; probe < 4; probe++) {
      slot = (((hash ^ (hash >>> 12)) + probe) & (CACHE_SIZE - 1)) << 1;
      const known = slots[slot + 1] as number;
      if (known < 0) break;
      if (this.same(start, end, known)) return slots[slot] as number;
    }
    const number = this.decoded(this.text.slice(start, end));
    slots[slot] = number;
    slots[slot + 1] = start;
    return number;
  }

  private same(start: number, end: number, known: number): boolean {
    const { units } = this;
    let i = start;
    let j = known;
    while (i < end && units[i] === units[j]) {
      i++;
      j++;
    }
    return i === end && units[j] === QUOTE;
  }
}

/** How many names the cache holds: a power of two, and more than the API has. */
const CACHE_SIZE = 4096;

/**
 * The text's code units as an array: reading an array is twice as fast as `charCodeAt`, and making it costs
 * a tenth of a scan. It is long enough to be read in words of four bytes.
 */
function codeUnits(text: string): Units {
  const bytes = new Uint8Array(wholeWords(text.length + 1));
  const { read, written } = new TextEncoder().encodeInto(text, bytes);
  if (read === text.length && written === text.length) return bytes;
  const units = new Uint16Array(wholeWords(text.length + 1));
  Buffer.from(units.buffer).write(text, 'utf16le');
  return units;
}

function wholeWords(length: number): number {
  return Math.ceil(length / 4) * 4;
}

/** The offset of the quote, backslash or control character that follows. */
function endOfPlain(units: Units, from: number): number {
  let i = from;
  let c = units[i] as number;
  while (c !== QUOTE && c !== BACKSLASH && c >= SPACE) c = units[++i] as number;
  return i;
}

/** The kind of a value that is no map, no list and no string, by its first character. */
function plainKind(c: number): Kind {
  if (c === 0x74 || c === 0x66) return Kind.Bool;
  return c === 0x6e ? Kind.Null : Kind.Number;
}

function isDigit(c: number): boolean {
  return c >= 0x30 && c <= 0x39;
}

function isWordCharacter(c: number): boolean {
  return isDigit(c) || (c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a) || c === 0x5f;
}

/** Words that other languages have where JSON has its own. */
const LITERAL = /^(?:[-+]?(?:nan|inf(?:inity)?)|true|false|null|nil|none|undefined|yes|no|on|off)$/i;
