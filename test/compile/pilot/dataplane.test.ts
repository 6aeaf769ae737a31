// `--dataplane envoy`: what an upstream Envoy has in the place of Istio's own filters.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { compileInputs } from '../../../src/compile/compile.js';
import type { Compiled } from '../../../src/compile/compiled.js';
import { sharedFolder } from '../../shared.js';
import { compileCase } from '../conformance.js';
import { compileFor, istio, pod, service } from '../mesh-of.js';

const WEB = [service('web', 80), pod('web', '10.1.0.1')];
const ISSUER = 'https://issuer.example';
const RBAC = istio('ClusterRbacConfig', 'default', '{mode: ON}');
const ROLE = istio('ServiceRole', 'readers', '{rules: [{services: ["*"], methods: [GET]}]}');

/** The HTTP filters of the port of `web`, by name. */
function filters(resources: readonly string[]): Map<string, Record<string, unknown>> {
  const { listeners } = compileFor([...WEB, ...resources], { dataplane: 'envoy' });
  const inbound = listeners.find(({ name }) => name === '10.1.0.1_80');
  const manager = inbound?.filter_chains?.[0]?.filters?.[0]?.typed_config as unknown as {
    http_filters: { name: string; typed_config: Record<string, unknown> }[];
  };
  return new Map(manager.http_filters.map(({ name, typed_config }) => [name, typed_config]));
}

function policy(jwt: string, rest = ''): string {
  return istio('Policy', 'default', `{origins: [{jwt: ${jwt}}]${rest}}`);
}

/** The principals of one subject, as the policy of `readers` has them. */
function principal(subject: string, ...others: string[]): unknown {
  const binding = istio(
    'ServiceRoleBinding',
    'b',
    `{subjects: [${subject}], roleRef: {kind: ServiceRole, name: readers}}`,
  );
  const rbac = filters([RBAC, ROLE, binding, ...others]).get('envoy.filters.http.rbac') as {
    rules: { policies: { readers: { principals: { and_ids: { ids: unknown[] } }[] } } };
  };
  return rbac.rules.policies.readers.principals[0]?.and_ids.ids[0];
}

describe('tokens', () => {
  it('are read by the JWT filter, with keys fetched by the proxy', () => {
    const found = filters([
      policy(`{issuer: "${ISSUER}", jwksUri: "https://keys.example/k", jwtHeaders: [x-token]}`),
    ]);
    expect([...found.keys()]).toEqual([
      'envoy.filters.http.jwt_authn',
      'envoy.cors',
      'envoy.fault',
      'envoy.router',
    ]);
    expect(found.get('envoy.filters.http.jwt_authn')).toMatchObject({
      providers: {
        [ISSUER]: {
          issuer: ISSUER,
          remote_jwks: { http_uri: { uri: 'https://keys.example/k', cluster: 'outbound|443||keys.example' } },
          forward: true,
          from_headers: [{ name: 'x-token' }],
          payload_in_metadata: ISSUER,
        },
      },
      rules: [{ match: { prefix: '/' }, requires: { provider_name: ISSUER } }],
    });
  });

  it('have a cluster for their keys if there is no service', () => {
    const clusters = (resources: readonly string[]) =>
      compileFor([...WEB, ...resources], { dataplane: 'envoy' }).clusters.filter(({ name }) =>
        name?.includes('keys'),
      );
    const [own] = clusters([policy(`{issuer: a, jwksUri: "https://keys.example/k"}`)]);
    expect(own).toMatchObject({
      type: 'STRICT_DNS',
      tls_context: {
        common_tls_context: { validation_context: { verify_subject_alt_name: ['keys.example'] } },
        sni: 'keys.example',
      },
    });
    const inside = clusters([
      policy(`{issuer: a, jwksUri: "http://keys:8080/k"}`),
      service('keys', 8080),
      pod('keys', '10.1.0.2'),
    ]);
    expect(inside.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'outbound|8080||keys.shop.svc.cluster.local EDS',
    ]);
  });

  it('are required by path', () => {
    const rules = filters([
      policy(
        `{issuer: a, triggerRules: [{excludedPaths: [{exact: /health.z}], includedPaths: [{prefix: /api}, {suffix: .js}]}]}`,
        ', originIsOptional: true',
      ),
    ]).get('envoy.filters.http.jwt_authn')?.rules;
    const requires = {
      requires_any: { requirements: [{ provider_name: 'a' }, { allow_missing_or_failed: {} }] },
    };
    const not = { name: ':path', regex_match: '/health\\.z([?#].*)?', invert_match: true };
    expect(rules).toEqual([
      { match: { prefix: '/', headers: [not, { name: ':path', prefix_match: '/api' }] }, requires },
      {
        match: { prefix: '/', headers: [not, { name: ':path', regex_match: '.*\\.js([?#].*)?' }] },
        requires,
      },
    ]);
  });

  it('of several issuers are alternatives; those that are always required are last', () => {
    const rules = filters([
      istio(
        'Policy',
        'default',
        '{origins: [{jwt: {issuer: a, triggerRules: [{includedPaths: [{prefix: /a}]}]}}, {jwt: {issuer: b}}]}',
      ),
    ]).get('envoy.filters.http.jwt_authn')?.rules;
    expect(rules).toEqual([
      {
        match: { prefix: '/', headers: [{ name: ':path', prefix_match: '/a' }] },
        requires: { requires_any: { requirements: [{ provider_name: 'a' }, { provider_name: 'b' }] } },
      },
      { match: { prefix: '/' }, requires: { provider_name: 'b' } },
    ]);
  });
});

describe('bindings', () => {
  const TOKENS = policy(`{issuer: "${ISSUER}"}`);
  const claim = (name: string, value: object) => ({
    metadata: { filter: 'envoy.filters.http.jwt_authn', path: [{ key: ISSUER }, { key: name }], value },
  });

  test.each([
    ['{user: cluster.local/ns/a/sa/b}', { exact: 'spiffe://cluster.local/ns/a/sa/b' }],
    ['{properties: {source.namespace: a}}', { regex: '.*/ns/a/.*' }],
  ])('%s looks at the certificate', (subject, principal_name) => {
    expect(principal(subject)).toEqual({ authenticated: { principal_name } });
  });

  test.each([
    [`${ISSUER}/alice`, claim('sub', { string_match: { exact: 'alice' } })],
    [`${ISSUER}/*`, claim('sub', { string_match: { regex: '.*' } })],
    ['https://*', claim('sub', { string_match: { regex: '.*' } })],
    ['https://other.example/alice', { not_id: { any: true } }],
  ])('request.auth.principal %s looks at the subject', (value, expected) => {
    expect(principal(`{properties: {request.auth.principal: "${value}"}}`, TOKENS)).toEqual(expected);
  });

  it('look at claims, which may be words or lists', () => {
    expect(principal('{properties: {"request.auth.claims[scope]": "read*"}}', TOKENS)).toEqual({
      or_ids: {
        ids: [
          claim('scope', { string_match: { regex: '(.* )?read[^ ]*( .*)?' } }),
          claim('scope', { list_match: { one_of: { string_match: { prefix: 'read' } } } }),
        ],
      },
    });
  });
});

it('reports settings without a counterpart', () => {
  const input = [
    ...WEB,
    istio(
      'Policy',
      'default',
      '{origins: [{jwt: {issuer: a}}], principalBinding: USE_ORIGIN, peers: [{jwt: {issuer: b, jwksUri: "http://b"}}]}',
    ),
  ].join('\n---\n');
  const run = (dataplane: 'istio' | 'envoy') =>
    compileInputs([{ name: 'in.yaml', text: input }], { proxy: 'web-1.shop', dataplane }).findings.map(
      ({ message }) => message,
    );
  expect(run('istio')).toEqual([]);
  expect(run('envoy')).toEqual([
    'Policy default: principalBinding USE_ORIGIN has no counterpart in upstream Envoy',
    "Policy default: a peer's token does not set source.principal",
    'Policy default: the issuer a has no jwksUri, so all its tokens are rejected',
  ]);
});

it('does not check names without a trusted CA, which upstream Envoy rejects', () => {
  const input = [
    ...WEB,
    istio(
      'DestinationRule',
      'web',
      '{host: web, trafficPolicy: {tls: {mode: SIMPLE, subjectAltNames: [a.example]}}}',
    ),
  ].join('\n---\n');
  const run = (dataplane: 'istio' | 'envoy') => {
    const { compiled, findings } = compileInputs([{ name: 'in.yaml', text: input }], {
      proxy: 'web-1.shop',
      dataplane,
    });
    return [JSON.stringify(compiled).includes('a.example'), findings.map(({ message }) => message)];
  };
  expect(run('istio')).toEqual([true, []]);
  expect(run('envoy')).toEqual([
    false,
    [
      'DestinationRule web: subjectAltNames without caCertificates are not checked: upstream Envoy rejects such a check, because anyone can create a certificate with any name',
    ],
  ]);
});

const folder = sharedFolder('conformance/istio-1.1.7-random');

describe.skipIf(folder === undefined)('in random meshes', () => {
  test.each(folder === undefined ? [] : readdirSync(folder).sort())('%s names nothing of Istio', (name) => {
    const text = (compiled: Compiled) => JSON.stringify(compiled);
    const { compiled } = compileCase(join(folder as string, name), 'envoy');
    expect(text(compiled)).not.toMatch(/istio_authn|jwt-auth"|jwt_auth\.v2|mixer|istio\.envoy\.config/);
  });
});
