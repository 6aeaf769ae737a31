// The static bootstrap of a conformance case, for an upstream Envoy.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrap } from '../../../src/compile/bootstrap/bootstrap.js';
import type { Api } from '../../../src/envoy/detect.js';
import { readMeshConfig } from '../../../src/mesh/mesh-config.js';
import { readProxyFile } from '../../../src/mesh/proxy-description.js';

/** The bootstrap of the case in a folder, as JSON. */
export function caseBootstrap(folder: string, api: Api): string {
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const { settings } = readMeshConfig('mesh.yaml', read('mesh.yaml'));
  const { file: proxy } = readProxyFile('proxy.json', read('proxy.json'));
  if (settings === undefined || proxy === undefined) throw new Error(`${folder}: no settings or no proxy`);
  const inputs = readdirSync(join(folder, 'input'))
    .sort()
    .map((name) => ({ name, text: read(join('input', name)) }));
  const result = bootstrap(inputs, { settings, proxy, api, dataplane: 'envoy', discovery: 'static' });
  if (result.bootstrap === undefined) throw new Error(`${folder}: ${JSON.stringify(result.findings)}`);
  return JSON.stringify(result.bootstrap);
}
