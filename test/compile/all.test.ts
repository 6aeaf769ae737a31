// All proxies of a mesh at once: what they share changes nothing of what each is sent.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type CompileInput,
  compileAllInputs,
  compileInputs,
  type MeshOptions,
} from '../../src/compile/compile.js';
import { JSON_FORM, RESOURCE_KINDS } from '../../src/compile/output/response.js';
import { responseWriter } from '../../src/compile/output/writer.js';
import { YAML_FORM } from '../../src/compile/output/yaml-form.js';
import { readMeshConfig } from '../../src/mesh/mesh-config.js';
import { sharedFolder } from '../shared.js';
import { istio, pod, service } from './mesh-of.js';

type Form = typeof JSON_FORM;

/** How many proxies of a mesh are compiled alone, to be compared. */
const MOST_ALONE = 6;

/** Each proxy's text, with all of them compiled together. */
function together(inputs: readonly CompileInput[], options: MeshOptions, form: Form): Map<string, string> {
  const { compiled, findings } = compileAllInputs(inputs, options);
  if (compiled === undefined) throw new Error(findings.map(({ message }) => message).join('\n'));
  const writer = responseWriter(form, 1, true);
  const texts = new Map<string, string>();
  for (const { proxy, compiled: one } of compiled)
    texts.set(proxy.id, [...writer.proxy(one, RESOURCE_KINDS)].join(''));
  return texts;
}

/** A proxy's text, compiled by itself. */
function alone(inputs: readonly CompileInput[], options: MeshOptions, proxy: string, form: Form): string {
  const { compiled } = compileInputs(inputs, { ...options, proxy });
  if (compiled === undefined) throw new Error(`${proxy} was not compiled`);
  return [...responseWriter(form, 1, false).proxy(compiled, RESOURCE_KINDS)].join('');
}

/** How many texts differ, and the first proxy whose text does: texts are too long to be compared by vitest. */
function differing(inputs: readonly CompileInput[], options: MeshOptions, form = JSON_FORM): string[] {
  const texts = [...together(inputs, options, form)];
  // To compile one alone is to read everything again: of many, some will do.
  const step = Math.ceil(texts.length / MOST_ALONE);
  return texts
    .filter((_, index) => index % step === 0)
    .filter(([id, text]) => text !== alone(inputs, options, id, form))
    .map(([id]) => id);
}

function annotated(text: string, annotation: string): string {
  return text.replace('labels:', `annotations: {${annotation}}, labels:`);
}

/** Namespaces, labels, Sidecar resources, modes and a gateway: all that tells one proxy's view from another's. */
const MESH = [
  service('cart', 80),
  service('orders', 80),
  service('tokens', 9000, 'tcp'),
  service('bank', 80, 'http', 'money'),
  service('vault', 443, 'https', 'money').replace(
    'namespace: money',
    'namespace: money, annotations: {networking.istio.io/exportTo: .}',
  ),
  service('front', 80, 'http', 'istio-system'),
  pod('cart', '10.1.0.1'),
  pod('orders', '10.1.0.2'),
  annotated(pod('tokens', '10.1.0.3'), 'sidecar.istio.io/interceptionMode: NONE'),
  pod('bank', '10.1.0.4', 'money'),
  pod('vault', '10.1.0.5', 'money'),
  pod('front', '10.1.0.6', 'istio-system'),
  annotated(pod('batch', '10.1.0.7'), 'sidecar.istio.io/inject: "false"'),
  istio('MeshPolicy', 'default', '{peers: [{mtls: {}}]}'),
  istio('Policy', 'cart', '{targets: [{name: cart}], peers: [{mtls: {mode: PERMISSIVE}}]}'),
  istio(
    'DestinationRule',
    'all',
    '{host: "*.local", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}',
    'istio-system',
  ),
  istio(
    'DestinationRule',
    'bank',
    '{host: bank.money.svc.cluster.local, subsets: [{name: v1, labels: {app: bank}}]}',
  ),
  istio(
    'VirtualService',
    'bank',
    '{hosts: [bank.money.svc.cluster.local], http: [{match: [{sourceLabels: {app: cart}}], route: [{destination: {host: bank.money.svc.cluster.local, subset: v1}}]}, {route: [{destination: {host: bank.money.svc.cluster.local}}]}]}',
  ),
  istio('Sidecar', 'default', '{egress: [{hosts: ["./*", "istio-system/*"]}]}', 'money'),
  istio(
    'Gateway',
    'front',
    '{selector: {app: front}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}',
    'istio-system',
  ),
  istio(
    'VirtualService',
    'shop',
    '{hosts: [shop.example.com], gateways: [istio-system/front], http: [{route: [{destination: {host: cart}}]}]}',
  ),
];

const INPUTS: readonly CompileInput[] = [{ name: 'mesh.yaml', text: MESH.join('\n---\n') }];
const { settings } = readMeshConfig('mesh.yaml', 'sdsUdsPath: unix:/var/run/sds/uds_path\n');
const OPTIONS: MeshOptions = settings === undefined ? {} : { settings };

describe('all proxies', () => {
  it('are those of workloads with a sidecar, and gateways, by namespace', () => {
    const { proxies, withoutSidecar } = compileAllInputs(INPUTS, OPTIONS);
    expect(proxies.map(({ id, type }) => `${type} ${id}`)).toEqual([
      'router front-1.istio-system',
      'sidecar bank-1.money',
      'sidecar vault-1.money',
      'sidecar cart-1.shop',
      'sidecar orders-1.shop',
      'sidecar tokens-1.shop',
    ]);
    expect(withoutSidecar).toBe(1);
  });

  it('get the same output as each one alone', () => {
    expect(differing(INPUTS, OPTIONS)).toEqual([]);
    expect(differing(INPUTS, OPTIONS, YAML_FORM)).toEqual([]);
    expect(differing(INPUTS, { ...OPTIONS, dataplane: 'envoy' })).toEqual([]);
  });

  it('differ from one another where their labels, namespaces or modes do', () => {
    const texts = together(INPUTS, OPTIONS, JSON_FORM);
    const routes = (id: string) => texts.get(id)?.includes('outbound|80|v1|bank.money') ?? false;
    expect(routes('cart-1.shop')).toBe(true);
    const own = new Set(texts.values());
    expect(own.size).toBe(texts.size);
  });

  it('share clusters across namespaces, and other outbound resources within a namespace', () => {
    const { compiled = [] } = compileAllInputs(INPUTS, OPTIONS);
    const byId = new Map([...compiled].map(({ proxy, compiled: one }) => [proxy.id, one]));
    const [cart, orders] = [byId.get('cart-1.shop'), byId.get('orders-1.shop')];
    const bank = byId.get('bank-1.money');
    const named = (clusters: readonly { name?: string | undefined }[] = [], name: string) =>
      clusters.find((cluster) => cluster.name === name);
    const front = 'outbound|80||front.istio-system.svc.cluster.local';
    expect(named(bank?.clusters, front)).toBeDefined();
    expect(named(bank?.clusters, front)).toBe(named(cart?.clusters, front));
    // Their labels are asked for by a route, so they see different routes, and the same endpoints.
    expect(orders?.listeners.at(-1)).not.toBe(cart?.listeners.at(-1));
    expect(orders?.endpoints.length).toBe(cart?.endpoints.length);
  });

  it('are an error if there is none, or if an ID is not a valid directory name', () => {
    const codes = (text: string) =>
      compileAllInputs([{ name: 'a.yaml', text }], OPTIONS).findings.map(({ code }) => code);
    expect(codes(service('cart', 80))).toContain('no-proxies');
    expect(codes(pod('cart', '10.1.0.1').replace('name: cart-1', 'name: ../cart'))).toContain('unfit-name');
    expect(codes(`${pod('cart', '10.1.0.1')}\n---\n${pod('cart', '10.1.0.2')}`)).toContain('second-proxy');
  });
});

const random = sharedFolder('conformance/istio-1.1.7-random');

describe.skipIf(random === undefined)('all proxies of a random mesh', () => {
  it.each(random === undefined ? [] : readdirSync(random).filter((name) => !name.includes('.')))(
    '%s',
    (name) => {
      const folder = join(random as string, name);
      const { settings: found } = readMeshConfig(
        'mesh.yaml',
        readFileSync(join(folder, 'mesh.yaml'), 'utf8'),
      );
      const inputs = readdirSync(join(folder, 'input')).map((file) => ({
        name: file,
        text: readFileSync(join(folder, 'input', file), 'utf8'),
      }));
      if (found === undefined) throw new Error('no mesh settings');
      expect(differing(inputs, { settings: found })).toEqual([]);
    },
  );
});
