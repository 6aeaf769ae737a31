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
const VERSIONS = [
  ['v2', 'v2'],
  ['v3', 'v3'],
  ['v2', 'v3'],
] as const;
type Api = 'v2' | 'v3';

/** A proxy as texts: one or several, in JSON or YAML. */
function side(proxy: Json, api: Api, random: Random): DiffInput[] {
  let value = proxy;
  const names = NAMES[api];
  const any = (type: string) => (one: Json) => ({ '@type': `type.googleapis.com/${type}`, ...one });
  const write = (one: Json, i: number): DiffInput =>
    random.chance(2)
      ? { name: `${i}.json`, text: JSON.stringify(one) }
      : { name: `${i}.yaml`, text: stringify(one, { aliasDuplicateObjects: false }) };
  if (api === 'v2' && random.chance(2)) value = earlierForm(value);
  if (random.chance(3)) return [write(value, 0)];
  if (random.chance(3)) return [write(dump(value, api), 0)];
  const { listeners, clusters, ...others } = value.static_resources;
  const parts = [
    { ...value, static_resources: others },
    { resources: clusters.map(any(names.cluster)) },
    { resources: listeners.map(any(names.listener)) },
  ];
  return parts.map(write);
}

/** Contexts as v2 had them before there were transport sockets. */
function earlierForm(value: Json): Json {
  if (Array.isArray(value)) return value.map(earlierForm);
  if (typeof value !== 'object' || value === null) return value;
  const { transport_socket: socket, ...rest } = value;
  const others = Object.entries(rest).map(([name, member]) => [name, earlierForm(member)]);
  if (!/TlsContext$/.test(socket?.typed_config?.['@type'] ?? '') || value.match !== undefined)
    return Object.fromEntries(socket === undefined ? others : [...others, ['transport_socket', socket]]);
  const { '@type': _, ...context } = socket.typed_config;
  return Object.fromEntries([...others, ['tls_context', context]]);
}

/** What the admin interface shows. */
function dump(value: Json, api: Api): Json {
  const admin = `type.googleapis.com/envoy.admin.${api === 'v2' ? 'v2alpha' : 'v3'}`;
  const { listeners, clusters, ...others } = value.static_resources;
  const any = (type: string) => (one: Json) => ({ '@type': `type.googleapis.com/${type}`, ...one });
  return {
    configs: [
      { '@type': `${admin}.BootstrapConfigDump`, bootstrap: { ...value, static_resources: others } },
      {
        '@type': `${admin}.ClustersConfigDump`,
        static_clusters: clusters.map((one: Json) => ({ cluster: any(NAMES[api].cluster)(one) })),
      },
      {
        '@type': `${admin}.ListenersConfigDump`,
        static_listeners: listeners.map((one: Json) => ({ listener: any(NAMES[api].listener)(one) })),
      },
    ],
  };
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

describe.each(VERSIONS)('%s and %s', (older, api) => {
  const pairs = (all: typeof ATTACKS) =>
    all.filter((one) => one.api === undefined || one.api === api).map((one) => [one.name, one] as const);
  const sides = (attack: (typeof ATTACKS)[number], seed: number): [DiffInput[], DiffInput[]] => {
    const random = new Random(seed);
    const changed = proxy(api);
    attack.change(changed, NAMES[api]);
    if (random.chance(2)) random.pick(NEUTRAL.slice(0, 10)).change(changed, NAMES[api]);
    const [old, now] = [side(proxy(older), older, random), side(changed, api, random)];
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
