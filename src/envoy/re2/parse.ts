// Parses a regular expression as Envoy's RE2 does: with Perl's syntax, in Latin-1, so that each byte of the text
// is a character.

import { ByteSet } from './byte-set.js';
import { factorAlternatives } from './factor.js';
import { PERL_CLASSES, POSIX_CLASSES, unicodeClass } from './named-classes.js';
import {
  type CaptureNode,
  Flag,
  isLiteral,
  isRepeat,
  type ListNode,
  listNode,
  type Node,
  type PlainNode,
  type RepeatNode,
  type TextNode,
} from './syntax.js';

/** How often at most something is repeated, all counts around it multiplied. */
const MOST_REPEATS = 1000;

/** Why an expression is refused. */
export class SyntaxFault extends Error {
  /** The part of the expression that is at fault; '' where RE2 names none. */
  readonly part: string;

  /** @param what in RE2's words */
  constructor(what: string, bytes: string) {
    super(what);
    this.part = Buffer.from(bytes, 'latin1').toString('utf8');
  }
}

/**
 * Parses an expression.
 *
 * @throws SyntaxFault
 */
export function parseRegex(pattern: string): Node {
  return new Parser(Buffer.from(pattern, 'utf8').toString('latin1')).parse();
}

/** Where a group or an alternative begins. */
interface Marker {
  readonly op: 'group' | 'bar';
  readonly flags: number;
  /** Of a group that captures. */
  readonly number?: number;
}

type Entry = Node | Marker;

class Parser {
  private flags: number = Flag.OneLine;
  private readonly stack: Entry[] = [];
  private captures = 0;
  private at = 0;

  constructor(private readonly pattern: string) {}

  parse(): Node {
    // The operator that was just read, where it was one that repeats.
    let repeated = -1;
    while (this.at < this.pattern.length) {
      const start = this.at;
      if (this.repetition(repeated)) repeated = start;
      else {
        this.element();
        repeated = -1;
      }
    }
    this.closeAlternatives();
    const [node, ...others] = this.stack;
    if (others.length > 0 || node === undefined) throw new SyntaxFault('missing )', this.pattern);
    return node as Node;
  }

  private get next(): string {
    return this.pattern.charAt(this.at);
  }

  private behind(start: number): string {
    return this.pattern.slice(start, this.at);
  }

  /** Reads one element that is no repetition. */
  private element(): void {
    switch (this.next) {
      case '(':
        if (this.pattern.startsWith('(?', this.at)) this.perlGroup();
        else {
          this.at++;
          this.openGroup(++this.captures);
        }
        return;
      case '|':
        this.at++;
        this.bar();
        return;
      case ')':
        this.at++;
        this.closeGroup();
        return;
      case '^':
        this.at++;
        this.push({ op: this.has(Flag.OneLine) ? 'begin-text' : 'begin-line', flags: this.flags });
        return;
      case '$':
        this.at++;
        this.push(
          this.has(Flag.OneLine)
            ? { op: 'end-text', flags: this.flags | Flag.Dollar }
            : { op: 'end-line', flags: this.flags },
        );
        return;
      case '.':
        this.at++;
        if (this.has(Flag.DotMatchesNewline)) this.push({ op: 'any-char', flags: this.flags });
        else this.pushClass(ByteSet.of([0x0a, 0x0a]).complement());
        return;
      case '[':
        this.pushClass(this.bracketClass());
        return;
      case '\\':
        this.escaped();
        return;
      default:
        this.pushByte(this.pattern.charCodeAt(this.at++));
    }
  }

  private has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  // Repetitions.

  /** Reads an operator that repeats, if one is next. */
  private repetition(previous: number): boolean {
    const start = this.at;
    const op = REPEATS.get(this.next);
    const count = this.next === '{' ? COUNT.exec(this.pattern.slice(start, start + LONGEST_COUNT)) : null;
    if (op === undefined && count === null) return false;
    this.at += count === null ? 1 : count[0].length;
    let { flags } = this;
    if (this.next === '?') {
      this.at++;
      flags ^= Flag.NonGreedy;
    }
    if (previous >= 0) throw new SyntaxFault('bad repetition operator', this.behind(previous));
    const sign = this.behind(start);
    if (count !== null) this.repeatCounted(count, flags, sign);
    else if (op !== undefined) this.repeat(op, flags, sign);
    return true;
  }

  private repeat(op: RepeatNode['op'], flags: number, sign: string): void {
    const top = this.repeatable(sign);
    const squashed = isRepeat(top) && top.flags === flags && top.op !== op;
    if (squashed) this.replaceTop({ ...top, op: 'star' });
    else if (top.op !== op || top.flags !== flags) this.replaceTop({ op, sub: top, flags });
  }

  private repeatCounted([, from = '', comma, to = '']: RegExpExecArray, flags: number, sign: string): void {
    const min = Number(from);
    const max = comma === undefined ? min : to === '' ? -1 : Number(to);
    if ((max !== -1 && max < min) || min > MOST_REPEATS || max > MOST_REPEATS)
      throw new SyntaxFault('invalid repetition size', sign);
    const node: Node = { op: 'count', sub: this.repeatable(sign), min, max, flags };
    this.replaceTop(node);
    if ((min >= 2 || max >= 2) && repeatsLeft(node, MOST_REPEATS) === 0)
      throw new SyntaxFault('invalid repetition size', sign);
  }

  /** What an operator that repeats stands behind. */
  private repeatable(sign: string): Node {
    const top = this.stack.at(-1);
    if (top === undefined || isMarker(top))
      throw new SyntaxFault('no argument for repetition operator', sign);
    return top;
  }

  private replaceTop(node: Node): void {
    this.stack[this.stack.length - 1] = node;
  }

  // What is read, on the stack.

  private push(entry: Entry): void {
    this.joinTexts();
    this.stack.push(entry);
  }

  /** A class of one character is that character. */
  private pushClass(set: ByteSet): void {
    const single = set.single;
    const letter = set.caselessLetter;
    if (single !== undefined) this.push({ op: 'text', bytes: [single], flags: this.flags });
    else if (letter !== undefined) this.push({ op: 'text', bytes: [letter], flags: this.flags | Flag.Fold });
    else this.push({ op: 'class', set, flags: this.flags & ~Flag.Fold });
  }

  private pushByte(byte: number): void {
    if (this.has(Flag.Fold)) {
      const set = ByteSet.of([byte, byte]).folded();
      if (set.size > 1) {
        this.pushClass(set);
        return;
      }
    }
    this.push({ op: 'text', bytes: [byte], flags: this.flags });
  }

  /** Joins the two texts on top. The next operator repeats the last byte alone, so that one is left out until more comes. */
  private joinTexts(): void {
    const last = this.stack.at(-1);
    const before = this.stack.at(-2);
    if (last?.op !== 'text' || before?.op !== 'text') return;
    if (((last.flags ^ before.flags) & Flag.Fold) !== 0) return;
    this.stack.length -= 2;
    const joined: TextNode = { ...before, bytes: [...before.bytes, ...last.bytes] };
    this.stack.push(joined);
  }

  private bar(): void {
    this.joinTexts();
    if (this.stack.length === 0 || isMarker(this.stack.at(-1) as Entry))
      this.stack.push({ op: 'empty', flags: this.flags });
    this.collapse('concat');
    const last = this.stack.pop() as Node;
    const under = this.stack.at(-1);
    if (under?.op !== 'bar') {
      this.stack.push(last, { op: 'bar', flags: this.flags });
      return;
    }
    // What was read goes under the bar. Where one of two is any character, it stands for both.
    this.stack.pop();
    const before = this.stack.at(-1);
    if (before?.op === 'any-char' && isCharacter(last)) {
      this.stack.push(under);
      return;
    }
    if (last.op === 'any-char' && before !== undefined && isCharacter(before)) this.stack.pop();
    this.stack.push(last, under);
  }

  private closeAlternatives(): void {
    this.bar();
    this.stack.pop();
    this.collapse('alternate');
  }

  /** Makes one node of what stands above the last marker. */
  private collapse(op: ListNode['op']): void {
    const first = this.stack.findLastIndex(isMarker) + 1;
    if (this.stack.length - first <= 1) return;
    const nodes = (this.stack.splice(first) as Node[]).flatMap((node) => (node.op === op ? node.subs : node));
    const subs = op === 'alternate' ? factorAlternatives(nodes, this.flags) : nodes;
    this.stack.push(listNode(op, subs, this.flags));
  }

  // Groups.

  private openGroup(number?: number): void {
    this.push({ op: 'group', flags: this.flags, ...(number !== undefined && { number }) });
  }

  private closeGroup(): void {
    this.closeAlternatives();
    const sub = this.stack.pop() as Node;
    const marker = this.stack.pop();
    if (marker?.op !== 'group') throw new SyntaxFault('unexpected )', this.pattern);
    const { flags, number } = marker;
    this.flags = flags;
    if (number === undefined) this.push(sub);
    else this.push({ op: 'capture', sub, number, flags } satisfies CaptureNode);
  }

  /** Reads what begins with (?. */
  private perlGroup(): void {
    const start = this.at;
    const opening = GROUP_OPENING.exec(this.pattern.slice(start, start + 5))?.[0];
    // An operator at the end of the text is not read as one.
    if (opening !== undefined && start + opening.length < this.pattern.length) {
      if (/[=!]$/.test(opening)) throw new SyntaxFault('invalid perl operator', opening);
      this.namedGroup(opening);
      return;
    }
    this.at += 2;
    let { flags } = this;
    let isOff = false;
    let isSet = false;
    for (;;) {
      if (this.at >= this.pattern.length) this.badPerl(start);
      const sign = this.next;
      this.at++;
      const flag = PERL_FLAGS.get(sign);
      if (flag !== undefined) {
        isSet = true;
        // (?m) switches off what is on by default.
        if (isOff !== (flag === Flag.OneLine)) flags &= ~flag;
        else flags |= flag;
      } else if (sign === '-' && !isOff) {
        isOff = true;
        isSet = false;
      } else if (sign === ':' || sign === ')') {
        if (sign === ':') this.openGroup();
        if (isOff && !isSet) this.badPerl(start);
        this.flags = flags;
        return;
      } else this.badPerl(start);
    }
  }

  private badPerl(start: number): never {
    throw new SyntaxFault('invalid perl operator', this.behind(start));
  }

  private namedGroup(opening: string): void {
    const start = this.at;
    const end = this.pattern.indexOf('>', start + opening.length);
    this.at = end < 0 ? this.pattern.length : end + 1;
    const name = this.pattern.slice(start + opening.length, end);
    if (end < 0 || !NAME.test(name)) throw new SyntaxFault('invalid named capture group', this.behind(start));
    this.openGroup(++this.captures);
  }

  // Escapes and classes.

  private escaped(): void {
    const letter = this.pattern.charAt(this.at + 1);
    const op = SIMPLE_ESCAPES.get(letter);
    if (op !== undefined) {
      this.at += 2;
      this.push({ op, flags: this.flags });
    } else if (letter === 'Q') this.quotedText();
    else {
      const set = this.namedClass();
      if (set === undefined) this.pushByte(this.escapedByte());
      else this.pushClass(set);
    }
  }

  /** Reads \Q…\E. */
  private quotedText(): void {
    const start = this.at + 2;
    const end = this.pattern.indexOf('\\E', start);
    for (const byte of Buffer.from(this.pattern.slice(start, end < 0 ? undefined : end), 'latin1'))
      this.pushByte(byte);
    this.at = end < 0 ? this.pattern.length : end + 2;
  }

  /** Reads \d, \pL and the like, if one is next. */
  private namedClass(): ByteSet | undefined {
    const letter = this.pattern.charAt(this.at + 1);
    if (letter === 'p' || letter === 'P') return this.unicodeClass();
    const set = PERL_CLASSES.get(letter.toLowerCase());
    if (set === undefined) return undefined;
    this.at += 2;
    return this.classOf(set, letter !== letter.toLowerCase());
  }

  private classOf(set: ByteSet, isNegated: boolean): ByteSet {
    const folded = this.has(Flag.Fold) ? set.folded() : set;
    return isNegated ? folded.complement() : folded;
  }

  private unicodeClass(): ByteSet {
    const start = this.at;
    let isNegated = this.pattern.charAt(start + 1) === 'P';
    let name: string;
    if (this.pattern.charAt(start + 2) !== '{') {
      name = this.pattern.charAt(start + 2);
      this.at = start + 2 + name.length;
    } else {
      const end = this.pattern.indexOf('}', start);
      name = this.pattern.slice(start + 3, end);
      this.at = end < 0 ? this.pattern.length : end + 1;
      if (end < 0) throw new SyntaxFault('invalid character class range', this.behind(start));
    }
    if (name.startsWith('^')) {
      isNegated = !isNegated;
      name = name.slice(1);
    }
    const set = unicodeClass(name);
    if (set === undefined) throw new SyntaxFault('invalid character class range', this.behind(start));
    return this.classOf(set, isNegated);
  }

  /** Reads a backslash and what belongs to it: one byte. */
  private escapedByte(): number {
    const start = this.at;
    if (start + 1 >= this.pattern.length) throw new SyntaxFault('trailing \\', '');
    const letter = this.pattern.charAt(start + 1);
    this.at += 2;
    const control = CONTROLS.get(letter);
    if (control !== undefined) return control;
    if (letter === 'x') return this.hexByte(start);
    if (OCTAL.test(letter)) return this.octalByte(start, letter);
    if (PUNCTUATION.test(letter)) return letter.charCodeAt(0);
    return this.badEscape(start);
  }

  private octalByte(start: number, first: string): number {
    const more = /^[0-7]{0,2}/.exec(this.pattern.slice(this.at, this.at + 2))?.[0] ?? '';
    // \1 would be a reference back to a group.
    if (first !== '0' && more === '') return this.badEscape(start);
    this.at += more.length;
    const code = Number.parseInt(first + more, 8);
    return code > 0xff ? this.badEscape(start) : code;
  }

  private hexByte(start: number): number {
    if (this.at >= this.pattern.length) return this.badEscape(start);
    const first = this.pattern.charAt(this.at++);
    if (first !== '{') {
      if (this.at >= this.pattern.length) return this.badEscape(start);
      const digits = first + this.pattern.charAt(this.at++);
      return /^[\da-f]{2}$/i.test(digits) ? Number.parseInt(digits, 16) : this.badEscape(start);
    }
    if (this.at >= this.pattern.length) throw new SyntaxFault('invalid UTF-8', '');
    let code = 0;
    let digits = 0;
    for (;;) {
      const sign = this.pattern.charAt(this.at++);
      if (!/[\da-f]/i.test(sign)) {
        if (sign !== '}' || digits === 0) this.badEscape(start);
        return code;
      }
      digits++;
      code = code * 16 + Number.parseInt(sign, 16);
      if (code > 0xff || this.at >= this.pattern.length) this.badEscape(start);
    }
  }

  private badEscape(start: number): never {
    throw new SyntaxFault('invalid escape sequence', this.behind(start));
  }

  /** Reads a class in brackets. */
  private bracketClass(): ByteSet {
    const start = this.at;
    const set = new ByteSet();
    this.at++;
    const isNegated = this.next === '^';
    if (isNegated) this.at++;
    // A bracket that comes first stands for itself.
    for (
      let isFirst = true;
      this.at < this.pattern.length && (isFirst || this.next !== ']');
      isFirst = false
    ) {
      const named = this.classInBrackets();
      if (named !== undefined) set.addAll(named);
      else this.addRange(set, start);
    }
    if (this.at >= this.pattern.length) this.missingBracket(start);
    this.at++;
    return isNegated ? set.complement() : set;
  }

  /** Reads [:alpha:], \d or \pL, if one is next. */
  private classInBrackets(): ByteSet | undefined {
    const start = this.at;
    if (this.pattern.startsWith('[:', start)) {
      const end = this.pattern.indexOf(':]', start + 2);
      if (end < 0) return undefined;
      this.at = end + 2;
      const name = this.pattern.slice(start + 2, end);
      const isNegated = name.startsWith('^');
      const set = POSIX_CLASSES.get(isNegated ? name.slice(1) : name);
      if (set === undefined) throw new SyntaxFault('invalid character class range', this.behind(start));
      return this.classOf(set, isNegated);
    }
    // At the end of the text \p is an escape, and a bad one.
    const isEscape = this.next === '\\' && (start + 2 < this.pattern.length || !/[pP]$/.test(this.pattern));
    return isEscape ? this.namedClass() : undefined;
  }

  private addRange(set: ByteSet, classStart: number): void {
    const start = this.at;
    const lo = this.byteInBrackets(classStart);
    let hi = lo;
    if (this.next === '-' && this.at + 1 < this.pattern.length && this.pattern.charAt(this.at + 1) !== ']') {
      this.at++;
      hi = this.byteInBrackets(classStart);
      if (hi < lo) throw new SyntaxFault('invalid character class range', this.behind(start));
    }
    const range = ByteSet.of([lo, hi]);
    set.addAll(this.has(Flag.Fold) ? range.folded() : range);
  }

  private byteInBrackets(classStart: number): number {
    if (this.at >= this.pattern.length) this.missingBracket(classStart);
    return this.next === '\\' ? this.escapedByte() : this.pattern.charCodeAt(this.at++);
  }

  private missingBracket(start: number): never {
    throw new SyntaxFault('missing ]', this.pattern.slice(start));
  }
}

const REPEATS: ReadonlyMap<string, RepeatNode['op']> = new Map([
  ['*', 'star'],
  ['+', 'plus'],
  ['?', 'quest'],
]);

const LONGEST_COUNT = '{999999999,999999999}'.length;
/** A count of repetitions; anything else in braces stands for itself. */
const COUNT = /^\{(0|[1-9]\d{0,8})(?:(,)(0|[1-9]\d{0,8})?)?\}/;

/** Of groups that look around, and of groups with a name. */
const GROUP_OPENING = /^\(\?(?:[=!]|<[=!]|P?<)/;
const NAME = /^[\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]+$/u;

const PERL_FLAGS: ReadonlyMap<string, number> = new Map([
  ['i', Flag.Fold],
  ['m', Flag.OneLine],
  ['s', Flag.DotMatchesNewline],
  ['U', Flag.NonGreedy],
]);

const SIMPLE_ESCAPES: ReadonlyMap<string, PlainNode['op']> = new Map([
  ['b', 'word-boundary'],
  ['B', 'no-word-boundary'],
  ['A', 'begin-text'],
  ['z', 'end-text'],
  ['C', 'any-byte'],
]);

const CONTROLS: ReadonlyMap<string, number> = new Map([
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
  ['a', 0x07],
  ['f', 0x0c],
  ['v', 0x0b],
]);

const OCTAL = /^[0-7]$/;
/** What stands for itself behind a backslash: ASCII that is neither a letter nor a digit. */
const PUNCTUATION = /^[^\dA-Za-z\u0080-\u00ff]$/;

function isMarker(entry: Entry): entry is Marker {
  return entry.op === 'group' || entry.op === 'bar';
}

/** Whether any character can stand for it as well. */
function isCharacter(entry: Entry): boolean {
  return !isMarker(entry) && (isLiteral(entry) || entry.op === 'class' || entry.op === 'any-char');
}

/** How often what is innermost may still be repeated; 0 where it is too often. */
function repeatsLeft(node: Node, allowed: number): number {
  switch (node.op) {
    case 'count': {
      const times = node.max < 0 ? node.min : node.max;
      return repeatsLeft(node.sub, times > 0 ? Math.floor(allowed / times) : allowed);
    }
    case 'concat':
    case 'alternate':
      return node.subs.reduce((least, sub) => Math.min(least, repeatsLeft(sub, allowed)), allowed);
    case 'star':
    case 'plus':
    case 'quest':
    case 'capture':
      return repeatsLeft(node.sub, allowed);
    default:
      return allowed;
  }
}
