// Small meshes in YAML, for tests that say in a line who calls whom.

import { deliver } from '../../src/convert/delivery.js';
import { podDelivery } from '../../src/convert/pod-delivery.js';
import type { PlanOptions } from '../../src/plan/plan.js';

/** A service and its Deployment with an injected sidecar. */
export function workload(name: string, more = ''): string {
  return `apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: shop}
spec: {selector: {app: ${name}}, ports: [{name: http, port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      containers:
      - name: app
        image: app
      - name: istio-proxy
        image: proxy
        volumeMounts:
        - {name: istio-certs, mountPath: /etc/certs}
${more}
      volumes:
      - {name: istio-certs, secret: {secretName: istio.default}}
`;
}

/** A Sidecar by which a workload calls some services alone. */
export function calls(name: string, ...services: readonly string[]): string {
  const hosts = services.map((service) => `shop/${service}.shop.svc.cluster.local`);
  return `apiVersion: networking.istio.io/v1alpha3
kind: Sidecar
metadata: {name: ${name}, namespace: shop}
spec:
  workloadSelector: {labels: {app: ${name}}}
  egress: [{hosts: [${[...hosts, 'none/*'].join(', ')}]}]
`;
}

/** mTLS everywhere, as Helm installs it. */
export const MTLS = `apiVersion: authentication.istio.io/v1alpha1
kind: MeshPolicy
metadata: {name: default}
spec: {peers: [{mtls: {}}]}
---
apiVersion: networking.istio.io/v1alpha3
kind: DestinationRule
metadata: {name: default, namespace: istio-system}
spec: {host: "*.local", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
`;

/** Each document a file of its own, in the order given. */
export function files(...texts: readonly string[]) {
  return texts.map((text, i) => ({ name: `${i}.yaml`, text }));
}

/** Options of a plan, Citadel's unless said otherwise. */
export function planOptions(more: Partial<PlanOptions> = {}): PlanOptions {
  const delivery = deliver({});
  if ('problem' in delivery) throw new Error(delivery.problem);
  const pods = podDelivery({ keepSecret: true }, delivery.provider);
  return { provider: delivery.provider, pods, ca: 'citadel', root: 'same', ...more };
}
