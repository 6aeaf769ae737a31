// Random numbers that are the same in every run, and what the fuzzing tests make of them.

/** A source of random numbers. */
export class Random {
  constructor(private state: number) {}

  /** A whole number from 0 to below `limit` (mulberry32). */
  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  }

  chance(oneIn: number): boolean {
    return this.below(oneIn) === 0;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T;
  }

  /** A text made of up to `length` of the pieces. */
  text(pieces: readonly string[], length: number): string {
    return Array.from({ length: this.below(length + 1) }, () => this.pick(pieces)).join('');
  }

  /** The text with one to three small changes: a piece put in, taken out, doubled or cut off. */
  mutate(text: string, pieces: readonly string[]): string {
    let changed = text;
    for (let changes = 1 + this.below(3); changes > 0; changes--) {
      const at = this.below(changed.length + 1);
      const to = Math.min(changed.length, at + 1 + this.below(3));
      switch (this.below(5)) {
        case 0:
          changed = changed.slice(0, at) + this.pick(pieces) + changed.slice(at);
          break;
        case 1:
          changed = changed.slice(0, at) + this.pick(pieces) + changed.slice(to);
          break;
        case 2:
          changed = changed.slice(0, at) + changed.slice(to);
          break;
        case 3:
          changed = changed.slice(0, to) + changed.slice(at);
          break;
        default:
          changed = this.chance(4) ? changed.slice(0, at) : changed.slice(0, at) + changed.slice(to);
      }
    }
    return changed;
  }
}
