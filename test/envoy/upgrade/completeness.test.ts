// Nothing of v2 is forgotten: each message of it that a configuration can hold has a successor or a stated end,
// and each field has the same one in v3, or an entry that speaks of it.

import { describe, expect, test } from 'vitest';
import { enumeration, type FieldInfo, message, messageNames } from '../../../src/envoy/api-table.js';
import { earlierFields } from '../../../src/envoy/earlier-fields.js';
import {
  configTypes,
  EXTENSIONS,
  extensionOfType,
  typeToday,
} from '../../../src/envoy/extensions/extensions.js';
import {
  allSuccessors,
  enumValueIn,
  fieldIn,
  isV3,
  successorOf,
} from '../../../src/envoy/upgrade/correspondence.js';
import { entryFor } from '../../../src/envoy/upgrade/entries.js';

/** What a document holds at its top, and the configs of extensions, which stand in Structs and Anys. */
const ROOTS = [
  'envoy.config.bootstrap.v2.Bootstrap',
  'envoy.admin.v2alpha.ConfigDump',
  'envoy.admin.v2alpha.BootstrapConfigDump',
  'envoy.admin.v2alpha.ClustersConfigDump',
  'envoy.admin.v2alpha.ListenersConfigDump',
  'envoy.admin.v2alpha.RoutesConfigDump',
  'envoy.admin.v2alpha.ScopedRoutesConfigDump',
  'envoy.admin.v2alpha.SecretsConfigDump',
  'envoy.api.v2.DiscoveryResponse',
  'envoy.api.v2.Cluster',
  'envoy.api.v2.Listener',
  'envoy.api.v2.RouteConfiguration',
  'envoy.api.v2.ScopedRouteConfiguration',
  'envoy.api.v2.ClusterLoadAssignment',
  'envoy.api.v2.auth.Secret',
  'envoy.service.runtime.v2.Runtime',
  ...messageNames().filter((name) => /^envoy\.config\./.test(name) && !isV3(name)),
];

/** The v2 messages that can be reached from the roots. */
function reachable(): string[] {
  const seen = new Set(ROOTS.filter((name) => message(name) !== undefined));
  for (const name of seen) {
    for (const { kind, type } of message(name)?.fields ?? [])
      if (kind === 'message' && type?.startsWith('envoy.') && !isV3(type)) seen.add(type);
  }
  return [...seen].sort();
}

/** Messages of v2 without a successor, and why nobody misses one. */
const ENDED: ReadonlyMap<string, string> = new Map([
  ['envoy.config.filter.network.kafka_broker.v2alpha1.IdBasedBrokerRewriteSpec', 'in a contrib filter'],
  ['envoy.config.filter.network.kafka_broker.v2alpha1.IdBasedBrokerRewriteRule', 'in a contrib filter'],
  ['envoy.config.filter.network.tcp_proxy.v2.TcpProxy.DeprecatedV1', 'read by the entry of TcpProxy'],
  [
    'envoy.config.filter.network.tcp_proxy.v2.TcpProxy.DeprecatedV1.TCPRoute',
    'read by the entry of TcpProxy',
  ],
]);

/** Configs of the contrib build, which the package's descriptors do not have. */
const CONTRIB: ReadonlySet<string> = new Set(
  [
    'http.dynamo.v3.Dynamo',
    'http.squash.v3.Squash',
    'network.client_ssl_auth.v3.ClientSSLAuth',
    'network.kafka_broker.v3.KafkaBroker',
    'network.mysql_proxy.v3.MySQLProxy',
    'network.postgres_proxy.v3alpha.PostgresProxy',
    'network.rocketmq_proxy.v3.RocketmqProxy',
  ].map((type) => `envoy.extensions.filters.${type}`),
);

describe('the correspondence', () => {
  const names = reachable();

  test('has a successor, or an end, for every message', () => {
    const forgotten = names.filter(
      (name) => successorOf(name) === undefined && extensionOfType(name) === undefined && !ENDED.has(name),
    );
    expect(forgotten).toEqual([]);
    expect(names.length).toBeGreaterThan(400);
    expect(allSuccessors().size).toBeGreaterThan(500);
  });

  test('has every field in v3, or an entry for it', () => {
    const unhandled = names.flatMap((name) => {
      const target = successorOf(name);
      if (target === undefined) return [];
      const rules = entryFor(target.name)?.fields ?? {};
      const fields: readonly FieldInfo[] = [
        ...(message(name)?.fields ?? []),
        ...earlierFields(message(name) as never),
      ];
      return fields
        .filter((field) => !(field.name in rules) && !sameIn(target, field))
        .map((field) => `${name}.${field.name}`);
    });
    // In messages that only services send each other, or that nobody ever wrote.
    expect(unhandled.filter((field) => !/^envoy\.(?:service|data)\./.test(field))).toEqual([]);
  });

  test('speaks of fields that there are', () => {
    const strangers = [...new Set(names.map((name) => successorOf(name)?.name))].flatMap((target) => {
      if (target === undefined) return [];
      const before = names.filter((name) => successorOf(name)?.name === target).map((name) => message(name));
      const known = (field: string): boolean =>
        [message(target), ...before].some(
          (type) =>
            type?.field(field) !== undefined ||
            earlierFields(type as never).some(({ name }) => name === field),
        );
      return Object.keys(entryFor(target)?.fields ?? {})
        .filter((field) => !known(field))
        .map((field) => `${target}.${field}`);
    });
    expect(strangers).toEqual([]);
  });

  test('has a place in v3 for every value of an enum, or an end', () => {
    const lost = names.flatMap((name) => {
      const target = successorOf(name);
      const rules = (target && entryFor(target.name)?.fields) ?? {};
      return (message(name)?.fields ?? []).flatMap((field) => {
        const to =
          target && field.kind === 'enum' && !(field.name in rules) ? fieldIn(target, field) : undefined;
        if (to === undefined) return [];
        return (enumeration(field.type as string)?.values ?? [])
          .filter((value) => enumValueIn(to, field, value.name) === undefined)
          .map((value) => `${name}.${field.name} ${value.name}`);
      });
    });
    // No Envoy of v2 read it either.
    expect(lost).toEqual(['envoy.api.v2.core.ApiConfigSource.api_type UNSUPPORTED_REST_LEGACY']);
  });

  test('knows the type of every extension, or that it is gone', () => {
    const untyped = EXTENSIONS.filter(
      (extension) => extension.gone === undefined && typeToday(extension, () => 'upstream') === undefined,
    );
    expect(untyped).toEqual([]);
  });

  test('has descriptors of the types of extensions that came with v3', () => {
    const unknown = EXTENSIONS.flatMap((extension) =>
      [...configTypes(extension), ...(extension.perRoute ?? [])].filter(
        (type) => message(type) === undefined && isV3(type),
      ),
    );
    expect(unknown.filter((type) => !CONTRIB.has(type))).toEqual([]);
  });
});

/** Whether v3 has a field of the same number, kind and meaning; names may differ. */
function sameIn(target: NonNullable<ReturnType<typeof message>>, field: FieldInfo): boolean {
  return fieldIn(target, field) !== undefined;
}
