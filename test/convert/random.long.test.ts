// Random contexts convert as a plain rule says: the seeds after those of random.test.ts.

import { expect, test } from 'vitest';
import { convertRandom, WAYS } from './random-contexts.js';

const SEEDS = Array.from({ length: 1500 }, (_, i) => 61 + i);

test.each(WAYS)(
  '%s converts as specified, and a second run changes nothing',
  (way, write) => {
    expect(convertRandom(way, write, SEEDS)).toBeGreaterThan(SEEDS.length);
  },
  300_000,
);
