// How often each node of a document is read once aliases are followed: an edit at an anchor is right only if
// all who read it want the same.

import { addToGroup } from '../collections/grouped.js';
import { Kind, type Tape } from './tape.js';

/** Counts the ways from a document's root to its nodes. */
export class Expansion {
  private readonly parents: Int32Array;
  private readonly aliasesOf = new Map<number, number[]>();
  private readonly counts = new Map<number, number>();

  /** @param unread nodes that are not read, such as the values of members that only hold anchors */
  constructor(
    tape: Tape,
    private readonly unread: ReadonlySet<number>,
  ) {
    this.parents = new Int32Array(tape.size).fill(-1);
    const open: number[] = [];
    for (let node = 0; node < tape.size; node++) {
      while (open.length > 0 && node >= (tape.links[open.at(-1) as number] as number)) open.pop();
      this.parents[node] = open.at(-1) ?? -1;
      const kind = tape.kind(node);
      if (kind === Kind.Map || kind === Kind.List) open.push(node);
    }
    for (const alias of tape.aliases) {
      addToGroup(this.aliasesOf, tape.resolve(alias), alias);
    }
  }

  /** How many paths lead from the root to a node. */
  of(node: number): number {
    const known = this.counts.get(node);
    if (known !== undefined) return known;
    const parent = this.parents[node] as number;
    let count = this.unread.has(node) ? 0 : parent < 0 ? 1 : this.of(parent);
    for (const alias of this.aliasesOf.get(node) ?? []) count += this.of(alias);
    this.counts.set(node, count);
    return count;
  }
}
