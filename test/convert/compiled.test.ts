// What is compiled to v3 is what is compiled to v2 and upgraded, and the two trust alike: static bootstraps and
// discovery responses of all conformance inputs.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { JSON_FORM, RESOURCE_KINDS, type ResponseForm } from '../../src/compile/output/response.js';
import { inV3 } from '../../src/compile/output/v3-form.js';
import { responseWriter } from '../../src/compile/output/writer.js';
import { convert } from '../../src/convert/convert.js';
import { diff } from '../../src/diff/diff.js';
import { verdictText } from '../../src/diff/verdict.js';
import { caseBootstrap } from '../compile/bootstrap/case-bootstrap.js';
import { compileCase } from '../compile/conformance.js';
import { sharedFolder } from '../shared.js';

const folder = sharedFolder('conformance/istio-1.1.7');
const cases = folder === undefined ? [] : readdirSync(folder).sort();

function upgraded(text: string): string {
  const { files, findings } = convert([{ name: 'v2.json', text }], { to: 'v3' });
  expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
  return [...(files[0]?.chunks() ?? [])].join('');
}

/** Objects compare by their members, in whatever order. */
function inOrder(text: string): string {
  return JSON.stringify(JSON.parse(text), (_, value) =>
    typeof value !== 'object' || value === null || Array.isArray(value)
      ? value
      : Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))),
  );
}

/** Where two texts part; empty where they do not. Whole ones would take long to print. */
function firstDifference(a: string, b: string): string {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return a === b ? '' : `${a.slice(at - 100, at + 100)} <> ${b.slice(at - 100, at + 100)}`;
}

describe.skipIf(folder === undefined)('the conformance inputs', () => {
  const path = (name: string): string => join(folder as string, name);

  test.each(cases)('%s: a v3 bootstrap equals the upgraded v2 bootstrap and has the same trust', (name) => {
    const [v2, v3] = [caseBootstrap(path(name), 'v2'), caseBootstrap(path(name), 'v3')];
    expect(firstDifference(inOrder(v3), inOrder(upgraded(v2)))).toBe('');
    const { verdict, changes, findings } = diff(
      [{ name: 'v2.json', text: v2 }],
      [{ name: 'v3.json', text: v3 }],
    );
    expect(findings.map(({ message }) => message)).toEqual([]);
    expect(verdictText(verdict)).toMatch(/^same trust/);
    // Envoy takes a context of another type for another one, and that is all.
    expect(new Set(changes.map(({ tls }) => tls?.class))).toEqual(
      new Set(changes.length > 0 ? ['disruptive'] : []),
    );
  });

  test.each(cases)('%s: v3 responses equal the upgraded v2 responses', (name) => {
    const { compiled } = compileCase(path(name), 'envoy');
    const texts = (form: ResponseForm) => {
      const writer = responseWriter(form, 0, false);
      return RESOURCE_KINDS.map((kind) => [...writer.response(kind, compiled)].join(''));
    };
    const v3 = texts(inV3(JSON_FORM));
    for (const [at, v2] of texts(JSON_FORM).entries())
      expect(firstDifference(inOrder(v3[at] as string), inOrder(upgraded(v2)))).toBe('');
  });
});
