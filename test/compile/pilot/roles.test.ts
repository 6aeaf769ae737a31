// Roles and bindings as Istio's RBAC filters: what each constraint, subject and mode becomes.

import { describe, expect, it, test } from 'vitest';
import { compileFor, istio, pod, service } from '../mesh-of.js';

type Policy = {
  readonly permissions: { readonly and_rules: { readonly rules: unknown[] } }[];
  readonly principals: { readonly and_ids: { readonly ids: unknown[] } }[];
};
type Rules = { readonly policies?: { readonly [role: string]: Policy } };
interface Filter {
  readonly rules?: Rules;
  readonly shadow_rules?: Rules;
  readonly stat_prefix?: string;
}

const ON = istio('ClusterRbacConfig', 'default', '{mode: ON}');

function role(name: string, rule: string): string {
  return istio('ServiceRole', name, `{rules: [${rule}]}`);
}

function binding(name: string, to: string, subjects: string, rest = ''): string {
  return istio('ServiceRoleBinding', name, `{subjects: [${subjects}], roleRef: {name: ${to}}${rest}}`);
}

/** The RBAC filter of the port of `web`. */
function filter(resources: readonly string[], protocol = 'http'): Filter | undefined {
  const { listeners } = compileFor([
    service('web', 80, protocol),
    pod('web', '10.1.0.1').replace('spec: {', 'spec: {serviceAccountName: clerk, '),
    ...resources,
  ]);
  const inbound = listeners.find(({ name }) => name === '10.1.0.1_80');
  const filters = (inbound?.filter_chains?.[0]?.filters ?? []) as unknown as Named[];
  const http = filters.find(({ name }) => name === 'envoy.http_connection_manager')?.typed_config as
    | { readonly http_filters: Named[] }
    | undefined;
  return [...filters, ...(http?.http_filters ?? [])].find(({ name }) => name.endsWith('.rbac'))?.typed_config;
}

interface Named {
  readonly name: string;
  readonly typed_config: Filter;
}

/** What a constraint asks of requests; undefined where the rule holds for no request to `web`. */
function permission(constraint: string): unknown {
  const rule = `{services: ["*"], constraints: [${constraint}]}`;
  const found = filter([ON, role('r', rule), binding('b', 'r', '{user: "*"}')]);
  return found?.rules?.policies?.r?.permissions[0]?.and_rules.rules[0];
}

/** Whom a subject means. */
function principal(subject: string, protocol = 'http'): unknown[] | undefined {
  const found = filter([ON, role('r', '{services: ["*"]}'), binding('b', 'r', subject)], protocol);
  return found?.rules?.policies?.r?.principals[0]?.and_ids.ids;
}

const ANY = { any: true };

describe('a constraint', () => {
  test.each([
    ['{key: destination.user, values: [clerk]}', ANY],
    ['{key: destination.user, values: [other]}', undefined],
    ['{key: destination.name, values: ["we*"]}', ANY],
    ['{key: destination.namespace, values: ["*hop"]}', ANY],
    ['{key: "destination.labels[app]", values: [web]}', ANY],
    ['{key: "destination.labels[tier]", values: ["*"]}', undefined],
    ['{key: destination.labels, values: [web]}', ANY],
    ['{key: unheard.of, values: [x]}', ANY],
  ])('%s of the destination is known at compile time', (constraint, expected) => {
    expect(permission(constraint)).toEqual(expected);
  });

  test.each([
    ['{key: destination.port, values: ["80", "99999", x]}', { destination_port: 80 }],
    [
      '{key: destination.ip, values: [10.0.0.0/8/8, 10.1.2.3/16]}',
      { destination_ip: { address_prefix: '10.1.2.3', prefix_len: 16 } },
    ],
    [
      '{key: destination.ip, values: ["2001:DB8:0:0:0:0:0:1", "fe80::1%eth0"]}',
      { destination_ip: { address_prefix: '2001:db8::1', prefix_len: 128 } },
    ],
    ['{key: "request.headers[x-a]", values: ["v*"]}', { header: { name: 'x-a', prefix_match: 'v' } }],
    ['{key: ":path", values: ["*"]}', { header: { name: ':path', present_match: true } }],
    ['{key: ":method", values: [GET]}', { header: { name: ':method', exact_match: 'GET' } }],
    [
      '{key: connection.sni, values: ["*.example.org"]}',
      { requested_server_name: { suffix: '.example.org' } },
    ],
    [
      '{key: "experimental.envoy.filters.network.mysql_proxy[db.t]", values: ["[select]"]}',
      {
        metadata: {
          filter: 'envoy.filters.network.mysql_proxy',
          path: [{ key: 'db.t' }],
          value: { list_match: { one_of: { string_match: { exact: 'select' } } } },
        },
      },
    ],
  ])('%s is checked for each request', (constraint, matcher) => {
    expect(permission(constraint)).toEqual({ or_rules: { rules: [matcher] } });
  });

  it('with only unreadable values allows nothing', () => {
    expect(permission('{key: destination.port, values: [x]}')).toEqual({ or_rules: {} });
  });
});

const text = (key: string, value: object, from = 'istio_authn') => ({
  metadata: { filter: from, path: [{ key }], value: { string_match: value } },
});
const claim = (name: string, value: object) => ({
  metadata: {
    filter: 'istio_authn',
    path: [{ key: 'request.auth.claims' }, { key: name }],
    value: { list_match: { one_of: { string_match: value } } },
  },
});

describe('a subject', () => {
  test.each([
    ['{user: "*"}', [ANY]],
    ['{user: "cluster.local/ns/a/*"}', [text('source.principal', { prefix: 'cluster.local/ns/a/' })]],
    ['{properties: {source.principal: "*"}}', [text('source.principal', { regex: '.*' })]],
    ['{properties: {source.namespace: a}}', [text('source.principal', { regex: '.*/ns/a/.*' })]],
    ['{properties: {source.ip: 10.1.2.3}}', [{ source_ip: { address_prefix: '10.1.2.3', prefix_len: 32 } }]],
    ['{properties: {request.auth.audiences: a}}', [text('request.auth.audiences', { exact: 'a' })]],
    ['{properties: {"request.auth.claims[role]": "*a"}}', [claim('role', { suffix: 'a' })]],
    [
      '{group: admins, properties: {"request.auth.claims[groups]": others}}',
      [claim('groups', { exact: 'admins' })],
    ],
    ['{user: a, properties: {source.principal: b}}', [text('source.principal', { exact: 'a' })]],
    ['{properties: {own: x}}', [text('own', { exact: 'x' }, 'envoy.filters.http.rbac')]],
    [
      '{properties: {source.ip: 10.1.2.3, request.auth.presenter: p}}',
      [
        text('request.auth.presenter', { exact: 'p' }),
        { source_ip: { address_prefix: '10.1.2.3', prefix_len: 32 } },
      ],
    ],
    ['{properties: {source.ip: nowhere}}', [{ not_id: ANY }]],
  ])('%s of requests', (subject, ids) => {
    expect(principal(subject)).toEqual(ids);
  });

  const authenticated = (principal_name: object) => [{ authenticated: { principal_name } }];
  test.each([
    ['{user: cluster.local/ns/a/sa/b}', authenticated({ exact: 'spiffe://cluster.local/ns/a/sa/b' })],
    ['{user: "*/sa/b"}', authenticated({ suffix: '/sa/b' })],
    ['{properties: {source.namespace: a}}', authenticated({ regex: '.*/ns/a/.*' })],
    ['{properties: {source.principal: "*"}}', authenticated({ regex: '.*' })],
    ['{properties: {"request.headers[x]": v}}', undefined],
    ['{group: admins}', undefined],
  ])('%s of connections', (subject, ids) => {
    expect(principal(subject, 'tcp')).toEqual(ids);
  });
});

describe('TCP', () => {
  it('is not allowed by rules about requests, nor by a role with a binding about requests', () => {
    const found = filter(
      [
        ON,
        role('some', '{services: ["*"], methods: [GET]}, {services: ["*"]}'),
        binding('b1', 'some', '{user: a}'),
        role('none', '{services: ["*"]}'),
        binding('b2', 'none', '{user: a}'),
        binding('b3', 'none', '{group: admins}'),
      ],
      'tcp',
    );
    expect(Object.keys(found?.rules?.policies ?? {})).toEqual(['some']);
    expect(found?.rules?.policies?.some?.permissions).toEqual([{ and_rules: { rules: [ANY] } }]);
    expect(found?.stat_prefix).toBe('tcp.');
  });
});

describe('a mode', () => {
  const role1 = role('r', '{services: ["*"]}');
  const principals = (rules: Rules | undefined) => rules?.policies?.r?.principals.length;

  it('of a binding makes it a shadow rule', () => {
    const found = filter([
      ON,
      role1,
      binding('a', 'r', '{user: a}, {user: b}', ', mode: PERMISSIVE'),
      binding('b', 'r', '{user: c}'),
    ]);
    expect(principals(found?.rules)).toBe(1);
    expect(principals(found?.shadow_rules)).toBe(2);
  });

  it('of the mesh makes all rules shadow rules, enforced ones first', () => {
    const mesh = istio('ClusterRbacConfig', 'default', '{mode: ON, enforcementMode: PERMISSIVE}');
    const found = filter([
      mesh,
      role1,
      binding('a', 'r', '{user: a}', ', mode: PERMISSIVE'),
      binding('b', 'r', '{user: "*"}'),
    ]);
    expect(found?.rules).toBeUndefined();
    expect(found?.shadow_rules?.policies?.r?.principals.map(({ and_ids }) => and_ids.ids[0])).toEqual([
      ANY,
      text('source.principal', { exact: 'a' }),
    ]);
  });

  it('of the mesh applies without roles as well', () => {
    const mesh = istio('ClusterRbacConfig', 'default', '{mode: ON, enforcementMode: PERMISSIVE}');
    expect(filter([mesh])).toMatchObject({ shadow_rules: {} });
    expect(filter([ON])).toMatchObject({ rules: {} });
    expect(filter([ON])?.shadow_rules).toBeUndefined();
  });

  test.each([
    ['ON_WITH_INCLUSION, inclusion: {namespaces: [shop]}', true],
    ['ON_WITH_INCLUSION, inclusion: {services: [web.shop.svc.cluster.local]}', true],
    ['ON_WITH_INCLUSION, inclusion: {services: [web]}', false],
    ['ON_WITH_INCLUSION', false],
    ['ON_WITH_EXCLUSION, exclusion: {services: ["*"]}', true],
    ['ON_WITH_EXCLUSION, exclusion: {namespaces: [shop]}', false],
    ['ON_WITH_EXCLUSION', true],
    ['"OFF"', false],
  ])('%s', (mode, isOn) => {
    expect(filter([istio('ClusterRbacConfig', 'default', `{mode: ${mode}}`)]) !== undefined).toBe(isOn);
  });
});
