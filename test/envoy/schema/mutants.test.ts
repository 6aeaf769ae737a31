// Every fault that is made on purpose in a message of every type is found, once, at its path and line; and
// the messages that they are made in have none.

import { expect, test } from 'vitest';
import { type MessageInfo, message, messageNames } from '../../../src/envoy/api-table.js';
import { apiOfType } from '../../../src/envoy/schema/type-names.js';
import type { Finding } from '../../../src/finding/finding.js';
import { type Mutant, mutantsOf } from './mutants.js';
import { checkResponse, FIRST_LINE, type Members, response } from './response.js';
import { specimen } from './specimen.js';

const TYPES = messageNames()
  .filter((name) => apiOfType(name) !== undefined || name.startsWith('istio.'))
  .map((name) => message(name) as MessageInfo);

function check(type: MessageInfo, members: Members): Finding[] {
  return checkResponse(type, response(type, members));
}

/** What is right and pointed out: old, new, or in few builds. Where which is said, versions.test.ts looks. */
const REMARKS: ReadonlySet<string> = new Set([
  'deprecated-field',
  'work-in-progress',
  'not-in-version',
  'not-in-build',
]);

const isFault = ({ level, code }: Finding): boolean => level !== 'note' && !REMARKS.has(code);

/** What the newest Envoy, and a build without contrib, are said not to have. */
const isAbsent = ({ code }: Finding): boolean => code === 'not-in-version' || code === 'not-in-build';

/** What is wrong with how a mutant was found; undefined where nothing is. */
function misjudged(mutant: Mutant): string | undefined {
  const found = check(mutant.type, mutant.members).filter(isFault);
  const lines = found.map(({ code, path, region }) => `${code} ${path} in line ${region?.line}`);
  const path = mutant.path === '' ? 'resources[1]' : `resources[1].${mutant.path}`;
  const line = FIRST_LINE + mutant.member + 1;
  const expected = mutant.codes.map((code) => `${code} ${path} in line ${line}`);
  if (lines.length === 1 && expected.includes(lines[0] as string)) return undefined;
  return `${mutant.type.name}, ${mutant.kind}: expected ${expected.join(' or ')}, found ${lines.join('; ') || 'nothing'}`;
}

test('messages that are right have no fault', () => {
  const wrong = TYPES.flatMap((type) =>
    check(type, Object.entries(specimen(type)))
      .filter(isFault)
      .map(({ code, path }) => `${type.name}: ${code} ${path}`),
  );
  expect(wrong).toEqual([]);
}, 60_000);

test('messages that the newest Envoy or its usual build lacks are said to be absent, and no others', () => {
  const wrong = TYPES.flatMap((type) => {
    const found = check(type, []).filter(isAbsent);
    const codes = found.map(({ code, level }) => `${code} ${level}`);
    const expected =
      type.last !== undefined ? ['not-in-version error'] : type.contrib ? ['not-in-build warning'] : [];
    return codes.join() === expected.join() ? [] : [`${type.name}: ${codes.join() || 'nothing'}`];
  });
  expect(wrong).toEqual([]);
  expect(TYPES.filter(({ last }) => last !== undefined).map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'envoy.config.listener.v3.ApiListenerManager',
      'envoy.config.listener.v3.FilterChain.OnDemandConfiguration',
    ]),
  );
  expect(message('envoy.config.bootstrap.v3.ApiListenerManager')?.last).toBeUndefined();
}, 60_000);

test('every mutant is caught', () => {
  const counts = new Map<string, number>();
  const wrong: string[] = [];
  for (const type of TYPES) {
    for (const mutant of mutantsOf(type)) {
      counts.set(mutant.kind, (counts.get(mutant.kind) ?? 0) + 1);
      const problem = misjudged(mutant);
      if (problem !== undefined) wrong.push(problem);
    }
  }
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  console.log(
    `${total} mutants of ${TYPES.length} messages: ${[...counts].map(([kind, n]) => `${n} with ${kind}`).join(', ')}`,
  );
  expect(wrong.slice(0, 20)).toEqual([]);
  expect(wrong.length).toBe(0);
  expect(total).toBeGreaterThan(5000);
}, 120_000);
