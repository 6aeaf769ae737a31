// The compact table against the descriptors that it is derived from.

import { readdirSync, readFileSync } from 'node:fs';
import {
  create,
  createFileRegistry,
  type DescField,
  fromBinary,
  getOption,
  ScalarType,
  toBinary,
} from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import {
  enumeration,
  type FieldInfo,
  message,
  messageNames,
  type ScalarKind,
} from '../../src/envoy/api-table.js';

const root = new URL('../../', import.meta.url);
const set = fromBinary(
  FileDescriptorSetSchema,
  readFileSync(new URL('src/envoy/generated/descriptors.binpb', root)),
);
const registry = createFileRegistry(set);
const additions = await readAdditions();

/** What proto/additions says of versions; the descriptors that it was applied to are not needed. */
async function readAdditions(): Promise<{ last: ReadonlyMap<string, number>; contrib: ReadonlySet<string> }> {
  const { applyAdditions } = await import(new URL('scripts/generate/additions.mjs', root).href);
  const folder = new URL('proto/additions/', root);
  const tables = readdirSync(folder).map((name) => ({
    name,
    text: readFileSync(new URL(name, folder), 'utf8'),
  }));
  return applyAdditions(fromBinary(FileDescriptorSetSchema, toBinary(FileDescriptorSetSchema, set)), tables);
}

describe('the table against the descriptors', () => {
  const isOption = /^(envoy|udpa|xds)\.annotations\.|^validate\./;
  const types = [...registry].filter((type) => !isOption.test(type.typeName));

  it('has every message that a configuration can hold, and no other', () => {
    const names = messageNames();
    // What is sent to Istio's CA is not configuration.
    const held = types.filter(
      ({ kind, typeName }) => kind === 'message' && /^(envoy|istio(?!\.v1\.auth)|udpa|xds)\./.test(typeName),
    );
    expect(message('istio.v1.auth.IstioCertificateRequest')).toBe(undefined);
    const missing = held
      .filter((type) => type.kind === 'message' && !type.proto.options?.mapEntry)
      .map((type) => type.typeName)
      .filter((name) => !message(name));
    expect(missing).toEqual([]);
    expect(names.length).toBe(new Set(names).size);
    expect(names.filter((name) => registry.getMessage(name) === undefined || isOption.test(name))).toEqual(
      [],
    );
  });

  it('has every field of a message, in the order of the numbers, with all that is known of it', () => {
    const sensitive = registry.getExtension('udpa.annotations.sensitive');
    for (const name of messageNames()) {
      const fields = registry.getMessage(name)?.fields.toSorted((a, b) => a.number - b.number);
      expect(message(name)?.fields, name).toEqual(fields?.map(fieldInfo));
    }

    function fieldInfo(field: DescField): FieldInfo {
      const last = additions.last.get(`${field.parent.typeName}.${field.name}`);
      const type = field.message?.typeName ?? field.enum?.typeName;
      return {
        name: field.name,
        jsonName: field.jsonName,
        number: field.number,
        kind: field.message ? 'message' : field.enum ? 'enum' : 'scalar',
        scalar: scalarKind(field.scalar),
        type,
        repeated: field.fieldKind === 'list',
        map: field.fieldKind === 'map' ? scalarKind(field.mapKey) : undefined,
        oneof: field.oneof?.name,
        deprecated: field.deprecated,
        sensitive: sensitive !== undefined && getOption(field, sensitive) === true,
        ...(last !== undefined && { last }),
      };
    }
  });

  it('has every message and enum that a field refers to', () => {
    for (const name of messageNames()) {
      for (const field of message(name)?.fields ?? []) {
        if (field.kind === 'message')
          expect(message(field.type ?? ''), `${name}.${field.name}`).toBeDefined();
        if (field.kind === 'enum')
          expect(enumeration(field.type ?? ''), `${name}.${field.name}`).toBeDefined();
      }
    }
  });

  it('has every value of an enum', () => {
    const enums = types.flatMap((type) => (type.kind === 'enum' && enumeration(type.typeName) ? [type] : []));
    expect(enums.length).toBeGreaterThan(200);
    for (const { typeName, values } of enums) {
      expect(enumeration(typeName)?.values, typeName).toEqual(
        values.map(({ name, number, deprecated }) => ({ name, number, deprecated })),
      );
    }
  });

  it('is the same text for the same descriptors, whatever the order of the files', async () => {
    const { encodeApiTable } = await import(new URL('scripts/generate/api-table.mjs', root).href);
    const { default: table } = await import('../../src/envoy/generated/api-table.data.js');
    const reordered = create(FileDescriptorSetSchema, { file: importsFirst(set.file.toReversed()) });
    expect(reordered.file.map(({ name }) => name)).not.toEqual(set.file.map(({ name }) => name));
    expect(encodeApiTable({ registry: createFileRegistry(reordered), additions })).toBe(table);
  });
});

describe('what the package lacks', () => {
  it('has what came since, and marks what went and what only contrib builds have', () => {
    const cluster = message('envoy.config.cluster.v3.Cluster');
    expect(cluster?.field('transport_socket_matcher')?.last).toBeUndefined();
    expect(cluster).toMatchObject({ isV3: true, contrib: false });
    expect(message('envoy.config.trace.v3.OpenCensusConfig')?.last).toBe(32);
    expect(message('envoy.config.listener.v3.FilterChain')?.field('on_demand_configuration')?.last).toBe(32);
    const kafka = message('envoy.extensions.filters.network.kafka_broker.v3.KafkaBroker');
    expect(kafka).toMatchObject({ isV3: true, contrib: true });
  });
});

describe('message', () => {
  it('finds a field by either spelling', () => {
    const context = message('envoy.api.v2.auth.CommonTlsContext');
    const field = context?.field('tlsCertificateSdsSecretConfigs');
    expect(field).toMatchObject({ name: 'tls_certificate_sds_secret_configs', number: 6, repeated: true });
    expect(context?.field('tls_certificate_sds_secret_configs')).toBe(field);
    expect(context?.fields).toContain(field);
  });

  it('finds no field by another name', () => {
    const context = message('envoy.api.v2.auth.CommonTlsContext');
    for (const name of ['', 'tls_Certificates', 'TlsCertificates', 'constructor', 'alpn_protocols 4 i *']) {
      expect(context?.field(name), name).toBeUndefined();
    }
  });

  it('gives the same object each time', () => {
    expect(message('envoy.api.v2.Cluster')).toBe(message('envoy.api.v2.Cluster'));
    expect(enumeration('envoy.api.v2.Cluster.LbPolicy')).toBe(enumeration('envoy.api.v2.Cluster.LbPolicy'));
  });

  it.each([
    '',
    'Cluster',
    'envoy.api.v2',
    'envoy.api.v2.',
    'envoy.api.v2.Nothing',
    '.envoy.api.v2.Cluster',
    'toString',
  ])('knows no message %j', (name) => expect(message(name)).toBeUndefined());

  it('is not for enums, nor enumeration for messages', () => {
    expect(message('envoy.api.v2.Cluster.LbPolicy')).toBeUndefined();
    expect(enumeration('envoy.api.v2.Cluster')).toBeUndefined();
  });

  it('knows a oneof, a map, deprecation and what is sensitive', () => {
    const cluster = message('envoy.api.v2.Cluster');
    expect(cluster?.field('tls_context')).toMatchObject({
      kind: 'message',
      type: 'envoy.api.v2.auth.UpstreamTlsContext',
      deprecated: true,
      oneof: undefined,
    });
    expect(cluster?.field('type')).toMatchObject({ kind: 'enum', oneof: 'cluster_discovery_type' });
    expect(cluster?.field('typed_extension_protocol_options')).toMatchObject({
      kind: 'message',
      type: 'google.protobuf.Any',
      map: 'string',
      repeated: false,
    });
    expect(message('envoy.api.v2.auth.TlsCertificate')?.field('private_key')?.sensitive).toBe(true);
    expect(message('envoy.api.v2.auth.TlsCertificate')?.field('certificate_chain')?.sensitive).toBe(false);
  });
});

describe('enumeration', () => {
  it('finds a value by name and by number', () => {
    const policy = enumeration('envoy.api.v2.Cluster.LbPolicy');
    expect(policy?.byName('ORIGINAL_DST_LB')).toEqual({
      name: 'ORIGINAL_DST_LB',
      number: 4,
      deprecated: true,
    });
    expect(policy?.byNumber(0)?.name).toBe('ROUND_ROBIN');
    expect(policy?.byName('round_robin')).toBeUndefined();
    expect(policy?.byNumber(99)).toBeUndefined();
  });
});

function scalarKind(scalar: ScalarType | undefined): ScalarKind | undefined {
  return scalar === undefined ? undefined : (ScalarType[scalar].toLowerCase() as ScalarKind);
}

/** The files in this order, but each after those that it imports. */
function importsFirst(files: FileDescriptorProto[]): FileDescriptorProto[] {
  const byName = new Map(files.map((file) => [file.name, file]));
  const ordered = new Set<FileDescriptorProto>();
  const add = (file: FileDescriptorProto | undefined) => {
    if (!file || ordered.has(file)) return;
    for (const name of file.dependency) add(byName.get(name));
    ordered.add(file);
  };
  files.forEach(add);
  return [...ordered];
}
