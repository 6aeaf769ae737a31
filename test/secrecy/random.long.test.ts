// Many inputs with secrets: what random.test.ts tries with few.

import { expect, test } from 'vitest';
import { useFolder } from '../cli/xdsc.js';
import { Random } from '../source/random.js';
import { planted } from './plant.js';
import { leaksOf } from './runs.js';

useFolder();

const FIRST = Number(process.env.XDSC_SEED ?? 1000);

test.each(Array.from({ length: 100 }, (_, i) => FIRST + i))(
  'seed %i',
  async (seed) => {
    const random = new Random(seed);
    const leaks: string[] = [];
    for (let i = 0; i < 5; i++) leaks.push(...(await leaksOf(planted(random), planted(random))));
    expect(leaks).toEqual([]);
  },
  120_000,
);
