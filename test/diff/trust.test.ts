// Pairs with the verdict that is right: a change that widens or changes trust is never called the same, and what
// changes nothing is.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type DiffInput, diff } from '../../src/diff/diff.js';
import { sharedFolder } from '../shared.js';

interface Pair {
  readonly id: string;
  readonly old: string;
  readonly new: string;
  readonly verdicts: readonly string[];
  readonly strength: string;
}

const folder = sharedFolder('conformance/trust');

function pairsOf(root: string): readonly Pair[] {
  const lines = readFileSync(join(root, 'shared/index.jsonl'), 'utf8').split('\n').filter(Boolean);
  return lines.map((line): Pair => JSON.parse(line)).filter(({ strength }) => strength === 'strong');
}

function inputs(path: string): DiffInput[] {
  const files = statSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path];
  return files.sort().map((name) => ({ name, text: readFileSync(name, 'utf8') }));
}

describe.skipIf(folder === undefined)('the verdict', () => {
  const root = folder ?? '';
  const pairs = folder === undefined ? [] : pairsOf(root);
  test.each(pairs)('$id', (pair) => {
    const [old, now] = [pair.old, pair.new].map((path) => inputs(join(root, 'shared', path)));
    expect(pair.verdicts).toContain(diff(old ?? [], now ?? []).verdict.trust);
  });
});
