import { describe, expect, it } from 'vitest';
import { applyEdits, byteGrowth, sortEdits } from '../../src/source/edit.js';

describe('edits', () => {
  const edits = [
    { start: 4, end: 6, text: '' },
    { start: 2, end: 2, text: 'B' },
    { start: 0, end: 1, text: 'é' },
    { start: 2, end: 3, text: 'D' },
    { start: 2, end: 2, text: 'C' },
  ];

  it('apply in text order; two at the same offset keep their order', () => {
    expect([...applyEdits('012345', sortEdits(edits))].join('')).toBe('é1BCD3');
  });

  it('count the bytes by which a text grows', () => {
    expect(byteGrowth('012345', sortEdits(edits))).toBe(Buffer.byteLength('é1BCD3') - 6);
  });

  it('yield the text in pieces, so that it may be longer than a string', () => {
    const part = 'x'.repeat(2 ** 20);
    const many = Array.from({ length: 600 }, (_, start) => ({ start, end: start, text: part }));
    let length = 0;
    for (const chunk of applyEdits('y'.repeat(600), many)) length += chunk.length;
    expect(length).toBe(600 * 2 ** 20 + 600);
  });

  it('must not overlap', () => {
    const overlapping = [
      { start: 0, end: 3, text: '' },
      { start: 2, end: 4, text: '' },
    ];
    expect(() => [...applyEdits('012345', overlapping)]).toThrow('edits overlap at offset 2');
  });
});
