// The program that RE2 makes of an expression, as far as its size depends on it: Envoy refuses large ones.

import { type ByteRange, isUpperOnly } from './byte-set.js';
import { simplify } from './simplify.js';
import { Flag, listNode, type Node, textNode } from './syntax.js';

/** More instructions than these do not fit into the memory that RE2 allows itself. */
const MOST_INSTRUCTIONS = 699_000;

/** Says, inside this file, that there are more. */
class TooMany extends Error {}

/** How many instructions the program of an expression has; undefined where RE2 has no room for it. */
export function programSize(regex: Node): number | undefined {
  try {
    return sizeOf(regex);
  } catch (error) {
    if (error instanceof TooMany) return undefined;
    throw error;
  }
}

function sizeOf(regex: Node): number {
  const program = new Program();
  const { node, isAnchored } = withoutAnchors(simplify(withoutPrefix(regex)));
  const start = program.cat(program.fragment(node), program.match()).begin;
  let unanchored = start;
  if (!isAnchored) {
    const anything = program.star(program.bytes([0x00, 0xff]), true);
    unanchored = program.cat(anything, { begin: start, ends: [], isNullable: false }).begin;
  }
  if (start === 0 && unanchored === 0) return 1;
  program.optimize(start);
  return program.flatSize(start, unanchored);
}

/** A text that the match has to begin with is compared without the program. */
function withoutPrefix(regex: Node): Node {
  if (regex.op !== 'concat') return regex;
  const first = regex.subs.findIndex(({ op }) => op !== 'begin-text');
  if (first < 1 || regex.subs[first]?.op !== 'text') return regex;
  return listNode('concat', regex.subs.slice(first + 1), regex.flags);
}

/** Anchors at both ends are not part of the program either; they are not looked for deeply. */
function withoutAnchors(regex: Node): { readonly node: Node; readonly isAnchored: boolean } {
  const begun = withoutAnchor(regex, 'begin-text', 0);
  const ended = withoutAnchor(begun ?? regex, 'end-text', 0);
  return { node: ended ?? begun ?? regex, isAnchored: begun !== undefined };
}

/** The expression without the anchor at one end; undefined where it has none. */
function withoutAnchor(node: Node, anchor: 'begin-text' | 'end-text', depth: number): Node | undefined {
  if (depth >= 4) return undefined;
  if (node.op === anchor) return textNode([], node.flags);
  if (node.op === 'capture') {
    const sub = withoutAnchor(node.sub, anchor, depth + 1);
    return sub && { ...node, sub };
  }
  if (node.op !== 'concat' || node.subs.length === 0) return undefined;
  const at = anchor === 'begin-text' ? 0 : node.subs.length - 1;
  const sub = withoutAnchor(node.subs[at] as Node, anchor, depth + 1);
  return sub && listNode('concat', node.subs.with(at, sub), node.flags);
}

enum Op {
  Fail,
  /** Goes on at two places. */
  Alt,
  /** An Alt of any byte, again, and of the end. */
  AltMatch,
  Bytes,
  /** Notes where a group begins or ends. */
  Capture,
  Empty,
  Nop,
  Match,
}

/** A part of the program. */
interface Fragment {
  /** Its first instruction; 0 where it matches nothing. */
  readonly begin: number;
  /** Where it goes on: twice an instruction's number, and 1 more for the second way of an Alt. */
  readonly ends: number[];
  /** Whether it may match the empty text. */
  readonly isNullable: boolean;
}

const NOTHING: Fragment = { begin: 0, ends: [], isNullable: false };

class Program {
  private readonly ops: Op[] = [Op.Fail];
  private readonly outs: number[] = [0];
  private readonly others: number[] = [0];
  /** The instructions that match each byte. */
  private readonly anyByte = new Set<number>();

  // Making it.

  private add(op: Op, out = 0, other = 0): number {
    if (this.ops.length >= MOST_INSTRUCTIONS) throw new TooMany();
    this.ops.push(op);
    this.outs.push(out);
    this.others.push(other);
    return this.ops.length - 1;
  }

  private patch(ends: readonly number[], to: number): void {
    for (const end of ends) {
      if ((end & 1) === 0) this.outs[end >> 1] = to;
      else this.others[end >> 1] = to;
    }
  }

  /** An instruction with one way out. */
  private single(op: Op, isNullable: boolean): Fragment {
    const id = this.add(op);
    return { begin: id, ends: [id << 1], isNullable };
  }

  match(): Fragment {
    return { begin: this.add(Op.Match), ends: [], isNullable: false };
  }

  bytes([lo, hi]: ByteRange): Fragment {
    const fragment = this.single(Op.Bytes, false);
    if (lo === 0x00 && hi === 0xff) this.anyByte.add(fragment.begin);
    return fragment;
  }

  cat(first: Fragment, second: Fragment): Fragment {
    if (first.begin === 0 || second.begin === 0) return NOTHING;
    this.patch(first.ends, second.begin);
    const isNop =
      this.ops[first.begin] === Op.Nop && first.ends.length === 1 && first.ends[0] === first.begin << 1;
    if (isNop) return second;
    return {
      begin: first.begin,
      ends: second.ends,
      isNullable: first.isNullable && second.isNullable,
    };
  }

  private alternate(first: Fragment, second: Fragment): Fragment {
    if (first.begin === 0) return second;
    if (second.begin === 0) return first;
    return {
      begin: this.add(Op.Alt, first.begin, second.begin),
      ends: joined(first.ends, second.ends),
      isNullable: first.isNullable || second.isNullable,
    };
  }

  /** An Alt that goes to a fragment or on. */
  private choice(to: number, isNonGreedy: boolean): { readonly id: number; readonly end: number } {
    const id = isNonGreedy ? this.add(Op.Alt, 0, to) : this.add(Op.Alt, to, 0);
    return { id, end: (id << 1) | (isNonGreedy ? 0 : 1) };
  }

  private plus(of: Fragment, isNonGreedy: boolean): Fragment {
    const { id, end } = this.choice(of.begin, isNonGreedy);
    this.patch(of.ends, id);
    return { begin: of.begin, ends: [end], isNullable: of.isNullable };
  }

  star(of: Fragment, isNonGreedy: boolean): Fragment {
    if (of.isNullable) return this.quest(this.plus(of, isNonGreedy), isNonGreedy);
    const { id, end } = this.choice(of.begin, isNonGreedy);
    this.patch(of.ends, id);
    return { begin: id, ends: [end], isNullable: true };
  }

  private quest(of: Fragment, isNonGreedy: boolean): Fragment {
    if (of.begin === 0) return this.single(Op.Nop, true);
    const { id, end } = this.choice(of.begin, isNonGreedy);
    return { begin: id, ends: joined([end], of.ends), isNullable: true };
  }

  /** The program of an expression. */
  fragment(node: Node): Fragment {
    const isNonGreedy = (node.flags & Flag.NonGreedy) !== 0;
    switch (node.op) {
      case 'no-match':
        return NOTHING;
      case 'empty':
        return this.single(Op.Nop, true);
      case 'text':
        return node.bytes
          .map((byte) => this.bytes([byte, byte]))
          .reduce((before, next) => this.cat(before, next));
      case 'class': {
        const ranges = node.set.ranges();
        // Where case does not count, what is said of small letters holds for capital ones.
        const isCaseless = node.set.isCaseless();
        return this.anyOf(ranges.filter((range) => !(isCaseless && isUpperOnly(range))));
      }
      case 'any-char':
      case 'any-byte':
        return this.bytes([0x00, 0xff]);
      case 'concat':
        return node.subs.map((sub) => this.fragment(sub)).reduce((before, next) => this.cat(before, next));
      case 'alternate':
        return node.subs
          .map((sub) => this.fragment(sub))
          .reduce((before, next) => this.alternate(before, next));
      case 'star':
        return this.star(this.fragment(node.sub), isNonGreedy);
      case 'plus':
        return this.plus(this.fragment(node.sub), isNonGreedy);
      case 'quest':
        return this.quest(this.fragment(node.sub), isNonGreedy);
      case 'capture':
        return this.capture(this.fragment(node.sub));
      case 'count':
        throw new Error('counts are written out before');
      default:
        return this.single(Op.Empty, true);
    }
  }

  private anyOf(ranges: readonly ByteRange[]): Fragment {
    return ranges.map((range) => this.bytes(range)).reduce((before, next) => this.alternate(before, next));
  }

  private capture(of: Fragment): Fragment {
    if (of.begin === 0) return NOTHING;
    const begin = this.add(Op.Capture, of.begin);
    const end = this.add(Op.Capture);
    this.patch(of.ends, end);
    return { begin, ends: [end << 1], isNullable: of.isNullable };
  }

  // Its size, once it is put into lists: the ways from one place are a list, without the Alts between them.

  /** Leaves out Nops, and marks the Alts that match all that is left. */
  optimize(start: number): void {
    this.each(start, (id) => {
      this.outs[id] = this.behindNops(this.outs[id] as number);
      if (this.ops[id] === Op.Alt) this.others[id] = this.behindNops(this.others[id] as number);
    });
    this.each(start, (id) => {
      if (this.ops[id] !== Op.Alt) return;
      const out = this.outs[id] as number;
      const other = this.others[id] as number;
      if (
        (this.isAnyByteBackTo(out, id) && this.isMatch(other)) ||
        (this.isMatch(out) && this.isAnyByteBackTo(other, id))
      )
        this.ops[id] = Op.AltMatch;
    });
  }

  /** Visits what can be reached from an instruction; the ways from one are taken after the visit. */
  private each(start: number, visit: (id: number) => void): void {
    const queue = new Set<number>([start]);
    for (const id of queue) {
      if (id === 0) continue;
      visit(id);
      queue.add(this.outs[id] as number);
      if (this.isAlt(id)) queue.add(this.others[id] as number);
    }
  }

  private isAlt(id: number): boolean {
    return this.ops[id] === Op.Alt || this.ops[id] === Op.AltMatch;
  }

  private behindNops(id: number): number {
    let at = id;
    while (at !== 0 && this.ops[at] === Op.Nop) at = this.outs[at] as number;
    return at;
  }

  private isAnyByteBackTo(id: number, to: number): boolean {
    return this.anyByte.has(id) && this.outs[id] === to;
  }

  private isMatch(id: number): boolean {
    let at = id;
    while (this.ops[at] === Op.Capture || this.ops[at] === Op.Nop) at = this.outs[at] as number;
    return this.ops[at] === Op.Match;
  }

  /** How many instructions the lists have. */
  flatSize(start: number, unanchored: number): number {
    const roots = new Set([0, unanchored, start]);
    const alts = this.markRoots(unanchored, roots);
    for (const root of [...roots].sort((a, b) => b - a))
      if (root !== 0 && root !== start && root !== unanchored) this.markDominators(root, roots, alts);
    let size = 0;
    for (const root of roots) size += this.listSize(root, roots);
    return size;
  }

  /** Adds where lists begin: behind each instruction that is no Alt. Gives the Alts that lead to each instruction. */
  private markRoots(start: number, roots: Set<number>): Map<number, number[]> {
    const alts = new Map<number, number[]>();
    this.walk(start, (id) => {
      const out = this.outs[id] as number;
      if (this.isAlt(id)) {
        for (const to of [out, this.others[id] as number]) {
          const before = alts.get(to);
          if (before === undefined) alts.set(to, [id]);
          else before.push(id);
        }
        return true;
      }
      if (this.isLeaf(id)) roots.add(out);
      return this.ops[id] !== Op.Match && this.ops[id] !== Op.Fail;
    });
    return alts;
  }

  /** Adds what a root leads to and what others lead to as well: a list of its own, so that it is there once. */
  private markDominators(
    root: number,
    roots: Set<number>,
    alts: ReadonlyMap<number, readonly number[]>,
  ): void {
    const reached = this.walk(root, (id) => !(id !== root && roots.has(id)) && !this.endsList(id));
    for (const id of reached) if (alts.get(id)?.some((alt) => !reached.has(alt))) roots.add(id);
  }

  private listSize(root: number, roots: ReadonlySet<number>): number {
    let size = 0;
    this.walk(root, (id) => {
      if (id !== root && roots.has(id)) {
        // A jump to the other list.
        size++;
        return false;
      }
      if (this.ops[id] === Op.AltMatch || this.endsList(id)) size++;
      return !this.endsList(id);
    });
    return size;
  }

  /** Whether a list goes no further than this instruction. */
  private endsList(id: number): boolean {
    return this.isLeaf(id) || this.ops[id] === Op.Match || this.ops[id] === Op.Fail;
  }

  private isLeaf(id: number): boolean {
    const op = this.ops[id];
    return op === Op.Bytes || op === Op.Capture || op === Op.Empty;
  }

  /** Visits what can be reached, the first ways first, and goes on where the visit says so. */
  private walk(start: number, visit: (id: number) => boolean): Set<number> {
    const reached = new Set<number>();
    const stack = [start];
    for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
      if (reached.has(id)) continue;
      reached.add(id);
      if (!visit(id)) continue;
      if (this.isAlt(id)) stack.push(this.others[id] as number);
      stack.push(this.outs[id] as number);
    }
    return reached;
  }
}

function joined(a: number[], b: number[]): number[] {
  const [few, many] = a.length < b.length ? [a, b] : [b, a];
  for (const end of few) many.push(end);
  return many;
}
