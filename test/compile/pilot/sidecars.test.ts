// Which Sidecar resource a proxy follows, and what it sees then.

import { expect, test } from 'vitest';
import { compileFor, istio, pod, service } from '../mesh-of.js';

/** The hosts for which a proxy of `shop` has clusters. */
function hosts(...resources: string[]): string[] {
  const { clusters } = compileFor(resources);
  const names = clusters.flatMap(({ name = '' }) => (name.startsWith('outbound') ? name.split('|')[3] : []));
  return [...new Set(names as string[])].sort();
}

const sidecar = (name: string, spec: string, namespace = 'shop') => istio('Sidecar', name, spec, namespace);
const egress = (...from: string[]) => `egress: [{hosts: ${JSON.stringify(from)}}]`;
const entry = (name: string, host: string, namespace: string) =>
  istio(
    'ServiceEntry',
    name,
    `{hosts: [${host}], ports: [{number: 80, name: http, protocol: HTTP}]}`,
    namespace,
  );

const OTHER = service('other', 80, 'http', 'other');
const WEB = [service('web', 80), pod('web', '10.1.0.1')];
const web = 'web.shop.svc.cluster.local';
const other = 'other.other.svc.cluster.local';

test('one that selects the workload is preferred to that of its namespace', () => {
  const general = sidecar('a', `{${egress('./*')}}`);
  const selecting = (app: string) =>
    sidecar('b', `{workloadSelector: {labels: {app: ${app}}}, ${egress('other/*')}}`);
  expect(hosts(...WEB, OTHER, general, selecting('web'))).toEqual([other]);
  expect(hosts(...WEB, OTHER, general, selecting('none'))).toEqual([web]);
});

test('if none in its namespace selects the workload, everything is visible', () => {
  expect(
    hosts(
      ...WEB,
      OTHER,
      sidecar('a', `{workloadSelector: {labels: {app: none}}, ${egress('./*')}}`),
      sidecar('root', `{${egress('./*')}}`, 'istio-system'),
    ),
  ).toEqual([other, web]);
});

test("the root namespace's is for namespaces that have services and no Sidecar", () => {
  const root = sidecar('root', `{${egress('./*')}}`, 'istio-system');
  expect(hosts(...WEB, OTHER, root)).toEqual([web]);
  expect(hosts(OTHER, root)).toEqual([other]);
});

test('a host of two namespaces is a service of the later one', () => {
  const root = sidecar('root', `{${egress('istio-system/*')}}`, 'istio-system');
  const first = entry('a', 'twice.example', 'shop');
  expect(hosts(first, root)).toEqual([]);
  expect(hosts(first, entry('b', 'twice.example', 'other'), root)).toEqual(['twice.example']);
});
