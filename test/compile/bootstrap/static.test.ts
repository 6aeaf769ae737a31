// A static bootstrap holds everything: nothing in it is left to be discovered.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { staticResources } from '../../../src/compile/bootstrap/static-resources.js';
import { sharedFolder } from '../../shared.js';
import { compileCase } from '../conformance.js';
import { compileFor, istio, pod, service } from '../mesh-of.js';

/** Where a value leaves something to a control plane. */
function leftToDiscover(value: unknown, path = ''): string[] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    ['ads', 'rds', 'eds_cluster_config'].includes(name)
      ? [`${path}.${name}`]
      : leftToDiscover(inner, `${path}.${name}`),
  );
}

describe('static resources', () => {
  const compiled = compileFor([
    service('cart', 8080),
    pod('cart', '10.1.0.5'),
    `apiVersion: v1
kind: Endpoints
metadata: {name: cart, namespace: shop}
subsets: [{addresses: [{ip: 10.1.0.5}], ports: [{name: http, port: 8080}]}]`,
    istio(
      'ServiceEntry',
      'outside',
      `{hosts: [api.example.com], ports: [{number: 80, name: http, protocol: HTTP}],
        resolution: STATIC, endpoints: [{address: 192.0.2.7}]}`,
    ),
  ]);
  const { clusters, listeners } = staticResources(compiled);
  const cluster = (name: string) => clusters.find((candidate) => candidate.name?.endsWith(name));
  const endpointAt = (address: string, port: number) => ({
    endpoint: { address: { socket_address: { address, port_value: port } } },
  });

  it('need no control plane', () => {
    expect(leftToDiscover(compiled).length).toBeGreaterThan(0);
    expect(leftToDiscover({ clusters, listeners })).toEqual([]);
  });

  it('have the endpoints in their clusters, under the names they had', () => {
    expect(cluster('cart.shop.svc.cluster.local')).toMatchObject({
      type: 'STATIC',
      load_assignment: {
        cluster_name: 'outbound|8080||cart.shop.svc.cluster.local',
        endpoints: [{ lb_endpoints: [endpointAt('10.1.0.5', 8080)] }],
      },
    });
  });

  it('do not change clusters of other types', () => {
    const before = compiled.clusters.filter(({ type }) => type !== 'EDS');
    expect(before.length).toBeGreaterThan(0);
    for (const one of before) expect(clusters).toContainEqual(one);
  });

  it('have the routes in their connection managers', () => {
    const text = JSON.stringify(listeners);
    const names = compiled.routes.map(({ name }) => name);
    expect(names).toEqual(['80', '8080']);
    for (const name of names) expect(text).toContain(`"route_config":{"name":"${name}","virtual_hosts":[{`);
  });

  it('resolve endpoints that have names', () => {
    const { clusters: named } = staticResources({
      clusters: [{ name: 'a', type: 'EDS', eds_cluster_config: { service_name: 'b' } }],
      listeners: [],
      routes: [],
      endpoints: [{ cluster_name: 'b', endpoints: [{ lb_endpoints: [endpointAt('db.example', 1)] }] }],
    });
    expect(named[0]).toMatchObject({ name: 'a', type: 'STRICT_DNS', load_assignment: { cluster_name: 'b' } });
  });

  it('omit the EDS settings that Pilot leaves on other clusters, which Envoy rejects', () => {
    const { clusters: kept } = staticResources({
      clusters: [{ name: 'a', type: 'ORIGINAL_DST', eds_cluster_config: { service_name: 'a' } }],
      listeners: [],
      routes: [],
      endpoints: [],
    });
    expect(kept).toEqual([{ name: 'a', type: 'ORIGINAL_DST' }]);
  });
});

for (const set of ['istio-1.1.7', 'istio-1.1.7-random']) {
  const folder = sharedFolder(`conformance/${set}`);
  describe.skipIf(folder === undefined)(set, () => {
    it.each(folder === undefined ? [] : readdirSync(folder).sort())('%s', (name) => {
      const { compiled } = compileCase(join(folder as string, name));
      const resources = staticResources(compiled);
      expect(leftToDiscover(resources)).toEqual([]);
      expect(resources.clusters.length).toBe(compiled.clusters.length);
      expect(resources.listeners.length).toBe(compiled.listeners.length);
    });
  });
}
