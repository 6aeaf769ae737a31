// Attacks on the verdict: each change of a proxy that changes trust, in both versions of the API, in both
// directions, in several forms and words, must not be called the same; what changes nothing must be.

import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { type DiffInput, diff } from '../../src/diff/diff.js';
import { readSource } from '../../src/source/document.js';
import { Random } from '../source/random.js';
import { ATTACKS, NAMES, NEUTRAL, proxy } from './attacks.js';
import type { Json } from './configurations.js';
import { inOtherWords } from './other-words.js';

const FIRST = Number(process.env.XDSC_SEED ?? 1);
const APIS = ['v2', 'v3'] as const;
type Api = (typeof APIS)[number];

/** A proxy as texts: one or several, in JSON or YAML. */
function side(value: Json, api: Api, random: Random): DiffInput[] {
  const names = NAMES[api];
  const any = (type: string) => (one: Json) => ({ '@type': `type.googleapis.com/${type}`, ...one });
  const write = (one: Json, i: number): DiffInput =>
    random.chance(2)
      ? { name: `${i}.json`, text: JSON.stringify(one) }
      : { name: `${i}.yaml`, text: stringify(one, { aliasDuplicateObjects: false }) };
  if (random.chance(2)) return [write(value, 0)];
  const { listeners, clusters, ...others } = value.static_resources;
  const parts = [
    { ...value, static_resources: others },
    { resources: clusters.map(any(names.cluster)) },
    { resources: listeners.map(any(names.listener)) },
  ];
  return parts.map(write);
}

/** The same in other words. */
function reworded(inputs: readonly DiffInput[], random: Random): DiffInput[] {
  return inputs.flatMap(({ name, text }) =>
    readSource(name, text).documents.flatMap((document) => {
      const words = inOtherWords(document, random.below(1_000_000));
      return words === undefined ? [{ name, text }] : [{ name: `${name}.json`, text: JSON.stringify(words) }];
    }),
  );
}

describe.each(APIS)('in %s', (api) => {
  const pairs = (all: typeof ATTACKS) =>
    all.filter((one) => one.api === undefined || one.api === api).map((one) => [one.name, one] as const);
  const sides = (attack: (typeof ATTACKS)[number], seed: number): [DiffInput[], DiffInput[]] => {
    const random = new Random(seed);
    const changed = proxy(api);
    attack.change(changed, NAMES[api]);
    if (random.chance(2)) random.pick(NEUTRAL.slice(0, 10)).change(changed, NAMES[api]);
    const [old, now] = [side(proxy(api), api, random), side(changed, api, random)];
    return [old, attack.isOfWords || random.chance(2) ? now : reworded(now, random)];
  };
  const seeds = [FIRST, FIRST + 1, FIRST + 2];

  test.each(pairs(ATTACKS))('%s', (_, attack) => {
    for (const seed of seeds) {
      const [old, now] = sides(attack, seed);
      expect(diff(old, now).verdict.trust, `seed ${seed}`).not.toBe('same');
      if (attack.isOneWay) continue;
      expect(diff(now, old).verdict.trust, `seed ${seed}, back`).not.toBe('same');
    }
  });

  test.each(pairs(NEUTRAL))('neutral: %s', (_, attack) => {
    for (const seed of seeds) {
      const [old, now] = sides(attack, seed);
      const { verdict } = diff(old, now);
      expect(
        verdict.reasons.map(({ tls }) => tls?.message),
        `seed ${seed}`,
      ).toEqual([]);
      expect(verdict.trust, `seed ${seed}`).toBe('same');
    }
  });
});
