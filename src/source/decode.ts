// Bytes to text. Only UTF-8 is read; other encodings are named, so that the reader knows what to convert.

import { isUtf8 } from 'node:buffer';

/** A text, or why the bytes are none. */
export type Decoded =
  | { readonly text: string }
  | { readonly message: string; readonly expected: string; readonly line: number; readonly column: number };

/** The most bytes of JSON that fit into one JavaScript string. */
export const MAX_JSON_BYTES = 512 * 1024 * 1024 - 24;
/** More YAML than this is read too slowly, and holds too many nodes, to be meant for one run. */
export const MAX_YAML_BYTES = 64 * 1024 * 1024;

/** How much of a file is inspected to detect whether it is text. */
const LOOK_AHEAD = 65536;

/** Decodes UTF-8, strictly. A byte order mark is kept, as the text's first character. */
export function decodeText(bytes: Buffer): Decoded {
  if (isUtf16(bytes)) return fault(bytes, 0, 'this file is UTF-16');
  const zero = bytes.subarray(0, LOOK_AHEAD).indexOf(0);
  if (zero >= 0) return fault(bytes, zero, 'this file is binary: it contains a NUL byte');
  if (!isUtf8(bytes)) return fault(bytes, firstInvalid(bytes), 'this byte is not valid UTF-8');
  return { text: bytes.toString('utf8') };
}

/** By the byte order mark, or by the zero that is half of an ASCII character. */
function isUtf16(bytes: Buffer): boolean {
  const [first, second, third, fourth] = bytes;
  if (first === undefined || second === undefined) return false;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  return first === 0
    ? second !== 0 && third === 0 && fourth !== 0
    : second === 0 && third !== 0 && fourth === 0;
}

function fault(bytes: Buffer, offset: number, message: string): Decoded {
  const before = bytes.subarray(0, offset);
  let line = 1;
  for (let at = before.indexOf(0x0a); at >= 0; at = before.indexOf(0x0a, at + 1)) line++;
  // The text before the fault is valid, so that the column counts as in every other message.
  const ownLine = before.toString('utf8', before.lastIndexOf(0x0a) + 1).replace(/^\uFEFF/, '');
  return { message, expected: 'JSON or YAML in UTF-8', line, column: ownLine.length + 1 };
}

/** How many bytes are checked at once for where a text goes wrong. */
const BLOCK = 65536;

/** The offset of the first byte that begins no valid character. */
function firstInvalid(bytes: Buffer): number {
  let from = 0;
  for (;;) {
    // A block ends where a character begins; no character is longer than four bytes.
    let to = Math.min(from + BLOCK, bytes.length);
    for (let back = 0; back < 3 && isContinuation(bytes[to]); back++) to--;
    if (!isUtf8(bytes.subarray(from, to))) break;
    if (to === bytes.length) return to;
    from = to;
  }
  for (;;) {
    const lead = bytes[from] as number;
    const size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (size > 1 && !isUtf8(bytes.subarray(from, from + size))) return from;
    from += size;
  }
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
