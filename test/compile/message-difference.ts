// Compares messages in their JSON form: an absent field equals its default, an endpoint's localities are a set.

import { enumeration, type FieldInfo, type MessageInfo, message } from '../../src/envoy/api-table.js';

type Fields = { readonly [name: string]: unknown };

/** The first path at which two messages differ, with both values. */
export function difference(type: MessageInfo, a: unknown, b: unknown, path: string): string | undefined {
  const left = a as Fields;
  const right = b as Fields;
  for (const name of new Set([...Object.keys(left), ...Object.keys(right)])) {
    if (name === '@type') {
      if (path !== '' && left[name] !== right[name]) return show(`${path}.@type`, left[name], right[name]);
      continue;
    }
    const found = fieldDifference(type.field(name), left[name], right[name], `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function fieldDifference(
  field: FieldInfo | undefined,
  a: unknown,
  b: unknown,
  path: string,
): string | undefined {
  if (field === undefined)
    return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)) ? undefined : show(path, a, b);
  if (field.map !== undefined) {
    const left = (a ?? {}) as Fields;
    const right = (b ?? {}) as Fields;
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      if (!(key in left) || !(key in right)) return show(`${path}[${key}]`, left[key], right[key]);
      const found = valueDifference(field, left[key], right[key], `${path}[${key}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (field.repeated) {
    let left = (a ?? []) as readonly unknown[];
    let right = (b ?? []) as readonly unknown[];
    if (field.type?.endsWith('LocalityLbEndpoints')) {
      left = byLocality(left);
      right = byLocality(right);
    }
    if (left.length !== right.length) return show(`${path}.length`, left, right);
    for (let i = 0; i < left.length; i++) {
      const found = valueDifference(field, left[i], right[i], `${path}[${i}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return valueDifference(field, a, b, path);
}

function byLocality(list: readonly unknown[]): readonly unknown[] {
  const key = (item: unknown) => JSON.stringify(sorted((item as Fields).locality ?? {}));
  return [...list].sort((x, y) => (key(x) < key(y) ? -1 : 1));
}

function valueDifference(field: FieldInfo, a: unknown, b: unknown, path: string): string | undefined {
  if (field.kind === 'scalar')
    return String(a ?? zero(field)) === String(b ?? zero(field)) ? undefined : show(path, a, b);
  if (field.kind === 'enum') {
    const first = enumeration(field.type as string)?.values[0]?.name;
    return (a ?? first) === (b ?? first) ? undefined : show(path, a, b);
  }
  const type = message(field.type as string);
  if (type === undefined || /^google\.protobuf\.(?!Any)/.test(type.name))
    return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)) ? undefined : show(path, a, b);
  // A message that is there differs from one that is not.
  if (a === undefined || b === undefined) return a === b ? undefined : show(path, a, b);
  if (type.name === 'google.protobuf.Any') {
    const url = String((a as Fields)['@type']);
    const inner = message(url.slice(url.lastIndexOf('/') + 1));
    if (inner === undefined)
      return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)) ? undefined : show(path, a, b);
    return difference(inner, a, b, path);
  }
  return difference(type, a, b, path);
}

function zero(field: FieldInfo): string {
  return field.scalar === 'string' || field.scalar === 'bytes' ? '' : field.scalar === 'bool' ? 'false' : '0';
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, item]) => [name, sorted(item)]),
  );
}

function show(path: string, expected: unknown, actual: unknown): string {
  const short = (value: unknown) => (JSON.stringify(value) ?? 'absent').slice(0, 600);
  return `${path}\n      expected ${short(expected)}\n      actual   ${short(actual)}`;
}
