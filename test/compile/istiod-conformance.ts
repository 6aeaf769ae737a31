// Reads a conformance case of istiod 1.29, compiles it, and compares the results as messages; lists that
// istiod or Envoy treats as sets are compared as sets.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Compiled, compileIstiod } from '../../src/compile/istiod/compile.js';
import { contextFor } from '../../src/compile/istiod/context/context.js';
import { istiodFeatures } from '../../src/compile/istiod/context/features.js';
import { type MessageInfo, message } from '../../src/envoy/api-table.js';
import type { Finding } from '../../src/finding/finding.js';
import { resolveProxy } from '../../src/mesh/istiod/proxy.js';
import { readIstiodMesh } from '../../src/mesh/istiod/read-mesh.js';
import { readNetworks, readSettings } from '../../src/mesh/istiod/settings.js';
import { readSource } from '../../src/source/document.js';
import { difference } from './message-difference.js';

export const KINDS = ['clusters', 'listeners', 'routes', 'endpoints'] as const;
export type Kind = (typeof KINDS)[number];

const TYPES: { readonly [K in Kind]: string } = {
  clusters: 'envoy.config.cluster.v3.Cluster',
  listeners: 'envoy.config.listener.v3.Listener',
  routes: 'envoy.config.route.v3.RouteConfiguration',
  endpoints: 'envoy.config.endpoint.v3.ClusterLoadAssignment',
};

export interface CaseResult {
  readonly equal: number;
  readonly total: number;
  readonly differences: readonly string[];
}

/** Compiles a case's input. */
export function compileCase(folder: string): {
  readonly compiled: Compiled;
  readonly findings: readonly Finding[];
} {
  const input = join(folder, 'input');
  const documents = readdirSync(input)
    .sort()
    .flatMap((name) => readSource(name, readFileSync(join(input, name), 'utf8')).documents);
  const node = JSON.parse(readFileSync(join(folder, 'proxy.json'), 'utf8'));
  const features = istiodFeatures(node.pilot_env ?? {});
  const { value: settings } = readSettings('mesh.yaml', readFileSync(join(folder, 'mesh.yaml'), 'utf8'));
  if (settings === undefined) throw new Error(`${folder}: no mesh settings`);
  const networksFile = join(folder, 'networks.yaml');
  const networks = existsSync(networksFile)
    ? readNetworks('networks.yaml', readFileSync(networksFile, 'utf8')).value
    : undefined;
  const { mesh, findings } = readIstiodMesh(documents, { settings, networks, clusterId: features.clusterId });
  const proxy = resolveProxy(mesh, {
    ...node,
    locality: node.locality && {
      region: '',
      zone: '',
      subZone: node.locality.subzone ?? '',
      ...node.locality,
    },
  });
  return { compiled: compileIstiod(contextFor(mesh, proxy, features), node.routes ?? []), findings };
}

/** Compares what was compiled with what istiod sends. */
export function compareCase(
  folder: string,
  compiled: Compiled,
  kinds: readonly Kind[] = KINDS,
): ReadonlyMap<Kind, CaseResult> {
  return new Map(kinds.map((kind) => [kind, compareKind(folder, kind, compiled[kind] as readonly object[])]));
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
      const path = difference(type, unordered(resource), unordered(found), '');
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

/** Lists that are sets, with what their items are sorted by. */
const SETS: ReadonlyMap<string, (item: unknown) => string> = new Map([
  [
    'filter_chains',
    (item) =>
      JSON.stringify((item as { filter_chain_match?: unknown }).filter_chain_match ?? {}) +
      JSON.stringify(item),
  ],
  [
    'endpoints',
    (item) =>
      JSON.stringify([
        (item as { locality?: unknown }).locality ?? {},
        (item as { priority?: number }).priority ?? 0,
      ]),
  ],
  [
    'lb_endpoints',
    (item) => JSON.stringify((item as { endpoint?: unknown }).endpoint) + JSON.stringify(item),
  ],
  ['match_typed_subject_alt_names', JSON.stringify],
  ['match_subject_alt_names', JSON.stringify],
  ['domains', JSON.stringify],
  ['virtual_hosts', (item) => String((item as { name?: string }).name)],
  ['query_parameters', JSON.stringify],
]);

/** A value with its keys sorted, and its sets too. */
function unordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unordered);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, item]) => {
        const inner = unordered(item);
        const key = SETS.get(name);
        return [name, key !== undefined && Array.isArray(inner) ? sortedBy(inner, key) : inner];
      }),
  );
}

function sortedBy(items: readonly unknown[], key: (item: unknown) => string): unknown[] {
  return items
    .map((item) => [key(item), item] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, item]) => item);
}
