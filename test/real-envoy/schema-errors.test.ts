// The files of the corpus that the schema check finds errors in, tried with the real Envoy: it refuses them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CORPUS_FINDINGS } from '../envoy/schema/corpus-findings.js';
import { sharedFolder } from '../shared.js';
import { Trial } from './acceptance.js';
import { ENVOY, NO_ENVOY } from './envoy.js';

const corpus = sharedFolder('corpus');

/** Those that are tried without what is wrong in them, or not at all; and why. */
const UNTRIED: Readonly<Record<string, string>> = {
  'fragments/envoy-mobile__config.cc_2022-11-30-ea912a.yaml': 'the trial names a cluster without a name',
  'fragments/envoy_frag__filter_chain_benchmark_test.cc_L139_43bb29.yaml': 'of v2 alone',
  'istio/istio__envoy_configdump_testdata_bootstrapdump_1.0.0.json': 'a dump',
  'istio/istio__envoy_configdump_testdata_configdump_1.0.0.json': 'a dump',
  'istio/istio__util_configdump_testdata_configdump_1.0.0.json': 'a dump',
  'istio/istio__writer_compare_testdata_envoyconfigdump_1.0.0.json': 'a dump',
  'others/kuma__generator_testdata_template-proxy_1-envoy-config.golden_0ff294.yaml':
    'the trial takes the type of v2 from its resource',
  'others/proxy__testdata_transport_socket_client_bc18b5.yaml': 'the trial names a cluster without a name',
};

describe.skipIf(corpus === undefined || ENVOY === undefined)(`Envoy (${ENVOY ?? NO_ENVOY})`, () => {
  let trial: Trial;
  beforeAll(async () => {
    trial = await Trial.open();
  });
  afterAll(() => trial.close());

  test('refuses what has errors', { timeout: 300_000 }, async () => {
    const candidates = Object.keys(CORPUS_FINDINGS).map((name) => ({
      name,
      text: readFileSync(join(corpus as string, name), 'utf8'),
    }));
    const verdicts = await trial.verdicts(ENVOY as string, candidates);
    const accepted = [...verdicts].flatMap(([name, reason]) => (reason === undefined ? [name] : []));
    console.log(`${candidates.length} files with errors: ${candidates.length - accepted.length} refused`);
    expect(accepted).toEqual(Object.keys(UNTRIED));
  });
});
