// Imports between the folders of src/ run one way: each folder may use those listed for it and no others, and
// no files import each other in a circle.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Folders that every other one may use; they use nothing. */
const GROUND = ['finding', 'collections', 'istio', 'secrecy'];

const USES: Readonly<Record<string, readonly string[]>> = {
  source: [],
  envoy: ['source'],
  tls: ['envoy', 'source'],
  // What of a document may be shown.
  disclosure: ['tls', 'envoy', 'source'],
  kubernetes: ['source'],
  mesh: ['kubernetes', 'envoy', 'source'],
  compile: ['mesh', 'tls', 'disclosure', 'envoy', 'source'],
  // The mesh's settings say where its SDS server is.
  convert: ['mesh', 'kubernetes', 'disclosure', 'tls', 'envoy', 'source'],
  validate: ['mesh', 'kubernetes', 'tls', 'envoy', 'source'],
  diff: ['disclosure', 'tls', 'envoy', 'source'],
  // Rules of a project's own.
  policy: ['validate', 'tls', 'envoy', 'source'],
  // What an editor asks about a text that was validated.
  editor: ['validate', 'kubernetes', 'tls', 'envoy', 'source'],
  // Who talks to whom, and how, is what Pilot makes of the policies.
  plan: ['compile', 'convert', 'diff', 'mesh', 'kubernetes', 'tls', 'envoy', 'source'],
  // Messages of CAs and of the discovery service are of the API.
  ca: ['envoy'],
  agent: ['ca', 'envoy'],
  // It runs what the verbs make.
  rehearse: [
    'agent',
    'ca',
    'plan',
    'diff',
    'validate',
    'convert',
    'compile',
    'mesh',
    'kubernetes',
    'tls',
    'envoy',
    'source',
  ],
  report: [
    'rehearse',
    'plan',
    'diff',
    'validate',
    'convert',
    'compile',
    'mesh',
    'kubernetes',
    'tls',
    'disclosure',
    'envoy',
    'source',
  ],
};

/** Rooms inside a folder, each with the rooms of the same folder that it may use. */
const ROOMS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'compile/pilot': {
    context: [],
    clusters: ['context'],
    security: ['clusters', 'context'],
    routes: ['clusters', 'context'],
    listeners: ['routes', 'security', 'clusters', 'context'],
    gateways: ['listeners', 'routes', 'security', 'clusters', 'context'],
  },
  'compile/istiod': {
    context: [],
    endpoints: ['context'],
    clusters: ['endpoints', 'context'],
    security: ['context'],
    telemetry: ['context'],
    routes: ['context'],
    listeners: ['endpoints', 'routes', 'security', 'telemetry', 'context'],
    gateways: ['listeners', 'routes', 'security', 'telemetry', 'context'],
  },
  diff: { meaning: [], tls: ['meaning'], ways: ['meaning', 'tls'] },
};

/** Halves of one thing, which may import each other. */
const HALVES = [`envoy${sep}message-reader.ts`, `envoy${sep}message.ts`];

const SRC = join(import.meta.dirname, '../src');

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('.ts') && !path.includes(`${sep}generated${sep}`),
);

const imports = new Map(files.map((path) => [path, importsOf(path)]));

/** What a file imports from src/, as paths below it. */
function importsOf(path: string): string[] {
  const text = readFileSync(join(SRC, path), 'utf8');
  return [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, target]) =>
    relative(SRC, join(SRC, dirname(path), target as string)).replace(/\.js$/, '.ts'),
  );
}

/** The folders of src/ that a file imports from, its own left out. */
function foldersUsed(path: string): string[] {
  const own = path.split(sep)[0];
  return (imports.get(path) ?? [])
    .map((target) => target.split(sep)[0] as string)
    .filter((folder) => folder !== own);
}

it.each(Object.entries(USES))('src/%s uses what it may', (folder, may) => {
  const own = files.filter((path) => path.startsWith(folder + sep));
  expect(own.length).toBeGreaterThan(0);
  const wrong = own.flatMap((path) =>
    foldersUsed(path)
      .filter((used) => !GROUND.includes(used) && !may.includes(used))
      .map((used) => `${path} uses ${used}`),
  );
  expect(wrong).toEqual([]);
});

it.each(GROUND)('src/%s uses nothing', (folder) => {
  const own = files.filter((path) => path.startsWith(folder + sep));
  expect(own.length).toBeGreaterThan(0);
  expect(own.filter((path) => foldersUsed(path).length > 0)).toEqual([]);
});

describe.each(Object.entries(ROOMS))('the rooms of src/%s', (folder, rooms) => {
  it.each(Object.entries(rooms))('%s uses what it may', (room, may) => {
    const prefix = join(folder, room) + sep;
    const own = files.filter((path) => path.startsWith(prefix));
    expect(own.length).toBeGreaterThan(0);
    const wrong = own.flatMap((path) =>
      (imports.get(path) ?? [])
        .filter((target) => target.startsWith(folder + sep) && !target.startsWith(prefix))
        .map((target) => relative(folder, target).split(sep)[0] as string)
        .filter((used) => !may.includes(used))
        .map((used) => `${path} uses ${used}`),
    );
    expect(wrong).toEqual([]);
  });
});

it('no files import each other in a circle', () => {
  expect(circles().filter((circle) => circle.join() !== HALVES.join())).toEqual([]);
});

/** Files that lead back to themselves, sorted within each circle (strongly connected components). */
function circles(): string[][] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const visit = (path: string): void => {
    order.set(path, order.size);
    lowest.set(path, order.get(path) as number);
    stack.push(path);
    for (const target of imports.get(path) ?? []) {
      if (!imports.has(target)) continue;
      if (!order.has(target)) visit(target);
      else if (!stack.includes(target)) continue;
      lowest.set(path, Math.min(lowest.get(path) as number, lowest.get(target) as number));
    }
    if (lowest.get(path) !== order.get(path)) return;
    const circle = stack.splice(stack.indexOf(path));
    if (circle.length > 1) found.push(circle.sort());
  };
  for (const path of files) if (!order.has(path)) visit(path);
  return found;
}

it('no folder but the one of rules holds more than 40 files', () => {
  const counts = new Map<string, number>();
  for (const path of files) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  counts.delete(join('validate', 'rules'));
  expect([...counts].filter(([, count]) => count > 40)).toEqual([]);
});

it('only cli/ and the library index are above', () => {
  const folders = new Set(files.map((path) => path.split(sep)[0]));
  expect([...folders].sort()).toEqual([...GROUND, ...Object.keys(USES), 'cli', 'index.ts'].sort());
});

it('only cli/, and what runs live, touches files, the environment and the terminal', () => {
  const touching = files.filter(
    (path) =>
      !['cli', 'ca', 'agent', 'rehearse'].includes(path.split(sep)[0] as string) &&
      /from 'node:(?:fs|child_process|os|tty|readline)|\bprocess\.(?:env|stdout|stderr|argv|cwd)\b|\bDate\.now\(\)|new Date\(\)/.test(
        readFileSync(join(SRC, path), 'utf8'),
      ),
  );
  expect(touching).toEqual([]);
});
