// Reads a conformance case, compiles it, and compares the results as messages: an absent field equals its
// default, resources go by name, an endpoint's localities are a set.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Compiled } from '../../src/compile/compiled.js';
import { contextFor, pilotEnvironment } from '../../src/compile/pilot/context/context.js';
import type { Dataplane } from '../../src/compile/pilot/context/dataplane.js';
import { compile } from '../../src/compile/pilot/proxy-configuration.js';
import { enumeration, type FieldInfo, type MessageInfo, message } from '../../src/envoy/api-table.js';
import type { Finding } from '../../src/finding/finding.js';
import { readMeshConfig } from '../../src/mesh/mesh-config.js';
import { resolveProxy } from '../../src/mesh/proxy.js';
import { readMesh } from '../../src/mesh/read-mesh.js';
import { readSource } from '../../src/source/document.js';

export const KINDS = ['clusters', 'listeners', 'routes', 'endpoints'] as const;
export type Kind = (typeof KINDS)[number];

const TYPES: { readonly [K in Kind]: string } = {
  clusters: 'envoy.api.v2.Cluster',
  listeners: 'envoy.api.v2.Listener',
  routes: 'envoy.api.v2.RouteConfiguration',
  endpoints: 'envoy.api.v2.ClusterLoadAssignment',
};

export interface CaseResult {
  readonly equal: number;
  readonly total: number;
  readonly differences: readonly string[];
}

/** Compiles a case's input. */
export function compileCase(
  folder: string,
  dataplane: Dataplane = 'istio',
): {
  readonly compiled: Compiled;
  readonly findings: readonly Finding[];
} {
  const input = join(folder, 'input');
  const documents = readdirSync(input)
    .sort()
    .flatMap((name) => readSource(name, readFileSync(join(input, name), 'utf8')).documents);
  const { settings } = readMeshConfig('mesh.yaml', readFileSync(join(folder, 'mesh.yaml'), 'utf8'));
  if (settings === undefined) throw new Error(`${folder}: no mesh settings`);
  const { mesh, findings } = readMesh(documents, settings);
  const node = JSON.parse(readFileSync(join(folder, 'proxy.json'), 'utf8'));
  const proxy = resolveProxy(mesh, {
    ...node,
    locality: node.locality && { region: '', zone: '', subZone: '', ...node.locality },
  });
  const context = contextFor(mesh, proxy, pilotEnvironment(node.pilot_env ?? {}), 'istio-1.1', dataplane);
  return { compiled: compile(context, node.routes ?? []), findings };
}

/** Compares what was compiled with what Pilot sends. */
export function compareCase(folder: string, compiled: Compiled): { readonly [K in Kind]: CaseResult } {
  return Object.fromEntries(
    KINDS.map((kind) => [kind, compareKind(folder, kind, (compiled[kind] ?? []) as readonly object[])]),
  ) as { readonly [K in Kind]: CaseResult };
}

function compareKind(folder: string, kind: Kind, actual: readonly object[]): CaseResult {
  const text = readFileSync(join(folder, 'expected', `${kind}.json`), 'utf8');
  const expected = (JSON.parse(text).resources ?? []) as readonly object[];
  const type = message(TYPES[kind]) as MessageInfo;
  const byName = new Map(actual.map((resource) => [nameOf(resource), resource]));
  const differences: string[] = [];
  let equal = 0;
  for (const resource of expected) {
    const name = nameOf(resource);
    const found = byName.get(name);
    byName.delete(name);
    if (found === undefined) differences.push(`${name}: missing`);
    else {
      const path = difference(type, resource, found, '');
      if (path === undefined) equal++;
      else differences.push(`${name}: ${path}`);
    }
  }
  for (const name of byName.keys()) differences.push(`${name}: not expected`);
  return { equal, total: expected.length, differences };
}

function nameOf(resource: object): string {
  const named = resource as { name?: string; cluster_name?: string };
  return named.name ?? named.cluster_name ?? '';
}

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
