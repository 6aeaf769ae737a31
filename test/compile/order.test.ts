// The order of inputs and documents makes no difference, down to the bytes.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CompileInput, compileInputs } from '../../src/compile/compile-inputs.js';
import { jsonText } from '../../src/compile/json-text.js';
import { JSON_FORM, RESOURCE_KINDS } from '../../src/compile/response.js';
import { responseWriter } from '../../src/compile/writer.js';
import { readMeshConfig } from '../../src/mesh/mesh-config.js';
import { readProxyFile } from '../../src/mesh/proxy-description.js';
import { sharedFolder } from '../shared.js';

const folder = sharedFolder('conformance/istio-1.1.7-random');

function textOf(name: string, inputs: readonly CompileInput[]): string {
  const at = (file: string) => readFileSync(join(folder as string, name, file), 'utf8');
  const { settings } = readMeshConfig('mesh.yaml', at('mesh.yaml'));
  const { file } = readProxyFile('proxy.json', at('proxy.json'));
  if (settings === undefined || file === undefined) throw new Error(`${name} cannot be read`);
  const { compiled } = compileInputs(inputs, { settings, proxy: file });
  if (compiled === undefined) throw new Error(`${name} was not compiled`);
  return [...responseWriter(JSON_FORM, 1, false).proxy(compiled, RESOURCE_KINDS)].join('');
}

describe.skipIf(folder === undefined)('order', () => {
  it.each(['rand-02', 'rand-03-sds-token', 'rand-11-legacy', 'gw-04'])('%s', (name) => {
    const input = join(folder as string, name, 'input');
    const files = readdirSync(input)
      .sort()
      .map((file) => ({ name: file, text: readFileSync(join(input, file), 'utf8') }));
    const expected = textOf(name, files);
    const documents = files.flatMap(({ text }) => text.split(/^---$/m)).reverse();
    const half = documents.length >> 1;
    const mixed = [documents.slice(half), documents.slice(0, half)].map((part, i) => ({
      name: `${i}.yaml`,
      text: part.join('\n---\n'),
    }));
    expect(textOf(name, mixed)).toBe(expected);
  });
});

it('prints what JSON.stringify prints', () => {
  const shared = { api: [{ path: '/x' }] };
  const value = {
    name: 'a"b\n',
    none: undefined,
    sds_config: shared,
    list: [1, true, null, 'ü', []],
    again: { sds_config: shared, empty: {} },
  };
  expect(jsonText(value, 0)).toBe(JSON.stringify(value, null, 1));
});
