// What `compile` says about wrong input: every error of a run, each at its place.

import { describe, expect, it } from 'vitest';
import { compileInputs } from '../../src/compile/compile.js';

const POD = `apiVersion: v1
kind: Pod
metadata: {name: a, namespace: foo}
spec: {serviceAccountName: a}
status: {podIP: 10.0.0.1}
`;

function messages(text: string, proxy = 'a.foo'): string[] {
  const { compiled, findings } = compileInputs([{ name: 'in.yaml', text: `${POD}---\n${text}` }], { proxy });
  expect(compiled === undefined).toBe(findings.some(({ level }) => level === 'error'));
  return findings.map(
    ({ region, message, suggestion }) =>
      `${(region?.line ?? 0) - POD.split('\n').length}:${region?.column ?? 0} ${message}${suggestion === undefined ? '' : ` (${suggestion}?)`}`,
  );
}

describe('errors of a resource', () => {
  it('are all reported, at their lines', () => {
    expect(
      messages(`apiVersion: networking.istio.io/v1alpha3
kind: DestinationRule
metadata: {name: x}
spec:
  hosst: a
  trafficPolicy:
    tls:
      mode: MUTAL
    connectionPool:
      tcp:
        maxConnections: many
        connectTimeout: soon
`),
    ).toEqual([
      '5:3 host is missing',
      '8:13 mode is "MUTAL" (MUTUAL?)',
      '11:25 maxConnections is "many"'.replace('maxConnections', 'max_connections'),
      '12:25 connectTimeout is "soon"'.replace('connectTimeout', 'connect_timeout'),
      '5:3 istio.networking.v1alpha3.DestinationRule has no field "hosst" (host?)',
    ]);
  });

  it('name missing fields and invalid numbers', () => {
    expect(
      messages(`apiVersion: networking.istio.io/v1alpha3
kind: VirtualService
metadata: {name: Upper}
spec:
  hosts: []
  http:
  - route: [{destination: {port: {number: 70000}}, weight: 120}]
    timeout: -1s
    fault: {abort: {httpStatus: 999}}
  - match: [{uri: {prefix: /}}]
`),
    ).toEqual([
      '3:18 "Upper" is not a valid name for a VirtualService',
      '5:3 hosts is missing',
      '7:27 host is missing',
      '7:43 number is "70000"',
      '7:60 weight is "120"',
      '8:14 timeout is "-1s"',
      '9:33 http_status is "999"',
      '10:5 route or redirect is missing',
    ]);
  });

  it('require a number for every port except that of a Unix socket', () => {
    const listener = (port: string, bind: string) =>
      messages(`apiVersion: networking.istio.io/v1alpha3
kind: Sidecar
metadata: {name: s}
spec:
  egress:
  - port: {name: a, protocol: HTTP, ${port}}
    bind: ${bind}
    hosts: ["*/*"]
`);
    expect(listener('number: 0', '127.0.0.1')).toEqual(['6:45 number is "0"']);
    expect(listener('', '127.0.0.1')).toEqual(['6:11 number is missing']);
    expect(listener('', 'unix:///run/s')).toEqual([]);
    expect(listener('number: 80', 'unix:///run/s')).toEqual(['6:45 number is "80"']);
  });

  it('name a resource without a name', () => {
    expect(
      messages('apiVersion: networking.istio.io/v1alpha3\nkind: Sidecar\nmetadata: {}\nspec: {}\n'),
    ).toEqual(['1:1 this Sidecar has no name']);
  });
});

describe('Kubernetes objects', () => {
  it('have wrong values and misspelled names reported', () => {
    expect(
      messages(`apiVersion: v1
kind: Service
metadata: {name: s, namespace: foo, lables: {a: b}}
spec:
  clusterIP: 10.0.0
  clusterIPs: [10.0.0.1]
  selektor: {app: a}
  ports:
  - {name: http, targetPort: 0, protocol: tcp, nodePort: 3}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: d}
spec: {templete: {}}
`),
    ).toEqual([
      '3:37 Service has no field "metadata.lables" (labels?)',
      '5:14 spec.clusterIP is "10.0.0"',
      '7:3 Service has no field "spec.selektor" (selector?)',
      '9:30 spec.ports[0].targetPort is "0"',
      '9:43 spec.ports[0].protocol is "tcp"',
      '9:5 spec.ports[0].port is missing',
      '14:8 Deployment has no field "spec.templete" (template?)',
      '14:7 spec.template is missing',
    ]);
  });
});

it('warns about missing resources that others refer to', () => {
  expect(
    messages(`apiVersion: networking.istio.io/v1alpha3
kind: VirtualService
metadata: {name: v, namespace: foo}
spec: {hosts: [a], gateways: [gw], tcp: [{route: [{destination: {host: nowhere}}]}]}
---
apiVersion: rbac.istio.io/v1alpha1
kind: ServiceRoleBinding
metadata: {name: b, namespace: foo}
spec: {subjects: [{user: a}], roleRef: {kind: ServiceRole, name: r}}
`),
  ).toEqual([
    '1:1 VirtualService v: unknown Gateway foo/gw',
    '1:1 VirtualService v: it routes to nowhere.foo.svc.cluster.local, but no service has this host',
    '6:1 ServiceRoleBinding b: unknown ServiceRole r in namespace foo',
  ]);
});

it('warns about resources that match no workload, service or port', () => {
  expect(
    messages(`apiVersion: v1
kind: ServiceAccount
metadata: {name: robot, namespace: foo}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: foo}
spec: {clusterIP: 10.1.0.1, selector: {app: a}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Endpoints
metadata: {name: web, namespace: foo}
---
apiVersion: networking.istio.io/v1alpha3
kind: Gateway
metadata: {name: gw, namespace: foo}
spec: {selector: {app: edge}, servers: [{hosts: ["*"], port: {number: 80, name: http, protocol: HTTP}}]}
---
apiVersion: networking.istio.io/v1alpha3
kind: VirtualService
metadata: {name: v, namespace: foo}
spec: {hosts: [web], http: [{route: [{destination: {host: web, port: {number: 81}}}]}]}
---
apiVersion: networking.istio.io/v1alpha3
kind: DestinationRule
metadata: {name: d, namespace: foo}
spec: {host: web, trafficPolicy: {portLevelSettings: [{port: {number: 82}, tls: {mode: DISABLE}}]}}
---
apiVersion: networking.istio.io/v1alpha3
kind: Sidecar
metadata: {name: s, namespace: foo}
spec: {workloadSelector: {labels: {app: b}}, egress: [{hosts: ["*/*"]}]}
---
apiVersion: rbac.istio.io/v1alpha1
kind: ServiceRole
metadata: {name: r, namespace: foo}
spec: {rules: [{services: [wbe.foo.svc.cluster.local]}]}
`).map((message) => message.replace(/^\S+ /, '')),
  ).toEqual([
    'DestinationRule d: web.foo.svc.cluster.local has no port 82',
    'VirtualService v: it routes to port 81 of web.foo.svc.cluster.local, which has no such port',
    'ServiceRole r: no service in namespace foo has the host wbe.foo.svc.cluster.local (web.foo.svc.cluster.local?)',
    'Gateway gw: no workload matches its selector',
    'Sidecar s: no workload in namespace foo matches its selector',
    'Pod a: it runs as service account a, which does not exist in namespace foo',
  ]);
});

it('reports an unknown workload with a suggestion', () => {
  expect(messages('', 'b.foo')).toEqual([
    `${-POD.split('\n').length}:0 no workload "b.foo" in the inputs (a.foo?)`,
  ]);
});

it('ignores other kinds and counts them', () => {
  const { ignored } = compileInputs(
    [{ name: 'in.yaml', text: `${POD}---\napiVersion: batch/v1beta1\nkind: Queue\nmetadata: {name: j}\n` }],
    { proxy: 'a.foo' },
  );
  expect([...ignored]).toEqual([['Queue', 1]]);
});
