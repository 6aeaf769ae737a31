import { describe, expect, it } from 'vitest';
import { Positions } from '../../src/source/position.js';

describe('Positions', () => {
  const text = '\ufeffa: 1\r\n\nb: "é😀"\n';
  const positions = new Positions('x.yaml', text);

  it.each([
    [0, 1, 1],
    [1, 1, 1],
    [4, 1, 4],
    [7, 2, 1],
    [8, 3, 1],
    [11, 3, 4],
    [text.length, 4, 1],
  ])('finds offset %i at line %i, column %i', (offset, line, column) => {
    expect(positions.at(offset)).toEqual({ line, column });
  });

  it.each([
    [1, 'a: 1'],
    [2, ''],
    [3, 'b: "é😀"'],
    [4, ''],
    [5, ''],
  ])('shows line %i as %j', (line, shown) => {
    expect(positions.line(line)).toBe(shown);
  });

  it('gives regions both ends', () => {
    expect(positions.region(1, 9)).toEqual({
      file: 'x.yaml',
      start: 1,
      end: 9,
      line: 1,
      column: 1,
      endLine: 3,
      endColumn: 2,
    });
  });
});
