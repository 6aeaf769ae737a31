// `compile` against what istiod 1.29 sends for the same input: all cases beside the project.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sharedFolder } from '../shared.js';
import { compareCase, compileCase, KINDS } from './istiod-conformance.js';

const folder = sharedFolder('conformance/istio-1.29');
describe.skipIf(folder === undefined)('istio-1.29', () => {
  const cases =
    folder === undefined
      ? []
      : readdirSync(folder)
          .filter((name) => existsSync(join(folder, name, 'proxy.json')))
          .sort();
  const table = new Map(KINDS.map((kind) => [kind, { cases: 0, equal: 0, total: 0 }]));
  it.each(cases)('%s', (name) => {
    const path = join(folder as string, name);
    const { compiled, findings } = compileCase(path);
    const results = compareCase(path, compiled);
    for (const kind of KINDS) {
      const row = table.get(kind);
      const result = results.get(kind);
      if (row === undefined || result === undefined) continue;
      row.equal += result.equal;
      row.total += result.total;
      if (result.differences.length === 0) row.cases++;
    }
    expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
    expect(KINDS.flatMap((kind) => results.get(kind)?.differences ?? [])).toEqual([]);
  });
  it('table', () => {
    const rows = [...table].map(
      ([kind, row]) =>
        `${kind.padEnd(10)} ${row.cases}/${cases.length} cases  ${row.equal}/${row.total} resources`,
    );
    console.log(`istio-1.29\n${rows.join('\n')}`);
  });
});
