// The history of the API against ../shared/facts/envoy-v3/history.tsv: what each version has. Where the facts are
// not present, the comparison is skipped.

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { enumeration, message } from '../../src/envoy/api-table.js';
import { isIn, lifetimeOf } from '../../src/envoy/versions/history.js';

const facts = new URL('../../../shared/facts/envoy-v3/history.tsv', import.meta.url);
const VERSIONS = Array.from({ length: 31 }, (_, i) => i + 10);

/** Whether a version is among those of the facts: `1.11-1.13,1.15-`, or a first version alone. */
function includes(text: string, minor: number): boolean {
  return text.split(',').some((range) => {
    const [first = '', last = ''] = range.split('-').map((one) => one.slice(2));
    return Number(first || 0) <= minor && minor <= (last === '' ? 99 : Number(last));
  });
}

describe.skipIf(!existsSync(facts))('the history', () => {
  it('says of each element of the API table in which versions it is, deprecated and disallowed', () => {
    const wrong: string[] = [];
    let [type, own, count] = ['', '', 0];
    for (const line of readFileSync(facts, 'utf8').split('\n')) {
      const [kind = '', name = '', versions = '', deprecated = '', disallowed = ''] = line.split('\t');
      if (!/^[MEfv]$/.test(kind)) {
        if (kind === 'S') type = '';
        continue;
      }
      const isType = kind === 'M' || kind === 'E';
      if (isType) [type, own] = [name, versions];
      if (type === '' || (message(type) === undefined && enumeration(type) === undefined)) continue;
      const found = isType ? lifetimeOf(type) : lifetimeOf(type, name.slice(1));
      const element = isType ? type : type + name;
      for (const minor of VERSIONS) {
        count++;
        const expected = [
          includes(versions || own, minor),
          deprecated !== '' && includes(deprecated, minor),
          disallowed !== '' && includes(disallowed, minor),
        ];
        const said = [found?.present, found?.deprecated, found?.disallowed].map((ranges) =>
          isIn(ranges ?? [], minor),
        );
        if (said.join() !== expected.join())
          wrong.push(`${element} in 1.${minor}: ${said}, and not ${expected}`);
      }
    }
    expect(wrong.slice(0, 20)).toEqual([]);
    expect(count).toBeGreaterThan(50_000);
  });
});
