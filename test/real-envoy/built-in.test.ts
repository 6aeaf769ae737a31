// What the output of xdsc counts on is built into this Envoy, and it accepts every v3 output of the fixtures.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { detect } from '../../src/envoy/detect.js';
import { readSource } from '../../src/source/document.js';
import { googleGrpcSource } from '../../src/tls/sds-source.js';
import { type Candidate, Trial } from './acceptance.js';
import { ENVOY, extensionsOf, NO_ENVOY, refusal } from './envoy.js';

const FIXTURES = resolve(import.meta.dirname, '../../fixtures');

test('there is an Envoy in CI', () => {
  if (process.env.CI && ENVOY === undefined) throw new Error(NO_ENVOY);
  if (ENVOY === undefined) console.log(`skipped: ${NO_ENVOY}`);
});

/** The outputs of fixtures that are v3, by the case's name and the file's. */
function v3Outputs(): Candidate[] {
  return ['convert', 'compile', 'bootstrap'].flatMap((command) => {
    const folder = join(FIXTURES, command);
    if (!existsSync(folder)) return [];
    return readdirSync(folder).flatMap((name) =>
      readdirSync(join(folder, name))
        .filter((file) => /^expected-.*\.(?:json|ya?ml)$/.test(file))
        .map((file) => ({
          name: `${command}/${name}/${file}`,
          text: readFileSync(join(folder, name, file), 'utf8'),
        }))
        // Envoy refuses merge keys, which convert leaves as they are and warns of.
        .filter((candidate) => isV3(candidate) && !/^ *-? *<<:/m.test(candidate.text)),
    );
  });
}

function isV3({ text }: Candidate): boolean {
  if (!/\.v3\./.test(text)) return false;
  return readSource('output', text).documents.some(({ tape }) => detect(tape).api === 'v3');
}

describe.skipIf(ENVOY === undefined)(`Envoy (${ENVOY ?? NO_ENVOY})`, () => {
  let trial: Trial;
  beforeAll(async () => {
    trial = await Trial.open();
  });
  afterAll(() => trial.close());

  test('has google_grpc and the credentials from a file', { timeout: 60_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'xdsc-built-in-'));
    try {
      const token = { kind: 'token', filename: join(folder, 'token') } as const;
      writeFileSync(token.filename, 'token');
      const source = googleGrpcSource(`unix:${folder}/socket`, token, '1.1', 'v3');
      const file = join(folder, 'envoy.json');
      writeFileSync(
        file,
        JSON.stringify({ node: { id: 'a', cluster: 'b' }, dynamic_resources: { lds_config: source } }),
      );
      // Without google_grpc: "Google gRPC C++ client is not linked".
      expect(await refusal(ENVOY as string, file)).toBe(undefined);
      expect(await extensionsOf(ENVOY as string, 'envoy.grpc_credentials')).toContain(
        'envoy.grpc_credentials.file_based_metadata',
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('accepts the v3 outputs of the fixtures', { timeout: 120_000 }, async () => {
    const candidates = v3Outputs();
    const verdicts = await trial.verdicts(ENVOY as string, candidates);
    console.log(`fixtures: ${candidates.length} v3 outputs tried`);
    expect([...verdicts].filter(([, reason]) => reason !== undefined)).toEqual([]);
    expect(candidates.length).toBeGreaterThanOrEqual(5);
  });
});
