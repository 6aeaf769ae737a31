// Settings of Pilot's environment.

import { expect, test } from 'vitest';
import { pilotEnvironment } from '../../../src/compile/pilot/context/context.js';
import { compileFor, istio, pod, service } from '../mesh-of.js';

test('a setting is enabled by 1 but not by true', () => {
  const read = (value: string) =>
    pilotEnvironment({
      PILOT_DISABLE_XDS_MARSHALING_TO_ANY: value,
      PILOT_ENABLE_FALLTHROUGH_ROUTE: value,
      PILOT_ENABLE_MYSQL_FILTER: value,
      PILOT_HTTP10: value,
    });
  const all = (on: boolean) => ({
    disableMarshalingToAny: on,
    enableFallthroughRoute: on,
    enableMysqlFilter: on,
    http10: on,
  });
  expect(read('1')).toMatchObject(all(true));
  expect(read('true')).toMatchObject(all(false));
  expect(read('')).toMatchObject(all(false));
  expect(pilotEnvironment({})).toMatchObject({ ...all(false), enableFallthroughRoute: true });
});

test.each([
  ['', 100],
  ['1.5', 1.5],
  ['0', 0],
  ['101', 100],
  ['half', 100],
])('of %j requests are traced as many as %d per cent', (value, sampling) => {
  expect(pilotEnvironment({ PILOT_TRACE_SAMPLING: value }).traceSampling).toBe(sampling);
});

test('without isolation a Sidecar resource makes no difference to endpoints', () => {
  const resources = [
    service('web', 80),
    pod('web', '10.1.0.1').replace('spec: {', 'spec: {nodeName: n, '),
    'apiVersion: v1\nkind: Node\nmetadata: {name: n, labels: {failure-domain.beta.kubernetes.io/region: eu}}',
    istio('Sidecar', 'all', '{egress: [{hosts: ["*/*"]}]}'),
  ];
  const region = (environment: { readonly [name: string]: string }) =>
    compileFor(resources, { environment }).endpoints[0]?.endpoints?.[0]?.locality?.region;
  expect(region({})).toBeUndefined();
  expect(region({ PILOT_DISABLE_EDS_ISOLATION: 'yes' })).toBe('eu');
});
