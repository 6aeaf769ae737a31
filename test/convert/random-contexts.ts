// Random contexts in every way of writing them: what convert gives is, as messages, what a plain rule on
// values gives. The rule here knows nothing of texts.

import { expect } from 'vitest';
import { parse, stringify } from 'yaml';
import { convert } from '../../src/convert/convert.js';
import { deliver } from '../../src/convert/delivery.js';
import { Random } from '../source/random.js';

type Value = Record<string, unknown>;

/** The random choices that a document is made of. */
class Choices {
  private readonly random: Random;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  chance(probability: number): boolean {
    return this.random.below(1000) < probability * 1000;
  }

  several<T>(most: number, make: (i: number) => T): T[] {
    return Array.from({ length: 1 + this.random.below(most) }, (_, i) => make(i));
  }

  shuffled<T>(items: readonly T[]): T[] {
    return items
      .map((item) => ({ item, key: this.random.below(1 << 20) }))
      .sort((a, b) => a.key - b.key)
      .map(({ item }) => item);
  }
}

const WORKLOAD = {
  chain: '/etc/certs/cert-chain.pem',
  key: '/etc/certs/key.pem',
  root: '/etc/certs/root-cert.pem',
};

function randomCommon(random: Choices): Value {
  const own = random.chance(0.7);
  const files = own ? WORKLOAD : { chain: '/x/tls.crt', key: '/x/tls.key', root: '/x/ca.crt' };
  const common: [string, unknown][] = [];
  if (random.chance(0.8)) {
    common.push([
      'tls_certificates',
      [{ certificate_chain: { filename: files.chain }, private_key: { filename: files.key } }],
    ]);
  }
  if (random.chance(0.8)) {
    const validation: [string, unknown][] = [];
    if (random.chance(0.8)) validation.push(['trusted_ca', { filename: files.root }]);
    if (random.chance(0.6))
      validation.push([
        'verify_subject_alt_name',
        random.several(3, (i) => `spiffe://cluster.local/ns/ü${i}/sa/a`),
      ]);
    if (random.chance(0.3)) validation.push(['crl', { filename: '/etc/crl "quoted"\\.pem' }]);
    if (random.chance(0.2)) validation.push(['allow_expired_certificate', true]);
    common.push(['validation_context', Object.fromEntries(random.shuffled(validation))]);
  }
  if (random.chance(0.6)) common.push(['alpn_protocols', ['h2', 'http/1.1']]);
  if (random.chance(0.3))
    common.push(['tls_params', { tls_minimum_protocol_version: 'TLSv1_2', cipher_suites: ['A', 'B'] }]);
  return Object.fromEntries(random.shuffled(common));
}

/** The rule: the workload's own files become `default` and `ROOTCA`, the rest of the validation the default. */
function expectedCommon(common: Value, block: unknown): Value {
  const secret = (name: string): Value => ({ name, sds_config: block });
  return Object.fromEntries(
    Object.entries(common).map(([name, value]) => {
      const text = JSON.stringify(value);
      if (name === 'tls_certificates' && text.includes(WORKLOAD.key))
        return ['tls_certificate_sds_secret_configs', [secret('default')]];
      if (name === 'validation_context' && text.includes(WORKLOAD.root)) {
        const { trusted_ca: _, ...rest } = value as Value;
        return [
          'combined_validation_context',
          { default_validation_context: rest, validation_context_sds_secret_config: secret('ROOTCA') },
        ];
      }
      return [name, value];
    }),
  );
}

function randomDocument(random: Choices, context: (common: Value) => Value): Value {
  const clusters = random.several(4, (i) => ({
    name: `c${i}`,
    ...(random.chance(0.5)
      ? { tls_context: { sni: 'é', common_tls_context: context(randomCommon(random)) } }
      : {
          transport_socket: {
            name: 'envoy.transport_sockets.tls',
            typed_config: {
              '@type': 'type.googleapis.com/envoy.api.v2.auth.UpstreamTlsContext',
              common_tls_context: context(randomCommon(random)),
            },
          },
        }),
    connect_timeout: '1s',
  }));
  return { node: { id: 'a', cluster: 'b' }, static_resources: { clusters } };
}

/** The ways of writing a document. */
export const WAYS: readonly [string, (value: Value) => string][] = [
  ['JSON, 2 spaces', (value) => JSON.stringify(value, null, 2)],
  ['JSON, tabs', (value) => JSON.stringify(value, null, '\t')],
  ['JSON, compact', (value) => JSON.stringify(value)],
  ['JSON, CRLF', (value) => JSON.stringify(value, null, 4).replaceAll('\n', '\r\n')],
  ['YAML, block', (value) => stringify(value, { lineWidth: 0 })],
  ['YAML, block, lists not indented', (value) => stringify(value, { indentSeq: false, lineWidth: 0 })],
  ['YAML, block, 4 spaces', (value) => stringify(value, { indent: 4, lineWidth: 0 })],
  ['YAML, block, folded lines, aliases', (value) => stringify(value, { lineWidth: 40 })],
  ['YAML, CRLF', (value) => stringify(value, { lineWidth: 0 }).replaceAll('\n', '\r\n')],
  ['YAML, flow', (value) => stringify(value, { collectionStyle: 'flow', lineWidth: 0 })],
  ['YAML, flow, wrapped', (value) => stringify(value, { collectionStyle: 'flow', lineWidth: 60 })],
];

/**
 * Converts random documents, and their conversions a second time, and compares with the rule.
 *
 * @returns the number of contexts that moved
 */
export function convertRandom(
  way: string,
  write: (value: Value) => string,
  seeds: readonly number[],
): number {
  const delivery = deliver({});
  if ('problem' in delivery) throw new Error(delivery.problem);
  const block = delivery.provider.source('default', 'v2');
  let moved = 0;
  const run = (text: string) => {
    const result = convert([{ name: way, text }], { provider: delivery.provider });
    expect(result.findings).toEqual([]);
    moved += result.contexts.filter(({ secrets }) => secrets.length > 0).length;
    return [...(result.files[0]?.chunks() ?? [])].join('');
  };
  for (const seed of seeds) {
    const expected: Value[] = [];
    const document = randomDocument(new Choices(seed), (common) => {
      expected.push(expectedCommon(common, block));
      return common;
    });
    let next = 0;
    const rule = randomDocument(new Choices(seed), () => expected[next++] as Value);
    const output = run(write(document));
    expect(parse(output), `seed ${seed}`).toEqual(rule);
    expect(run(output), `seed ${seed}, again`).toBe(output);
  }
  return moved;
}
