// Other people's configurations: the rules say nothing untrue of them. Errors are listed, each looked at and
// true; warnings and notes were looked at by kind.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RULES } from '../../src/validate/rules/index.js';
import { validate } from '../../src/validate/validate.js';
import { sharedFolder } from '../shared.js';

const corpus = sharedFolder('corpus');
const conformance = sharedFolder('conformance');
const CODES = new Set(RULES.map(({ code }) => code));

/** What is wrong there: Envoy refuses it, or does unless its command line names the node. */
const KNOWN: Readonly<Record<string, RegExp>> = {
  // Written to be refused.
  'sans-without-ca':
    /^(?:fragments\/envoy_frag__(?:context|listener_manager)_impl_test|.*(?:gw-0[12]|ingress-simple-credname-san-usersds)\/)/,
  // A snapshot of what a control plane holds, which is no bootstrap in the end.
  'static-cluster-ads-secret': /^others\/emissary__gold_authenticationhttpfailuremodeallowtest/,
  // Envoy Gateway, emissary, gloo and the step-sds examples name the node on the command line.
  'no-node':
    /^(?:embedded\/(?:gateway|step-sds)__|others\/(?:Envoy-Pilot|emissary|envoy-mtls|envoy-tls-filebased-sds|gloo|step-sds)__)/,
};

/** Of the conformance sets what Istio 1.1.7 reads and sends; others hold mistakes on purpose. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(?:json|ya?ml)$/.test(file) && !file.startsWith('templated'))
    .filter((file) => folder !== conformance || file.startsWith('istio-1.1.7'))
    .sort();
}

describe.runIf(corpus !== undefined && conformance !== undefined)('the shared material', () => {
  test('has no error but those that are known', () => {
    const unknown: string[] = [];
    const seen = new Set<string>();
    let files = 0;
    for (const folder of [corpus as string, conformance as string]) {
      for (const file of filesIn(folder)) {
        files++;
        const { findings } = validate([
          { name: file, text: readFileSync(join(folder, file), 'utf8'), found: true },
        ]);
        for (const { code, level } of findings) {
          if (level !== 'error' || !CODES.has(code)) continue;
          seen.add(code);
          if (!KNOWN[code]?.test(file)) unknown.push(`${file}: ${code}`);
        }
      }
    }
    expect(unknown).toEqual([]);
    expect([...seen].sort()).toEqual(Object.keys(KNOWN).sort());
    expect(files).toBeGreaterThan(700);
  });
});
