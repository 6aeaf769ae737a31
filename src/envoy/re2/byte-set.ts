// Sets of bytes: what a character class of a regular expression matches. Envoy compiles its expressions byte by
// byte (Latin-1), so that a class knows nothing beyond 0xff.

/** A range of bytes, both ends included. */
export type ByteRange = readonly [lo: number, hi: number];

/** A set of bytes. */
export class ByteSet {
  private readonly members = new Uint8Array(256);

  static of(...ranges: readonly ByteRange[]): ByteSet {
    const set = new ByteSet();
    for (const [lo, hi] of ranges) set.add(lo, hi);
    return set;
  }

  has(byte: number): boolean {
    return this.members[byte] === 1;
  }

  get size(): number {
    return this.members.reduce((sum, member) => sum + member, 0);
  }

  add(lo: number, hi: number): void {
    if (lo <= hi) this.members.fill(1, lo, hi + 1);
  }

  addAll(other: ByteSet): void {
    for (let byte = 0; byte < 256; byte++) if (other.has(byte)) this.members[byte] = 1;
  }

  complement(): ByteSet {
    const set = new ByteSet();
    for (let byte = 0; byte < 256; byte++) if (!this.has(byte)) set.members[byte] = 1;
    return set;
  }

  /** With each ASCII letter in both cases. */
  folded(): ByteSet {
    const set = new ByteSet();
    for (let byte = 0; byte < 256; byte++)
      if (this.has(byte) || (isLetter(byte) && this.has(byte ^ CASE))) set.members[byte] = 1;
    return set;
  }

  /** Whether each ASCII letter is there in both cases or in none. */
  isCaseless(): boolean {
    for (let byte = UPPER_A; byte <= UPPER_Z; byte++)
      if (this.has(byte) !== this.has(byte ^ CASE)) return false;
    return true;
  }

  equals(other: ByteSet): boolean {
    return this.members.every((member, byte) => (member === 1) === other.has(byte));
  }

  /** The one byte that it holds, if it holds one. */
  get single(): number | undefined {
    return this.size === 1 ? this.members.indexOf(1) : undefined;
  }

  /** The lower case of the one ASCII letter that it holds in both cases, if it holds nothing else. */
  get caselessLetter(): number | undefined {
    const first = this.members.indexOf(1);
    if (this.size !== 2 || first < UPPER_A || first > UPPER_Z) return undefined;
    return this.has(first | CASE) ? first | CASE : undefined;
  }

  /** The fewest ranges that cover the set, in ascending order. */
  ranges(): ByteRange[] {
    const ranges: ByteRange[] = [];
    for (let lo = 0; lo < 256; lo++) {
      if (!this.has(lo)) continue;
      let hi = lo;
      while (hi < 255 && this.has(hi + 1)) hi++;
      ranges.push([lo, hi]);
      lo = hi;
    }
    return ranges;
  }
}

const UPPER_A = 0x41;
const UPPER_Z = 0x5a;
/** The bit in which the cases of an ASCII letter differ. */
const CASE = 0x20;

function isLetter(byte: number): boolean {
  const upper = byte & ~CASE;
  return upper >= UPPER_A && upper <= UPPER_Z;
}

/** Whether a range lies in A to Z. */
export function isUpperOnly([lo, hi]: ByteRange): boolean {
  return lo >= UPPER_A && hi <= UPPER_Z;
}
