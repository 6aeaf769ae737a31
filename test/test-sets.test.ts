// The tests that run after each edit start no process, and the list of slow tests in vitest.config.ts names files
// that exist.

import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { globSync } from 'tinyglobby';
import { expect, test } from 'vitest';
import { SLOW } from '../vitest.config.js';

const ROOT = resolve(import.meta.dirname, '..');

test.each(SLOW)('%s names tests', (pattern) => {
  expect(globSync(pattern, { cwd: ROOT })).not.toEqual([]);
});

/** The packages that a file and the files of test/ that it imports load. */
function packagesOf(path: string, seen = new Set<string>()): string[] {
  if (seen.has(path)) return [];
  seen.add(path);
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(/\bfrom '([^']+)'/g)].flatMap(([, name = '']) => {
    if (!name.startsWith('.')) return [name];
    const imported = resolve(dirname(path), name.replace(/\.js$/, '.ts'));
    return imported.startsWith(join(ROOT, 'test')) ? packagesOf(imported, seen) : [];
  });
}

const fast = globSync('test/**/*.test.ts', { cwd: ROOT, ignore: [...SLOW, 'test/**/*.long.test.ts'] });

test.each(fast)('%s starts no process and no browser', (path) => {
  const packages = packagesOf(join(ROOT, path));
  expect(packages).toContain('vitest');
  const slow = packages.filter((name) => /^(?:node:)?child_process$|^playwright-core$/.test(name));
  expect(slow, `list ${path} in SLOW of vitest.config.ts`).toEqual([]);
});
