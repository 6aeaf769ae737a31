// `--compat none`: what is done in place of Pilot 1.1's oddities.

import { expect, it } from 'vitest';
import type { Compat } from '../../src/compile/compat.js';
import { compileInputs } from '../../src/compile/compile-inputs.js';

const INPUT = `apiVersion: v1
kind: Pod
metadata: {name: a, namespace: foo}
spec: {serviceAccountName: a}
status: {podIP: 10.0.0.1}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: foo}
spec: {clusterIP: 10.1.0.1, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: ext, namespace: foo}
spec: {type: ExternalName, externalName: ext.example.org, ports: [{name: http, port: 80}, {name: tcp, port: 90}]}
---
apiVersion: networking.istio.io/v1alpha3
kind: ServiceEntry
metadata: {name: vm, namespace: foo}
spec:
  hosts: [vm.example.org]
  ports: [{name: tcp, number: 70, protocol: TCP}]
  resolution: DNS
  subjectAltNames: [spiffe://vm]
---
apiVersion: networking.istio.io/v1alpha3
kind: DestinationRule
metadata: {name: web, namespace: foo}
spec:
  host: web
  trafficPolicy:
    loadBalancer: {simple: PASSTHROUGH}
    outlierDetection: {minHealthPercent: 40}
---
apiVersion: networking.istio.io/v1alpha3
kind: DestinationRule
metadata: {name: vm, namespace: foo}
spec: {host: vm.example.org, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
`;

function clusters(compat: Compat) {
  const { compiled } = compileInputs([{ name: 'in.yaml', text: INPUT }], { proxy: 'a.foo', compat });
  const find = (name: string) => compiled?.clusters.find((cluster) => cluster.name === name);
  const web = find('outbound|80||web.foo.svc.cluster.local');
  return {
    panic: web?.common_lb_config?.healthy_panic_threshold?.value,
    eds: web?.eds_cluster_config !== undefined,
    external: find('outbound|80||ext.foo.svc.cluster.local')?.load_assignment?.endpoints?.[0]?.lb_endpoints
      ?.length,
    sans: find('outbound|70||vm.example.org')?.tls_context?.common_tls_context?.validation_context
      ?.verify_subject_alt_name,
  };
}

it('differs from Istio 1.1 where that is odd', () => {
  expect(clusters('istio-1.1')).toEqual({ panic: undefined, eds: true, external: 2, sans: undefined });
  expect(clusters('none')).toEqual({ panic: 40, eds: false, external: 1, sans: ['spiffe://vm'] });
});
