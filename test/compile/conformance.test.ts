// `compile` against what Istio 1.1.7's Pilot sends for the same input: all cases beside the project.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sharedFolder } from '../shared.js';
import { compareCase, compileCase, KINDS } from './conformance.js';

for (const set of ['istio-1.1.7', 'istio-1.1.7-random']) {
  const folder = sharedFolder(`conformance/${set}`);
  describe.skipIf(folder === undefined)(set, () => {
    const cases = folder === undefined ? [] : readdirSync(folder).sort();
    const table = new Map(KINDS.map((kind) => [kind, { cases: 0, equal: 0, total: 0 }]));
    it.each(cases)('%s', (name) => {
      const path = join(folder as string, name);
      const { compiled, findings } = compileCase(path);
      const results = compareCase(path, compiled);
      for (const kind of KINDS) {
        const row = table.get(kind);
        if (row === undefined) continue;
        row.equal += results[kind].equal;
        row.total += results[kind].total;
        if (results[kind].differences.length === 0) row.cases++;
      }
      expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
      expect(KINDS.flatMap((kind) => results[kind].differences)).toEqual([]);
    });
    it('table', () => {
      const rows = [...table].map(
        ([kind, row]) =>
          `${kind.padEnd(10)} ${row.cases}/${cases.length} cases  ${row.equal}/${row.total} resources`,
      );
      console.log(`${set}\n${rows.join('\n')}`);
    });
  });
}
