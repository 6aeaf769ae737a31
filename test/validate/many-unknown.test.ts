// A map of data in the wrong place: its names are told, but not ten thousand times over.

import { expect, test } from 'vitest';
import { validate } from '../../src/validate/validate.js';

test('unknown names beyond a thousand are counted', () => {
  const data = Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`label_${i}`, i]));
  const text = JSON.stringify({ static_resources: { clusters: [{ name: 'orders', ...data }] } });
  const unknown = validate([{ name: 'envoy.json', text }]).findings.filter(
    ({ code }) => code === 'unknown-field',
  );
  expect(unknown).toHaveLength(1001);
  expect(unknown.filter(({ message }) => message.includes('and in 499 other places'))).toHaveLength(1);
});
