// No command shows a secret, wherever it stands: random.long.test.ts tries many more.

import { expect, test } from 'vitest';
import { useFolder } from '../cli/xdsc.js';
import { Random } from '../source/random.js';
import { planted } from './plant.js';
import { leaksOf } from './runs.js';

useFolder();

test.each(Array.from({ length: 12 }, (_, i) => i + 1))('seed %i', async (seed) => {
  const random = new Random(seed);
  const leaks: string[] = [];
  for (let i = 0; i < 5; i++) leaks.push(...(await leaksOf(planted(random), planted(random))));
  expect(leaks).toEqual([]);
});
