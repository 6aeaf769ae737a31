// What was written is read again: the parts of a document that edits fall into, and no more. What is put in must be
// readable by a strict parser where the text before was, and must not repeat a key.

import type { Document } from './document.js';
import { duplicateKeys } from './duplicate-keys.js';
import { applyEdits, type Edit } from './edit.js';
import { lineEnd, lineStart } from './fragment.js';
import { dashBefore } from './map-edit.js';
import { scanJson } from './scan-json.js';
import { scanYaml } from './scan-yaml.js';
import { Kind, Style, type Tape } from './tape.js';

/**
 * Reads what edits make of a document.
 *
 * @param edits in the order of the text
 * @returns the offset, in the text before, of an edit whose result cannot be read as it was meant; undefined where all can
 */
export function misread({ tape, format }: Document, edits: readonly Edit[]): number | undefined {
  if (edits.length === 0) return undefined;
  const reader = new Rereader(tape, format === 'yaml');
  // With aliases, no part can be read without the anchors of others.
  if (tape.aliases.length > 0)
    return reader.check({ start: 0, end: tape.text.length, before: '', after: '' }, edits);
  return reader.within(0, edits);
}

/** A range of the text, and what makes a document of it. */
interface Part {
  readonly start: number;
  readonly end: number;
  readonly before: string;
  readonly after: string;
}

/** The length of maps that are read as a whole; in longer ones a key that repeats another is not found. */
const SMALL = 1 << 14;

class Rereader {
  /** Results that were well: thousands of contexts are written alike. */
  private readonly well = new Set<string>();

  constructor(
    private readonly tape: Tape,
    private readonly isYaml: boolean,
  ) {}

  /** Reads the smallest parts of a map or list that the edits fall into. */
  within(node: number, edits: readonly Edit[]): number | undefined {
    const { tape } = this;
    const starts = this.starts(node);
    if (tape.kind(node) === Kind.Map && tape.end(node) - tape.start(node) < SMALL) {
      // A new key may be the same as any of the map's.
      const inside = starts.find((key) => this.holds(key + 1, edits));
      if (inside !== undefined) return this.within(inside + 1, edits);
      return this.check(this.part(node, starts, 0, starts.length - 1, edits), edits);
    }
    for (let first = 0, at = 0; at < edits.length; ) {
      while (first + 1 < starts.length && (edits[at] as Edit).start >= this.startOf(node, starts, first + 1))
        first++;
      const from = at;
      let last = first;
      const beyond = (): number =>
        last + 1 < starts.length ? this.startOf(node, starts, last + 1) : Number.POSITIVE_INFINITY;
      for (; at < edits.length && (edits[at] as Edit).start < beyond(); at++)
        while ((edits[at] as Edit).end > beyond()) last++;
      const mine = edits.slice(from, at);
      const value = tape.kind(node) === Kind.Map ? (starts[first] ?? node) + 1 : (starts[first] ?? node);
      const fault =
        first === last && starts.length > 0 && this.holds(value, mine)
          ? this.within(value, mine)
          : this.check(this.part(node, starts, first, last, mine), mine);
      if (fault !== undefined) return fault;
      first = last;
    }
    return undefined;
  }

  /** Reads one part with its edits. */
  check({ start, end, before, after }: Part, edits: readonly Edit[]): number | undefined {
    const old = this.tape.text.slice(start, end);
    const moved = edits.map((edit) => ({ ...edit, start: edit.start - start, end: edit.end - start }));
    const text = before + [...applyEdits(old, moved)].join('') + after;
    if (this.well.has(text)) return undefined;
    if (!this.isWell(text, before + old + after)) return edits[0]?.start;
    this.well.add(text);
    return undefined;
  }

  private isWell(text: string, old: string): boolean {
    if (!this.isYaml && isJson(text)) return true;
    const faults = this.faults(text);
    return faults === 0 || faults <= this.faults(old);
  }

  /** How much of a text a strict parser objects to. */
  private faults(text: string): number {
    if (!this.isYaml) {
      const { tape, error } = scanJson(text);
      return tape === undefined || error !== undefined
        ? Number.POSITIVE_INFINITY
        : duplicateKeys(tape).length;
    }
    const { tapes, error, joined } = scanYaml(text);
    if (error !== undefined) return Number.POSITIVE_INFINITY;
    const repeated = tapes.reduce((sum, tape) => sum + duplicateKeys(tape).length, 0);
    return repeated + (joined ? 1_000_000 : 0);
  }

  /** The key nodes of a map, or the items of a list. */
  private starts(node: number): number[] {
    const { tape } = this;
    const kind = tape.kind(node);
    if (kind !== Kind.Map && kind !== Kind.List) return [];
    const starts: number[] = [];
    for (
      let at = node + 1;
      at < (tape.links[node] as number);
      at = tape.next(kind === Kind.Map ? at + 1 : at)
    )
      starts.push(at);
    return starts;
  }

  /** Where the text of a member or item begins. */
  private startOf(node: number, starts: readonly number[], index: number): number {
    const { tape } = this;
    const start = tape.start(starts[index] ?? node);
    if (!tape.has(node, Style.Block) || tape.kind(node) !== Kind.List) return start;
    return dashBefore(tape.text, start, tape.start(node) - lineStart(tape.text, tape.start(node)));
  }

  /** Whether edits are inside a collection's value, which can be read without what is around it. */
  private holds(value: number, edits: readonly Edit[]): boolean {
    const { tape } = this;
    const kind = tape.kind(value);
    if ((kind !== Kind.Map && kind !== Kind.List) || tape.next(value) === value + 1) return false;
    // In YAML, brackets depend on how deep the block around them is.
    const isBlock = tape.has(value, Style.Block);
    if (this.isYaml ? !isBlock : isBlock) return false;
    const from = isBlock ? lineStart(tape.text, tape.start(value)) : tape.start(value) + 1;
    const to = isBlock ? lineEnd(tape.text, tape.end(value)) : tape.end(value) - 1;
    // What is put in at the very end may belong to the block around it.
    const isInside = (start: number): boolean => start >= from && (!isBlock || start < tape.end(value));
    return edits.every(({ start, end }) => isInside(start) && end <= to);
  }

  private part(
    node: number,
    starts: readonly number[],
    first: number,
    last: number,
    edits: readonly Edit[],
  ): Part {
    const { tape } = this;
    const { text } = tape;
    const isBlock = tape.has(node, Style.Block);
    const isCollection = starts.length > 0 && (isBlock || /[[{]/.test(text.charAt(tape.start(node))));
    if (!isCollection) return { start: 0, end: text.length, before: '', after: '' };
    const start = Math.min(this.startOf(node, starts, first), edits[0]?.start ?? 0);
    const limit = isBlock ? lineEnd(text, tape.end(node)) : tape.end(node) - 1;
    const end = Math.max(
      last + 1 < starts.length ? this.startOf(node, starts, last + 1) : limit,
      edits.at(-1)?.end ?? 0,
    );
    if (isBlock) return { start, end, before: ' '.repeat(start - lineStart(text, start)), after: '' };
    const [before, after] = tape.kind(node) === Kind.Map ? ['{', '}'] : ['[', ']'];
    return { start, end, before, after };
  }
}

/** Whether the fastest parser reads a text; it is not told of keys that repeat. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
