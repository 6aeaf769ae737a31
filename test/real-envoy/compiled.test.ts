// What is compiled to v3 for each conformance input, as a static bootstrap, is accepted by the real Envoy.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { caseBootstrap } from '../compile/bootstrap/case-bootstrap.js';
import { sharedFolder } from '../shared.js';
import { type Candidate, Trial } from './acceptance.js';
import { ENVOY, NO_ENVOY } from './envoy.js';

const folder = sharedFolder('conformance/istio-1.1.7');
const cases = folder === undefined ? [] : readdirSync(folder).sort();

describe.skipIf(folder === undefined || ENVOY === undefined)(`Envoy (${ENVOY ?? NO_ENVOY})`, () => {
  let trial: Trial;
  beforeAll(async () => {
    trial = await Trial.open();
  });
  afterAll(() => trial.close());

  test('accepts all conformance inputs, compiled as static bootstraps', { timeout: 240_000 }, async () => {
    const candidates = cases.map(
      (name): Candidate => ({ name, text: caseBootstrap(join(folder as string, name), 'v3') }),
    );
    const verdicts = await trial.verdicts(ENVOY as string, candidates);
    const refused = [...verdicts].filter(([, reason]) => reason !== undefined);
    console.log(
      `conformance, compiled to v3: ${verdicts.size - refused.length} of ${verdicts.size} accepted`,
    );
    expect(refused).toEqual([]);
    expect(verdicts.size).toBeGreaterThanOrEqual(84);
  });
});
