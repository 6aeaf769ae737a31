// Other people's configurations, upgraded and converted, tried with the real Envoy. What xdsc refuses has a
// reason; what Envoy refuses stands on a list, with the proof that the input is at fault.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { convert } from '../../src/convert/convert.js';
import { deliver } from '../../src/convert/delivery.js';
import { readSource } from '../../src/source/document.js';
import { readConfigs } from '../../src/tls/configs.js';
import { sharedFolder } from '../shared.js';
import { type Candidate, Trial } from './acceptance.js';
import { ENVOY, NO_ENVOY } from './envoy.js';
import { REFUSED } from './refused.js';

const corpus = sharedFolder('corpus');

interface Entry {
  readonly file: string;
  readonly templated: boolean;
}

const files: string[] =
  corpus === undefined
    ? []
    : readFileSync(join(corpus, 'INDEX.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .map((line): Entry => JSON.parse(line))
        .filter(({ templated }) => !templated)
        .map(({ file }) => file);

function textOf(file: string): string {
  return readFileSync(join(corpus as string, file), 'utf8');
}

/** The versions of the configurations in a file; none where it holds none. */
function versionsOf(file: string): Set<string> {
  const { configs } = readConfigs(readSource(file, textOf(file)), undefined);
  return new Set(configs.map(({ detected }) => detected.api));
}

describe.skipIf(corpus === undefined || ENVOY === undefined)(`Envoy (${ENVOY ?? NO_ENVOY})`, () => {
  let trial: Trial;
  beforeAll(async () => {
    trial = await Trial.open();
  });
  afterAll(() => trial.close());

  /** The candidates that Envoy refuses, with what it says. */
  async function refusedOf(candidates: readonly Candidate[]): Promise<[name: string, reason: string][]> {
    const verdicts = await trial.verdicts(ENVOY as string, candidates);
    return [...verdicts].flatMap(([name, reason]) =>
      reason === undefined ? [] : [[name, reason] as const],
    ) as [string, string][];
  }

  test('v2 files, upgraded', { timeout: 300_000 }, async () => {
    let refusedHere = 0;
    const candidates = files.flatMap((name): Candidate[] => {
      if (!versionsOf(name).has('v2')) return [];
      const { files: made, findings } = convert([{ name, text: textOf(name) }], { to: 'v3' });
      const errors = findings.filter(({ level }) => level === 'error');
      for (const { message } of errors) expect(message.length).toBeGreaterThan(10);
      if (errors.length === 0) return [{ name, text: [...(made[0]?.chunks() ?? [])].join('') }];
      refusedHere++;
      return [];
    });
    const refused = await refusedOf(candidates);
    console.log(
      `v2 corpus, --to v3: ${candidates.length - refused.length} accepted, ${refusedHere} refused by xdsc with a reason, ${refused.length} refused by Envoy`,
    );
    for (const [name, reason] of refused) {
      const known = REFUSED.get(name);
      expect(known, `${name}: ${reason.slice(0, 300)}`).toBeDefined();
      expect(reason).toMatch(known?.message as RegExp);
    }
    expect(candidates.length).toBeGreaterThanOrEqual(150);
  });

  test('v3 files with file mounts, converted to SDS', { timeout: 300_000 }, async () => {
    const delivery = deliver({ provider: 'istio', allFiles: true });
    if ('problem' in delivery) throw new Error(delivery.problem);
    const { provider } = delivery;
    const node = { id: 'node', cluster: 'cluster' };
    const converted = (name: string, to: { to?: 'v3' }): string | undefined => {
      const result = convert([{ name, text: textOf(name) }], { provider, node, ...to });
      const moved = result.contexts.some(({ api, secrets }) => api === 'v3' && secrets.length > 0);
      return moved ? [...(result.files[0]?.chunks() ?? [])].join('') : undefined;
    };
    const candidates = files.flatMap((name): Candidate[] => {
      const text = versionsOf(name).has('v3') ? converted(name, {}) : undefined;
      return text === undefined ? [] : [{ name, text }];
    });
    const refused = await refusedOf(candidates);
    // What today's Envoy refuses was refused before, for what else is in it: the API has moved on.
    const before = new Map(await refusedOf(refused.map(([name]) => ({ name, text: textOf(name) }))));
    const caused = refused.filter(([name]) => !before.has(name));
    const again = await refusedOf(
      refused.flatMap(([name]) => {
        const text = converted(name, { to: 'v3' });
        return text === undefined ? [] : [{ name, text }];
      }),
    );
    console.log(
      `v3 corpus, to SDS: ${candidates.length - refused.length} of ${candidates.length} accepted, ${refused.length - caused.length} whose input Envoy refuses as well; of these ${refused.length - again.length} accepted with --to v3`,
    );
    for (const [name, reason] of again) console.log(`  ${name}: ${reason.slice(0, 160)}`);
    expect(caused).toEqual([]);
    expect(candidates.length).toBeGreaterThanOrEqual(30);
  });
});
