// The reading of the policies agrees with matrices that are written by hand, for each mesh of the fixtures.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connectionName, connectionsOf } from '../../src/rehearse/calls.js';
import { expectedCalls, policiesOf } from '../../src/rehearse/expected-calls.js';
import { readExpected } from '../../src/rehearse/expected-file.js';
import { MATRIX, MESHES, meshNamed, withMatrix } from './meshes.js';

test.each(withMatrix())('%s', (name) => {
  const { cluster, inputs } = meshNamed(name);
  const names = connectionsOf(cluster).map(connectionName);
  const text = readFileSync(join(MESHES, name, MATRIX), 'utf8');
  const { expected, findings } = readExpected(MATRIX, text, names);
  expect(findings).toEqual([]);
  const read = expectedCalls(cluster, policiesOf(inputs, cluster), new Map());
  expect(names.length).toBeGreaterThan(3);
  expect(
    Object.fromEntries(read.map((one) => [connectionName(one.connection), one.expected.outcome])),
  ).toEqual(Object.fromEntries(expected));
});
