import { describe, expect, it } from 'vitest';
import { decodeText } from '../../src/source/decode.js';

const bytes = (...parts: (string | number[])[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));

describe('decodeText', () => {
  it.each(['', 'a: 1\n', '\ufeff{"a": "é日😀"}', '\ufffd'])('reads %j', (text) => {
    expect(decodeText(Buffer.from(text))).toEqual({ text });
  });

  it.each([
    ['UTF-16, little endian', Buffer.from('\ufeff{}', 'utf16le'), 'this file is UTF-16', 1, 1],
    ['UTF-16, big endian', Buffer.from('\ufeff{}', 'utf16le').swap16(), 'this file is UTF-16', 1, 1],
    ['UTF-16 without a mark', Buffer.from('a: 1\n', 'utf16le'), 'this file is UTF-16', 1, 1],
    [
      'UTF-16 without a mark, big endian',
      Buffer.from('a: 1\n', 'utf16le').swap16(),
      'this file is UTF-16',
      1,
      1,
    ],
    ['a binary file', bytes('\x7fELF\n\x02', [0, 0]), 'this file is binary: it contains a NUL byte', 2, 2],
    ['a stray continuation', bytes('a: 1\nb: é', [0x80]), 'this byte is not valid UTF-8', 2, 5],
    ['Latin-1', bytes('\ufeffa: ', [0xe9], ' b'), 'this byte is not valid UTF-8', 1, 4],
    ['a character cut off', bytes('日本', [0xe6, 0x97]), 'this byte is not valid UTF-8', 1, 3],
    ['an overlong form', bytes('x', [0xc0, 0xaf]), 'this byte is not valid UTF-8', 1, 2],
    ['half of a surrogate pair', bytes('x', [0xed, 0xa0, 0x80]), 'this byte is not valid UTF-8', 1, 2],
    ['far in', bytes('日'.repeat(50_000), '\n😀', [0xff]), 'this byte is not valid UTF-8', 2, 3],
  ])('rejects %s', (_, content, message, line, column) => {
    expect(decodeText(content)).toMatchObject({ message, line, column });
  });
});
