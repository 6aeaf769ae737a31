// A provider is one file and one line in the list; a fixture shows what it writes, and the docs say when to use it.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROVIDERS } from '../../src/tls/providers/providers.js';

const ROOT = join(import.meta.dirname, '../..');
const CASES = join(ROOT, 'fixtures/convert');

const [standard] = PROVIDERS;

/** The providers that fixtures convert to. */
const shown = new Set(
  readdirSync(CASES).map((name) => {
    const files = readdirSync(join(CASES, name));
    const args = files.includes('args.txt') ? readFileSync(join(CASES, name, 'args.txt'), 'utf8') : '';
    return /^--provider\s+(\S+)$/m.exec(args)?.[1] ?? standard.name;
  }),
);

describe.each(PROVIDERS)('$name', ({ name }) => {
  it('has a fixture', () => {
    expect(shown, `add fixtures/convert/provider-${name}/, then npm run fixtures:update`).toContain(name);
  });

  it('is in docs/convert.md', () => {
    expect(readFileSync(join(ROOT, 'docs/convert.md'), 'utf8')).toMatch(new RegExp(`^\\| \`${name}\``, 'm'));
  });
});

it('no two providers have one name', () => {
  expect(new Set(PROVIDERS.map(({ name }) => name)).size).toBe(PROVIDERS.length);
});
