// Ranges of addresses as numbers, to tell which of several an address is in.

/** A range: the family, the first address, and how many bits all of its addresses share. */
export interface IpRange {
  readonly bits: 32 | 128;
  readonly base: bigint;
  readonly length: number;
}

/** One address. */
export type IpAddress = Pick<IpRange, 'bits' | 'base'>;

/** A range; undefined where the text is not an address. */
export function ipRange(address: string, length: number): IpRange | undefined {
  const parsed = ipAddress(address);
  if (parsed === undefined) return undefined;
  const kept = Math.max(0, Math.min(length, parsed.bits));
  const host = BigInt(parsed.bits - kept);
  return { bits: parsed.bits, base: (parsed.base >> host) << host, length: kept };
}

/** Whether an address is in a range. */
export function isIn({ bits, base, length }: IpRange, address: IpAddress): boolean {
  return bits === address.bits && base >> BigInt(bits - length) === address.base >> BigInt(bits - length);
}

/** Addresses of which each combination of ranges has one, as far as there is one; one in none of them, too. */
export function samples(ranges: readonly IpRange[]): IpAddress[] {
  const found = new Map<string, IpAddress>();
  const add = (bits: 32 | 128, base: bigint): void => {
    if (base >= 0n && base >> BigInt(bits) === 0n) found.set(`${bits} ${base}`, { bits, base });
  };
  for (const { bits, base, length } of ranges) {
    const size = 1n << BigInt(bits - length);
    for (const at of [base, base + size - 1n, base + size, base - 1n]) add(bits, at);
  }
  // 192.0.2.7 and 2001:db8::7 are of documentation's ranges: nobody's.
  add(32, 0xc0000207n);
  add(128, (0x20010db8n << 96n) + 7n);
  return [...found.values()];
}

/** One address; undefined where the text is not an address. */
export function ipAddress(text: string): IpAddress | undefined {
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) return v4(text);
  if (!text.includes(':') || !/^[\da-f:.]+$/i.test(text)) return undefined;
  const [head = '', tail] = text.toLowerCase().split('::');
  const words = (part: string): number[] | undefined => wordsOf(part);
  const [before, after] = [words(head), words(tail ?? '')];
  if (before === undefined || after === undefined) return undefined;
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 0) return undefined;
  const all = [...before, ...Array.from({ length: missing }, () => 0), ...after];
  return { bits: 128, base: all.reduce((sum, word) => (sum << 16n) + BigInt(word), 0n) };
}

function v4(text: string): IpAddress | undefined {
  const parts = text.split('.').map(Number);
  if (parts.some((part) => part > 255)) return undefined;
  return { bits: 32, base: parts.reduce((sum, part) => (sum << 8n) + BigInt(part), 0n) };
}

function wordsOf(part: string): number[] | undefined {
  if (part === '') return [];
  const words: number[] = [];
  for (const word of part.split(':')) {
    if (word.includes('.')) {
      const inner = v4(word);
      if (inner === undefined) return undefined;
      words.push(Number(inner.base >> 16n), Number(inner.base & 0xffffn));
    } else if (/^[\da-f]{1,4}$/.test(word)) words.push(Number.parseInt(word, 16));
    else return undefined;
  }
  return words;
}
