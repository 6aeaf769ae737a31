// docs/sds-server.md against the program: the table of quirks.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { QUIRKS } from '../../src/agent/istio-1.1/quirks.js';

const PAPER = resolve(import.meta.dirname, '../../docs/sds-server.md');

test('the paper has every quirk with what the node agent does and what happens otherwise', () => {
  const rows = readFileSync(PAPER, 'utf8')
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter((cells) => /^`[a-z\d-]+`$/.test(cells[1] ?? '') && cells.length === 5)
    .map(([, name = '', nodeAgent, otherwise]) => ({ name: name.slice(1, -1), nodeAgent, otherwise }));
  expect(rows.filter(({ name }) => QUIRKS.some((quirk) => quirk.name === name))).toEqual(QUIRKS);
});
