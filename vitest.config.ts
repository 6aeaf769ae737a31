// Three sets of tests. `npm run test:fast` runs what takes milliseconds, after each edit; `npm test` runs the slow
// tests too; `npm run test:long` runs what takes minutes: files named *.long.test.ts.

import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const { version } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8'));

/** Tests that start processes, a browser or Envoy, read ../shared, or try every message of the API. */
export const SLOW: readonly string[] = [
  'test/**/{conformance,corpus,real-envoy}.test.ts',
  'test/{agent,ca}/**/*.test.ts',
  'test/ci.test.ts',
  'test/cli/{bad-output,completion,git-diff,process,sds-server}.test.ts',
  'test/compile/all.test.ts',
  'test/docs/**/*.test.ts',
  'test/plan/commands.test.ts',
  'test/lsp/**/*.test.ts',
  'test/convert/{compiled,random,upgrade-twice}.test.ts',
  'test/envoy/schema/{differential,json-schema,mutants}.test.ts',
  'test/real-envoy/**/*.test.ts',
  'test/report/html.test.ts',
  'test/secrecy/random.test.ts',
];

const LONG = ['test/**/*.long.test.ts'];

export default defineConfig({
  define: { XDSC_VERSION: JSON.stringify(version) },
  test: {
    testTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: [...SLOW, ...LONG],
          // Loading the sources anew for each file takes twice as long as the tests, so files share them.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'slow', include: [...SLOW], exclude: LONG } },
      { extends: true, test: { name: 'long', include: LONG } },
    ],
  },
});
