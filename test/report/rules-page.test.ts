// docs/rules.md says what the rules say. `npm run fixtures:update` writes it anew.

import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { rulesPage } from '../../src/report/rules-page.js';
import { CODES } from '../../src/validate/codes.js';
import { RULE_TEXTS, RULES } from '../../src/validate/rules/index.js';
import { AREAS } from '../../src/validate/startup/areas.js';
import { UPDATE } from '../expected-files.js';

const PAGE = resolve(import.meta.dirname, '../../docs/rules.md');

test('the page on rules is that of the rules', () => {
  const page = rulesPage(RULES, AREAS, CODES);
  if (UPDATE) writeFileSync(PAGE, page);
  expect(readFileSync(PAGE, 'utf8')).toBe(page);
});

test.each(RULE_TEXTS.map((rule) => [rule.code, rule] as const))(
  '%s is described in whole words',
  (code, rule) => {
    expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(rule.finds).toMatch(/^[a-z].*[^.]$/i);
    expect(rule.why).toMatch(/^(?:[A-Z]|gRPC|v\d).*\.$/s);
    expect(rule.remedy).toMatch(/[^.]$/);
    expect(rule.source.length).toBeGreaterThan(5);
  },
);
