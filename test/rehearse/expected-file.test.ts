import { expect, test } from 'vitest';
import { readExpected } from '../../src/rehearse/expected-file.js';

const KNOWN = ['sleep.foo → httpbin.bar:8000', 'sleep.bar → httpbin.bar:8000'];

test('outcomes are read by client and service', () => {
  const { expected, findings } = readExpected(
    'expect.yaml',
    'sleep.foo: {httpbin.bar:8000: mtls}\nsleep.bar:\n  httpbin.bar:8000: refused\n',
    KNOWN,
  );
  expect(findings).toEqual([]);
  expect([...expected]).toEqual([
    ['sleep.foo → httpbin.bar:8000', 'mtls'],
    ['sleep.bar → httpbin.bar:8000', 'refused'],
  ]);
});

test('what is no connection and what is no outcome is said with its place', () => {
  const { findings } = readExpected(
    'expect.yaml',
    'sleep.foo: {httpbin.bar:8001: mtls}\nsleep.bar: {httpbin.bar:8000: mtsl}\nother: mtls\n',
    KNOWN,
  );
  expect(findings).toMatchObject([
    { code: 'expect-file', suggestion: KNOWN[0], region: { line: 1, column: 13 } },
    { code: 'expect-file', expected: 'mtls, plain, denied, refused', region: { line: 2, column: 31 } },
    { code: 'expect-file', region: { line: 3, column: 1 } },
  ]);
});
