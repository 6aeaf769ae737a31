// Reads a conformance case, compiles it, and compares the results as messages: an absent field equals its
// default, resources go by name, an endpoint's localities are a set.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Compiled } from '../../src/compile/compiled.js';
import { contextFor, pilotEnvironment } from '../../src/compile/pilot/context/context.js';
import type { Dataplane } from '../../src/compile/pilot/context/dataplane.js';
import { compile } from '../../src/compile/pilot/proxy-configuration.js';
import { type MessageInfo, message } from '../../src/envoy/api-table.js';
import type { Finding } from '../../src/finding/finding.js';
import { readMeshConfig } from '../../src/mesh/mesh-config.js';
import { resolveProxy } from '../../src/mesh/proxy.js';
import { readMesh } from '../../src/mesh/read-mesh.js';
import { readSource } from '../../src/source/document.js';
import { difference } from './message-difference.js';

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
