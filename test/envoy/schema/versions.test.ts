// The schema check for a named version of Envoy, and for an upgrade.

import { describe, expect, it, test } from 'vitest';
import { message } from '../../../src/envoy/api-table.js';
import { checkSchema } from '../../../src/envoy/schema/check.js';
import { versionsOf } from '../../../src/envoy/versions/of-target.js';
import { ruleChange } from '../../../src/envoy/versions/rule-changes.js';
import { type EnvoyTarget, readTarget } from '../../../src/envoy/versions/target.js';
import { readSource } from '../../../src/source/document.js';

function findings(envoy: string | undefined, type: string, text: string, dynamic = false): string[] {
  return all(envoy, type, text, dynamic).filter((line) => !line.startsWith('note'));
}

function all(envoy: string | undefined, type: string, text: string, dynamic = false): string[] {
  const [document] = readSource('a.yaml', text).documents;
  const found = message(type);
  if (document === undefined || found === undefined) throw new Error(`${type} cannot be read`);
  const versions = envoy === undefined ? {} : { versions: versionsOf(readTarget(envoy, 40) as EnvoyTarget) };
  return checkSchema(document, [{ type: found, node: 0 }], { dynamic, ...versions }).map(
    ({ level, code, message }) => `${level} ${code} ${message}`,
  );
}

const CLUSTER = 'envoy.config.cluster.v3.Cluster';
const TLS = 'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext';

describe('a version', () => {
  it.each([
    [
      '1.32',
      TLS,
      'auto_sni_san_validation: true\n',
      [
        `error not-in-version auto_sni_san_validation of ${TLS} is new in Envoy 1.33, and this is for Envoy 1.32`,
      ],
    ],
    ['1.33', TLS, 'auto_sni_san_validation: true\n', []],
    [undefined, TLS, 'auto_sni_san_validation: true\n', []],
    ['1.32', CLUSTER, 'name: a\ndns_refresh_rate: 1s\n', []],
    [
      '1.33',
      CLUSTER,
      'name: a\ndns_refresh_rate: 1s\n',
      [`warning deprecated-field dns_refresh_rate of ${CLUSTER} is deprecated since Envoy 1.33`],
    ],
    ['1.33..1.40', CLUSTER, 'name: a\ndns_refresh_rate: 1s\n', []],
    [
      '1.32..1.40',
      CLUSTER,
      'name: a\ndns_refresh_rate: 1s\n',
      [`warning deprecated-field dns_refresh_rate of ${CLUSTER} is deprecated since Envoy 1.33`],
    ],
    ['1.32', 'envoy.config.listener.v3.FilterChain', 'on_demand_configuration: {}\n', []],
    [
      '1.33',
      'envoy.config.listener.v3.FilterChain',
      'on_demand_configuration: {}\n',
      [
        'error not-in-version on_demand_configuration of envoy.config.listener.v3.FilterChain was removed in Envoy 1.33',
      ],
    ],
    [
      undefined,
      'envoy.config.listener.v3.FilterChain',
      'on_demand_configuration: {}\n',
      [
        'error not-in-version on_demand_configuration of envoy.config.listener.v3.FilterChain was removed in Envoy 1.33',
      ],
    ],
    [
      '1.18',
      'envoy.api.v2.ClusterLoadAssignment',
      'cluster_name: a\n"@type": type.googleapis.com/envoy.api.v2.ClusterLoadAssignment\n',
      ['error not-in-version Envoy 1.18 does not read the v2 API'],
    ],
    // All that it holds is in v3, too.
    ['1.18', 'envoy.api.v2.Cluster', 'name: a\n', []],
    ['1.17', 'envoy.api.v2.Cluster', 'name: a\n', []],
    [undefined, 'envoy.api.v2.Cluster', 'name: a\n', []],
  ] as const)('%s of %s with %j', (envoy, type, text, expected) => {
    expect(findings(envoy, type, text)).toEqual(expected);
  });

  it('has the rules of the version', () => {
    const check =
      'health_checks:\n' +
      '- {timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {}}\n'.repeat(
        9,
      );
    const text = `name: a\n${check}`;
    const changed = ruleChange(CLUSTER, 'health_checks', 31, 40) ?? 0;
    expect(findings(`1.${changed - 1}`, CLUSTER, text)).toEqual([]);
    expect(findings(`1.${changed}`, CLUSTER, text)).toEqual(['error broken-rule health_checks has 9 items']);
    const one = text.split('\n').slice(0, 3).join('\n');
    expect(all(`1.${changed - 1}..1.${changed}`, CLUSTER, one)).toEqual([
      `note rules-changed the rules of health_checks of ${CLUSTER} changed in Envoy 1.${changed}`,
    ]);
    expect(all(`1.${changed - 2}..1.${changed - 1}`, CLUSTER, one)).toEqual([]);
  });

  it('drops what it does not know from what comes by discovery', () => {
    expect(findings('1.32', TLS, 'auto_sni_san_validation: true\n', true)[0]).toMatch(
      /^warning not-in-version/,
    );
  });

  it('has contrib extensions in contrib builds alone', () => {
    const filter = (name: string): string =>
      `name: a\ntyped_config: {"@type": type.googleapis.com/${name}}\n`;
    const kafka = 'envoy.extensions.filters.network.kafka_broker.v3.KafkaBroker';
    const codes = (envoy: string | undefined): string[] =>
      findings(envoy, 'envoy.config.listener.v3.Filter', filter(kafka)).filter((one) =>
        one.includes('not-in-build'),
      );
    expect(codes('1.40')).toEqual([`error not-in-build ${kafka} is only in contrib builds of Envoy`]);
    expect(codes('contrib-1.40')).toEqual([]);
    expect(codes(undefined)).toEqual([`warning not-in-build ${kafka} is only in contrib builds of Envoy`]);
  });
});

test.each([
  ['1.28', { name: 'Envoy 1.28', minor: 28, from: undefined, build: 'upstream' }],
  ['v1.28.3', { name: 'Envoy 1.28', minor: 28, from: undefined, build: 'upstream' }],
  ['istio-1.29', { name: 'Envoy 1.37 (Istio 1.29)', minor: 37, from: undefined, build: 'istio' }],
  ['contrib-1.40', { name: 'Envoy 1.40', minor: 40, from: undefined, build: 'contrib' }],
  ['1.28..1.40', { name: 'Envoy 1.40', minor: 40, from: 28, build: 'upstream' }],
])('the target %s', (text, expected) => expect(readTarget(text, 40)).toEqual(expected));

test.each(['', '28', '2.0', '1.99', '1.40..1.28', 'linkerd-1.2'])('no target: %j', (text) => {
  expect(readTarget(text, 40)).toBeTypeOf('string');
});
