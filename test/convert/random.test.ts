// Random contexts convert as a plain rule says; random.long.test.ts tries many more.

import { expect, test } from 'vitest';
import { convertRandom, WAYS } from './random-contexts.js';

const SEEDS = Array.from({ length: 60 }, (_, i) => 1 + i);

test.each(WAYS)('%s converts as specified, and a second run changes nothing', (way, write) => {
  expect(convertRandom(way, write, SEEDS)).toBeGreaterThan(SEEDS.length);
});
