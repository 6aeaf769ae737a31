import { expect, it } from 'vitest';
import { Expansion } from '../../src/source/expansion.js';
import { scanYaml } from '../../src/source/scan-yaml.js';
import type { Tape } from '../../src/source/tape.js';
import { nodes } from './tape-value.js';

it('counts how often a node is read once aliases are followed', () => {
  const text = 'unread: &x {one: 1}\na: &y [*x, {two: *x}]\nb: *y\nc: {three: 3}\n';
  const tape = scanYaml(text).tapes[0] as Tape;
  const find = (raw: string): number => nodes(tape).find((node) => tape.raw(node) === raw) as number;
  const unread = new Expansion(tape, new Set([find('{one: 1}')]));
  const all = new Expansion(tape, new Set());
  const counts = ['{one: 1}', '1', '{two: *x}', '{three: 3}'].map((raw) => [
    unread.of(find(raw)),
    all.of(find(raw)),
  ]);
  expect(counts).toEqual([
    [4, 5],
    [4, 5],
    [2, 2],
    [1, 1],
  ]);
});
