// The meshes of fixtures/rehearse.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CompileInput } from '../../src/compile/compile.js';
import { readMeshConfig } from '../../src/mesh/mesh-config.js';
import type { MeshSettings } from '../../src/mesh/model.js';
import { type Cluster, readCluster } from '../../src/rehearse/cluster.js';

export const MESHES = resolve(import.meta.dirname, '../../fixtures/rehearse');

/** What is expected of each call, written by hand. */
export const MATRIX = 'expected-matrix.yaml';
/** What is no manifest of a mesh. */
const BESIDE = ['mesh.yaml', MATRIX];

/** The meshes that have a matrix. */
export function withMatrix(): string[] {
  return readdirSync(MESHES).filter((name) => existsSync(join(MESHES, name, MATRIX)));
}

/** A mesh, read. */
export interface TestMesh {
  readonly inputs: readonly CompileInput[];
  readonly settings: MeshSettings;
  readonly cluster: Cluster;
}

/** Reads a mesh of the fixtures. */
export function meshNamed(name: string, only: readonly string[] = []): TestMesh {
  const folder = join(MESHES, name);
  const text = (file: string): string => readFileSync(join(folder, file), 'utf8');
  const inputs = readdirSync(folder)
    .filter((file) => file.endsWith('.yaml') && !BESIDE.includes(file))
    .map((file) => ({ name: file, text: text(file) }));
  const { settings } = readMeshConfig('mesh.yaml', text('mesh.yaml'));
  if (settings === undefined) throw new Error(`${name} has no settings`);
  const { cluster, findings } = readCluster(inputs, settings, only);
  if (cluster === undefined) throw new Error(JSON.stringify(findings));
  return { inputs, settings, cluster };
}
