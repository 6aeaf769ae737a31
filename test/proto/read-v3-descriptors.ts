// Reads what descriptors declare as one text for each message, field, oneof, enum, value and service.

import {
  type AnyDesc,
  type DescField,
  type FileRegistry,
  getOption,
  hasOption,
  type Message,
  ScalarType,
  toJson,
} from '@bufbuild/protobuf';

/** Options that stand for themselves in a declaration, or that only direct other tools. */
const NOT_LISTED = new Set([
  'validate.rules',
  'validate.required',
  'udpa.annotations.sensitive',
  'envoy.annotations.disallowed_by_default',
  'envoy.annotations.deprecated_at_minor_version',
]);

/** JSON with its keys in order. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    one !== null && typeof one === 'object' && !Array.isArray(one)
      ? Object.fromEntries(
          Object.entries(one)
            .filter(([key]) => key !== 'envoy.annotations.deprecated_at_minor_version')
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : one,
  );
}

/**
 * @param paths the files to read
 * @returns each declaration by the full name of what it declares, in the form of readV3Facts
 */
export function readV3Descriptors(registry: FileRegistry, paths: readonly string[]): Map<string, string> {
  const declared = new Map<string, string>();
  const extensions = [...registry].filter((type) => type.kind === 'extension');
  for (const path of paths) {
    const file = registry.getFile(path);
    if (file === undefined) continue;
    declared.set(`file ${path}`, canonical(options(file)));
    for (const service of file.services) {
      const methods = service.methods.map(
        ({ name, proto, input, output }) =>
          `${name}(${proto.clientStreaming ? 'stream ' : ''}${input.typeName}) -> ${proto.serverStreaming ? 'stream ' : ''}${output.typeName}`,
      );
      declared.set(`service ${service.typeName}`, methods.join('; '));
    }
    for (const type of registry) {
      if (type.kind === 'extension' || type.kind === 'service' || type.file !== file) continue;
      if (type.kind === 'enum') {
        declared.set(`enum ${type.typeName}`, '');
        for (const value of type.values) {
          const custom = extension('envoy.annotations.disallowed_by_default_enum');
          const flags = `${value.deprecated ? ' deprecated' : ''}${custom && getOption(value, custom) ? ' disallowed' : ''}`;
          declared.set(`value ${type.typeName}.${value.name}`, `${value.number}${flags}`);
        }
      } else if (!type.proto.options?.mapEntry) {
        declared.set(`message ${type.typeName}`, canonical(options(type)));
        for (const oneof of type.oneofs)
          declared.set(`oneof ${type.typeName}.${oneof.name}`, flag(oneof, 'validate.required', 'required'));
        for (const field of type.fields)
          declared.set(`field ${type.typeName}.${field.name}`, fieldText(field));
      }
    }
  }
  return declared;

  function fieldText(field: DescField): string {
    const flags = [
      field.deprecated ? 'deprecated' : '',
      flag(field, 'udpa.annotations.sensitive', 'sensitive'),
      flag(field, 'envoy.annotations.disallowed_by_default', 'disallowed'),
    ];
    const rules = extension('validate.rules');
    return [
      field.number,
      typeText(field),
      field.oneof?.name ?? '',
      flags.filter((one) => one !== '').join(' '),
      canonical(rules !== undefined && hasOption(field, rules) ? json(field, 'validate.rules') : {}),
      canonical(options(field)),
    ].join(' | ');
  }

  function options(element: AnyDesc): Record<string, unknown> {
    const found: Record<string, unknown> = {};
    for (const { no } of element.proto.options?.$unknown ?? []) {
      const known = extensions.find(
        ({ number, extendee }) => number === no && extendee.typeName === element.proto.options?.$typeName,
      );
      if (known === undefined) throw new Error(`${element} has an option ${no}`);
      if (!NOT_LISTED.has(known.typeName)) found[known.typeName] = json(element, known.typeName);
    }
    return found;
  }

  function json(element: AnyDesc, name: string): unknown {
    const known = registry.getExtension(name);
    const value = known && getOption(element, known);
    return known?.message
      ? toJson(known.message, value as Message, { useProtoFieldName: true, registry })
      : value;
  }

  function flag(element: AnyDesc, name: string, word: string): string {
    const known = extension(name);
    return known !== undefined && getOption(element, known) === true ? word : '';
  }

  function extension(name: string) {
    return registry.getExtension(name);
  }
}

function typeText(field: DescField): string {
  const value = field.message?.typeName ?? field.enum?.typeName ?? scalarName(field.scalar);
  if (field.fieldKind === 'map') return `map<${scalarName(field.mapKey)}, ${value}>`;
  return field.fieldKind === 'list' ? `repeated ${value}` : value;
}

function scalarName(scalar: ScalarType | undefined): string {
  return scalar === undefined ? 'unknown' : ScalarType[scalar].toLowerCase();
}
