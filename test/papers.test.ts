// The papers for contributors and readers name what exists. Their commands are tried in test/docs.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const PAPERS = [
  ...readdirSync(ROOT).filter((file) => file.endsWith('.md')),
  ...readdirSync(join(ROOT, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
];

function read(paper: string): string {
  return readFileSync(join(ROOT, paper), 'utf8');
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchors(text: string): Set<string> {
  return new Set(
    [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
      (heading as string)
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\- _]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

describe.each(PAPERS)('%s', (paper) => {
  test('links to files and headings that exist', () => {
    const text = read(paper).replace(/```[\s\S]*?```/g, '');
    const broken = [...text.matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)/g)].flatMap(
      ([link, path = '', anchor]) => {
        const target = path === '' ? join(ROOT, paper) : resolve(ROOT, dirname(paper), path);
        if (!existsSync(target)) return [link];
        if (anchor === undefined) return [];
        return anchors(readFileSync(target, 'utf8')).has(anchor) ? [] : [link];
      },
    );
    expect(broken).toEqual([]);
  });
});

/** A number of things that change with the code: `44 rules`, `2,237 messages`. */
const COUNT =
  /\b(?:\d{2}[\d,]*|\w+teen|\w+ty(?:-\w+)?) (?:rules|messages|mutants|fixtures|tests|codes|providers|quirks|commands|kinds of edits)\b/gi;

test.each([...PAPERS, 'package.json'])('%s has no count that the next change makes wrong', (paper) => {
  const prose = read(paper).replace(/```[\s\S]*?```/g, '');
  expect(prose.match(COUNT)).toBeNull();
});

test('every page of docs/ is in its index', () => {
  const index = read('docs/README.md');
  const pages = PAPERS.filter((paper) => paper.startsWith('docs') && paper !== join('docs', 'README.md'));
  expect(pages.filter((page) => !index.includes(`(${page.slice('docs/'.length)})`))).toEqual([]);
});

describe.each(['docs/architecture.md', 'CONTRIBUTING.md'])('%s', (paper) => {
  test('names files and folders that exist', () => {
    const named = [...read(paper).matchAll(/`((?:src|test|docs|fixtures|proto|scripts)\/[\w./-]*)`/g)].map(
      ([, path]) => path as string,
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

test('the five journeys of the architecture name files', () => {
  const journeys = read('docs/architecture.md').split(/^### /m).slice(1);
  expect(journeys).toHaveLength(5);
  for (const journey of journeys)
    expect([...journey.matchAll(/`src\/[\w./-]+\.ts`/g)].length).toBeGreaterThan(4);
});

test('CONTRIBUTING.md names scripts that exist', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = [...read('CONTRIBUTING.md').matchAll(/`npm run ([\w:]+)`/g)].map(
    ([, name]) => name as string,
  );
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});
