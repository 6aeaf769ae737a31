// What is compiled to v3 for each conformance input, as a static bootstrap, is accepted by the real Envoy; it
// is the same as what is compiled to v2 and converted.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { convert } from '../../src/convert/convert.js';
import type { Api } from '../../src/envoy/detect.js';
import { caseBootstrap } from '../compile/bootstrap/case-bootstrap.js';
import { sharedFolder } from '../shared.js';
import { type Candidate, Trial } from './acceptance.js';
import { ENVOY, NO_ENVOY } from './envoy.js';

const folder = sharedFolder('conformance/istio-1.1.7');
const cases = folder === undefined ? [] : readdirSync(folder).sort();

/** The static bootstrap of a case, in a version of the API. */
function bootstrapOf(name: string, api: Api): string {
  return caseBootstrap(join(folder as string, name), api);
}

function converted(text: string): string {
  const { files, findings } = convert([{ name: 'v2.json', text }], { to: 'v3' });
  expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
  return [...(files[0]?.chunks() ?? [])].join('');
}

/** Objects compare by their members, in whatever order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
}

describe.skipIf(folder === undefined)('the conformance inputs, compiled to v3', () => {
  test.each(cases)('%s is what v2 converted is', (name) => {
    const direct = JSON.stringify(sorted(JSON.parse(bootstrapOf(name, 'v3'))));
    const through = JSON.stringify(sorted(JSON.parse(converted(bootstrapOf(name, 'v2')))));
    expect(firstDifference(direct, through)).toBe('');
  });
});

describe.skipIf(folder === undefined || ENVOY === undefined)(`Envoy (${ENVOY ?? NO_ENVOY})`, () => {
  let trial: Trial;
  beforeAll(async () => {
    trial = await Trial.open();
  });
  afterAll(() => trial.close());

  test('accepts all conformance inputs, compiled as static bootstraps', { timeout: 240_000 }, async () => {
    const candidates = cases.map((name): Candidate => ({ name, text: bootstrapOf(name, 'v3') }));
    const verdicts = await trial.verdicts(ENVOY as string, candidates);
    const refused = [...verdicts].filter(([, reason]) => reason !== undefined);
    console.log(
      `conformance, compiled to v3: ${verdicts.size - refused.length} of ${verdicts.size} accepted`,
    );
    expect(refused).toEqual([]);
    expect(verdicts.size).toBeGreaterThanOrEqual(84);
  });
});

/** Where two texts part; empty where they do not. Whole ones would take long to print. */
function firstDifference(a: string, b: string): string {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return a === b ? '' : `${a.slice(at - 100, at + 100)} <> ${b.slice(at - 100, at + 100)}`;
}
