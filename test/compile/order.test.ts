// The order of inputs and documents makes no difference, down to the bytes.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type CompileInput, compileAllInputs, compileInputs } from '../../src/compile/compile.js';
import { jsonText } from '../../src/compile/output/json-text.js';
import { JSON_FORM, RESOURCE_KINDS } from '../../src/compile/output/response.js';
import { responseWriter } from '../../src/compile/output/writer.js';
import { readMeshConfig } from '../../src/mesh/mesh-config.js';
import { readProxyFile } from '../../src/mesh/proxy-description.js';
import { sharedFolder } from '../shared.js';
import { istio, pod, service } from './mesh-of.js';

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

describe('all proxies of templates', () => {
  const deployment = (name: string, account: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {serviceAccountName: ${account}, containers: [{name: main, ports: [{containerPort: 80}]}]}`;
  const resources = [
    service('cart', 80),
    service('orders', 9000, 'tcp'),
    deployment('cart', 'a'),
    deployment('orders', 'b'),
    pod('client', '10.1.0.1'),
    istio(
      'DestinationRule',
      'all',
      '{host: "*.local", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}',
      'istio-system',
    ),
    istio('MeshPolicy', 'default', '{peers: [{mtls: {}}]}'),
  ];

  /** What is compiled for all, and what is said of it but for places. */
  function allOf(inputs: readonly CompileInput[]): { readonly text: string; readonly findings: string[] } {
    const { compiled, findings } = compileAllInputs(inputs, {});
    const writer = responseWriter(JSON_FORM, 1, true);
    const texts = [...(compiled ?? [])].map(
      ({ proxy, compiled: one }) => `${proxy.id} ${[...writer.proxy(one, RESOURCE_KINDS)].join('')}`,
    );
    return { text: texts.join('\n'), findings: findings.map(({ message }) => message).sort() };
  }

  const one: CompileInput[] = [{ name: 'all.yaml', text: resources.join('\n---\n') }];
  const expected = allOf(one);

  it.each([
    ['in the opposite order', [{ name: 'all.yaml', text: resources.slice().reverse().join('\n---\n') }]],
    ['in a file each', resources.map((text, index) => ({ name: `${9 - index}.yaml`, text }))],
    [
      'as a List',
      [
        {
          name: 'list.yaml',
          text: `apiVersion: v1\nkind: List\nitems:\n${resources.map((text) => `- ${text.replaceAll('\n', '\n  ')}`).join('\n')}\n`,
        },
      ],
    ],
    [
      'as a List in JSON',
      [
        {
          name: 'list.json',
          text: JSON.stringify({
            apiVersion: 'v1',
            kind: 'List',
            items: resources.map((text) => parse(text)),
          }),
        },
      ],
    ],
  ])('%s are the same', (_, inputs) => {
    const { text, findings } = allOf(inputs);
    expect(text === expected.text).toBe(true);
    expect(findings).toEqual(expected.findings);
  });

  it('are all there', () => {
    expect(expected.text.match(/^\S+ \{$/gm)).toEqual(['cart.shop {', 'client-1.shop {', 'orders.shop {']);
    expect(expected.text).toContain('spiffe://cluster.local/ns/shop/sa/a');
  });
});
