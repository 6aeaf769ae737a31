// The marks on a document's nodes: shown where something said so and nothing denied it. An anchored value that
// stands in two places is shown only where both may show it.

import { isHarmlessName } from '../secrecy/quoted.js';
import { Kind, type Tape } from '../source/tape.js';

const SHOWN = 1;
const DENIED = 2;

/** Which nodes of a tape may be shown; none to begin with. */
export class Marks {
  private readonly marks: Uint8Array;

  constructor(readonly tape: Tape) {
    this.marks = new Uint8Array(tape.size);
  }

  /** Whether a scalar or key may be shown; of a map or list, whether all that it holds may. */
  isShown(node: number): boolean {
    const { tape } = this;
    if (tape.kind(node) !== Kind.Map && tape.kind(node) !== Kind.List) return this.marks[node] === SHOWN;
    for (let inner = node + 1; inner < tape.next(node); inner++) {
      const kind = tape.kind(inner);
      if (kind !== Kind.Map && kind !== Kind.List && this.marks[inner] !== SHOWN) return false;
    }
    return true;
  }

  /** Says that a node may be shown, or that it may not. */
  mark(node: number, isHarmless: boolean): void {
    this.marks[node] = (this.marks[node] as number) | (isHarmless ? SHOWN : DENIED);
  }

  /** A key, which is shown unless it looks like a value. */
  key(node: number): void {
    this.mark(node, isHarmlessName(this.tape.name(node)));
  }

  /** Denies all values at and below a node; keys stay as they are. */
  deny(at: number): void {
    const { tape } = this;
    const node = tape.resolve(at);
    const end = tape.next(node);
    for (let inner = node; inner < end; inner++) {
      if (tape.kind(inner) === Kind.Key) this.key(inner);
      else if (tape.kind(inner) === Kind.Alias) this.mark(tape.resolve(inner), false);
      else this.mark(inner, false);
    }
  }
}
