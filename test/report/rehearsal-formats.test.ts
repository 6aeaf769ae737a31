// The result of a rehearsal in all its forms.

import { expect, test } from 'vitest';
import type { Rehearsal } from '../../src/rehearse/proof.js';
import { PLAIN } from '../../src/report/finding-text.js';
import { formatRehearsal } from '../../src/report/rehearsal-formats.js';

const RESULT: Rehearsal = {
  ok: false,
  setting: '2 workloads, Envoy 1.40.0',
  proofs: [
    { name: 'calls', ok: true, requests: 4, failed: 0, detail: '4 with mTLS', problems: [] },
    {
      name: 'rotation',
      ok: false,
      requests: 1,
      failed: 1,
      milliseconds: 12,
      detail: 'three rotations',
      problems: Array.from({ length: 12 }, (_, i) => `a → b:${i} <lost>`),
    },
  ],
};

const as = (format: Parameters<typeof formatRehearsal>[1], result = RESULT): string =>
  formatRehearsal(result, format, PLAIN);

test('text', () => {
  expect(as('pretty')).toBe(`2 workloads, Envoy 1.40.0
✓ calls     4 requests, 0 failed; 4 with mTLS
✗ rotation  1 request, 1 failed, 12 ms; three rotations
${Array.from({ length: 10 }, (_, i) => `    a → b:${i} <lost>\n`).join('')}    … and 2 more
1 of 2 proofs failed
`);
  expect(as('pretty', { ...RESULT, ok: true, proofs: RESULT.proofs.slice(0, 1) })).toContain(
    'the proof holds',
  );
});

test('JSON has a line for each proof, and all problems', () => {
  const { ok, proofs } = JSON.parse(as('json'));
  expect(ok).toBe(false);
  expect(proofs[0]).toEqual({ name: 'calls', ok: true, requests: 4, failed: 0, detail: '4 with mTLS' });
  expect(proofs[1]).toMatchObject({ name: 'rotation', ok: false, milliseconds: 12 });
  expect(proofs[1].problems).toHaveLength(12);
});

test('JUnit has a test for each proof', () => {
  const xml = as('junit');
  expect(xml).toContain('tests="2" failures="1"');
  expect(xml).toContain('<testcase classname="rehearsal" name="calls" time="0"/>');
  expect(xml).toContain('<failure message="a → b:0 &lt;lost&gt;" type="failed">');
});

test('Markdown keeps names text', () => {
  expect(as('markdown')).toContain('| ❌ | rotation | 1 request, 1 failed, 12 ms | three rotations |');
  expect(as('markdown')).not.toContain('<lost>');
});
