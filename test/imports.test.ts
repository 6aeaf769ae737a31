// Imports between the folders of src/ run one way: each folder may use those listed for it and no others.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { expect, it } from 'vitest';

const USES: Readonly<Record<string, readonly string[]>> = {
  finding: [],
  source: [],
  envoy: ['source'],
  tls: ['envoy', 'source'],
  kubernetes: ['source'],
  mesh: ['kubernetes', 'envoy', 'source'],
  compile: ['mesh', 'tls', 'envoy', 'source'],
  // The mesh's settings say where its SDS server is.
  convert: ['mesh', 'kubernetes', 'tls', 'envoy', 'source'],
  validate: ['mesh', 'kubernetes', 'tls', 'envoy', 'source'],
  diff: ['tls', 'envoy', 'source'],
  // Who talks to whom, and how, is what Pilot makes of the policies.
  plan: ['compile', 'convert', 'diff', 'mesh', 'kubernetes', 'tls', 'envoy', 'source'],
  // Messages of CAs and of the discovery service are of the API.
  ca: ['envoy'],
  agent: ['ca', 'envoy'],
  report: ['plan', 'diff', 'validate', 'convert', 'compile', 'mesh', 'kubernetes', 'tls', 'envoy', 'source'],
};

const SRC = join(import.meta.dirname, '../src');

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('.ts') && !path.includes(`${sep}generated${sep}`),
);

/** The folders of src/ that a file imports from, its own left out. */
function foldersUsed(path: string): string[] {
  const text = readFileSync(join(SRC, path), 'utf8');
  const targets = [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, target]) =>
    relative(SRC, join(SRC, dirname(path), target as string)),
  );
  const own = path.split(sep)[0];
  return targets.map((target) => target.split(sep)[0] as string).filter((folder) => folder !== own);
}

it.each(Object.entries(USES))('src/%s uses what it may', (folder, may) => {
  const own = files.filter((path) => path.startsWith(folder + sep));
  expect(own.length).toBeGreaterThan(0);
  const wrong = own.flatMap((path) =>
    foldersUsed(path)
      .filter((used) => used !== 'finding' && !may.includes(used))
      .map((used) => `${path} uses ${used}`),
  );
  expect(wrong).toEqual([]);
});

it('only cli/ and the library index are above', () => {
  const folders = new Set(files.map((path) => path.split(sep)[0]));
  expect([...folders].sort()).toEqual([...Object.keys(USES), 'cli', 'index.ts'].sort());
});

it('only cli/, and what runs live, touches files, the environment and the terminal', () => {
  const touching = files.filter(
    (path) =>
      !['cli', 'ca', 'agent'].includes(path.split(sep)[0] as string) &&
      /from 'node:(?:fs|child_process|os|tty|readline)|\bprocess\.(?:env|stdout|stderr|argv|cwd)\b|\bDate\.now\(\)|new Date\(\)/.test(
        readFileSync(join(SRC, path), 'utf8'),
      ),
  );
  expect(touching).toEqual([]);
});
