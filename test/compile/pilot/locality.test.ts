// What the mesh's locality setting makes of clusters that hold their endpoints, as seen from where the proxy is.

import { expect, it } from 'vitest';
import type { ProxyDescription } from '../../../src/mesh/proxy.js';
import { compileFor, istio, pod, service } from '../mesh-of.js';

const PLACES = istio(
  'ServiceEntry',
  'db',
  `{hosts: [db.example.org], resolution: DNS, location: MESH_EXTERNAL, ports: [{number: 80, name: http, protocol: HTTP}],
    endpoints: [{address: a.example.org, locality: eu/z1}, {address: b.example.org, locality: us/z1}, {address: c.example.org}]}`,
);
const NODE = `apiVersion: v1
kind: Node
metadata: {name: n, labels: {failure-domain.beta.kubernetes.io/region: eu, failure-domain.beta.kubernetes.io/zone: z2}}`;
const CLIENT = pod('client', '10.1.0.1').replace('spec: {', 'spec: {nodeName: n, ');
const DISTRIBUTE = 'localityLbSetting: {distribute: [{from: eu/*, to: {eu/*: 80, us/*: 20}}]}\n';

/** The endpoints of the entry with their locality's weight and priority. */
function seen(resources: readonly string[], mesh: string, proxy: Partial<ProxyDescription> = {}) {
  const { clusters } = compileFor([PLACES, ...resources], { mesh, proxy });
  const found = clusters.find(({ name }) => name === 'outbound|80||db.example.org');
  return found?.load_assignment?.endpoints?.map(({ locality, lb_endpoints, ...rest }) => [
    locality?.region,
    lb_endpoints?.[0]?.endpoint?.address?.socket_address?.address,
    rest.load_balancing_weight,
    rest.priority ?? 0,
  ]);
}

const UNCHANGED = [
  ['eu', 'a.example.org', 1, 0],
  ['us', 'b.example.org', 1, 0],
  [undefined, 'c.example.org', 1, 0],
];
const DISTRIBUTED = [
  ['eu', 'a.example.org', 80, 0],
  ['us', 'b.example.org', 20, 0],
  [undefined, undefined, 1, 0],
];

it('uses the locality of the node', () => {
  const locality = { region: 'eu', zone: '', subZone: '' };
  expect(seen([], DISTRIBUTE, { locality })).toEqual(DISTRIBUTED);
});

it("uses the locality of the proxy's first instance if the node has no region", () => {
  const resources = [NODE, CLIENT, service('client', 80)];
  expect(seen(resources, DISTRIBUTE)).toEqual(DISTRIBUTED);
  const locality = { region: '', zone: 'z9', subZone: '' };
  expect(seen(resources, DISTRIBUTE, { locality })).toEqual(DISTRIBUTED);
});

it('prefers the label of an instance to the locality from its registry', () => {
  const labelled = CLIENT.replace('app: client', 'app: client, istio-locality: us.z1');
  expect(seen([NODE, labelled, service('client', 80)], DISTRIBUTE)).toEqual(UNCHANGED);
  const moved = PLACES.replace('locality: us/z1', 'labels: {istio-locality: eu.z3}, locality: us/z1');
  const { clusters } = compileFor([moved], {});
  const found = clusters.find(({ name }) => name === 'outbound|80||db.example.org');
  expect(found?.load_assignment?.endpoints?.map(({ locality }) => locality)).toEqual([
    { region: 'eu', zone: 'z1' },
    { region: 'eu', zone: 'z3' },
    undefined,
  ]);
});

it('prefers the locality of the proxy description', () => {
  const locality = { region: 'us', zone: '', subZone: '' };
  expect(seen([NODE, CLIENT, service('client', 80)], DISTRIBUTE, { locality })).toEqual(UNCHANGED);
});

it('uses no locality for a workload without a service', () => {
  expect(seen([NODE, CLIENT], DISTRIBUTE)).toEqual(UNCHANGED);
});

it('orders localities by distance if outlier detection ejects hosts', () => {
  const rule = istio(
    'DestinationRule',
    'db',
    '{host: db.example.org, trafficPolicy: {outlierDetection: {consecutiveErrors: 5}}}',
  );
  expect(seen([NODE, CLIENT, service('client', 80), rule], 'enableTracing: false\n')).toEqual([
    ['eu', 'a.example.org', 1, 0],
    ['us', 'b.example.org', 1, 1],
    [undefined, 'c.example.org', 1, 1],
  ]);
});
