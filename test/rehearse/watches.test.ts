// More watched files than the kernel allows are an error before any Envoy starts.

import { expect, test } from 'vitest';
import { checkWatches, watchesIn } from '../../src/rehearse/watches.js';

test('each source of discovery is a watch', () => {
  const source = { path_config_source: { path: '/a' } };
  const files = new Map([
    ['a.json', [{ eds: source }, { rds: { config: source } }]],
    ['b.json', { dynamic_resources: { lds_config: source } }],
  ]);
  expect(watchesIn(files)).toBe(3);
  expect(watchesIn(new Map())).toBe(0);
});

test('what is too much is said with a remedy', () => {
  expect(() => checkWatches(1)).not.toThrow();
  expect(() => checkWatches(2 ** 40)).toThrow(
    /watch \d+ files[\s\S]*sysctl -w fs\.inotify\.max_user_instances=/,
  );
});
