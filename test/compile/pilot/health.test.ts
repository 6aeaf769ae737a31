// Health check filters: for which paths and ports there is one.

import { expect, test } from 'vitest';
import { compileFor, service } from '../mesh-of.js';

/** The paths that the port 80 of `web` has a filter for. */
function paths(containers: string, annotations = '{}'): unknown[] {
  const { listeners } = compileFor([
    service('web', 80),
    `apiVersion: v1
kind: Pod
metadata: {name: web-1, namespace: shop, labels: {app: web}, annotations: ${annotations}}
spec: {containers: [${containers}]}
status: {podIP: 10.1.0.1}`,
  ]);
  const inbound = listeners.find(({ name }) => name === '10.1.0.1_80');
  const manager = inbound?.filter_chains?.[0]?.filters?.[0]?.typed_config as unknown as {
    http_filters: { name: string; typed_config: { headers: { exact_match: string }[] } }[];
  };
  return manager.http_filters
    .filter(({ name }) => name === 'envoy.health_check')
    .map(({ typed_config }) => typed_config.headers[0]?.exact_match);
}

const get = (path: string, port: unknown) => `{httpGet: {path: ${path}, port: ${port}}}`;

test.each([
  [
    'readiness before liveness',
    `{livenessProbe: ${get('/l', 80)}, readinessProbe: ${get('/r', 80)}}`,
    ['/r', '/l'],
  ],
  ['no other ports', `{readinessProbe: ${get('/r', 81)}}`, []],
  ['no connections', '{readinessProbe: {tcpSocket: {port: 80}}}', []],
  [
    'names of ports',
    `{ports: [{name: web, containerPort: 80}], readinessProbe: ${get('/r', 'web')}}`,
    ['/r'],
  ],
  ['each port, where there is none of the name', `{readinessProbe: ${get('/r', 'web')}}`, ['/r']],
  [
    'each path once',
    `{readinessProbe: ${get('/r', 80)}, livenessProbe: ${get('/r', 80)}}, {readinessProbe: ${get('/s', 80)}}`,
    ['/r', '/s'],
  ],
])('%s', (_, containers, expected) => {
  expect(paths(containers)).toEqual(expected);
});

test.each([
  ['prometheus.io/scrape: "true"', ['/metrics']],
  ['prometheus.io/scrape: "yes"', []],
  ['prometheus.io/scrape: "true", prometheus.io/port: "80", prometheus.io/path: /p', ['/p']],
  ['prometheus.io/scrape: "true", prometheus.io/port: "81"', []],
  ['prometheus.io/scrape: "true", prometheus.io/port: web', ['/metrics']],
])('{%s}', (annotations, expected) => {
  expect(paths('{name: main}', `{${annotations}}`)).toEqual(expected);
});
