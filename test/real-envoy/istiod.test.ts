// Envoy accepts the static bootstraps of all conformance cases of istiod 1.29.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { istiodBootstrap } from '../../src/compile/bootstrap/istiod-bootstrap.js';
import { readNetworks, readSettings } from '../../src/mesh/istiod/settings.js';
import { readProxyFile } from '../../src/mesh/proxy-description.js';
import { sharedFolder } from '../shared.js';
import { ENVOY, refusals } from './envoy.js';

const cases = sharedFolder('conformance/istio-1.29');

test.skipIf(ENVOY === undefined || cases === undefined)(
  'Envoy accepts the bootstraps of the conformance cases',
  { timeout: 300_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'xdsc-istiod-'));
    try {
      const names = readdirSync(cases as string).filter((name) =>
        existsSync(join(cases as string, name, 'proxy.json')),
      );
      const files = names.map((name) => {
        const file = join(folder, `${name}.json`);
        const text = JSON.stringify(bootstrapOf(join(cases as string, name)));
        // This Envoy writes to no terminal.
        writeFileSync(file, text.replaceAll('/dev/stdout', '/dev/null'));
        return file;
      });
      const said = await refusals(ENVOY as string, files);
      const refused = names.flatMap((name, index) =>
        said[index] === undefined ? [] : [`${name}: ${said[index]}`.slice(0, 300)],
      );
      expect(refused).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

function bootstrapOf(folder: string): object | undefined {
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');
  const inputs = readdirSync(join(folder, 'input')).map((name) => ({ name, text: read(`input/${name}`) }));
  const settings = readSettings('mesh.yaml', read('mesh.yaml')).value;
  const networks = existsSync(join(folder, 'networks.yaml'))
    ? readNetworks('networks.yaml', read('networks.yaml')).value
    : undefined;
  const { file: proxy } = readProxyFile('proxy.json', read('proxy.json'));
  if (proxy === undefined) throw new Error(`${folder}: no proxy`);
  return istiodBootstrap(inputs, {
    ...(settings !== undefined && { settings }),
    ...(networks !== undefined && { networks }),
    proxy,
    discovery: 'static',
  }).bootstrap;
}
