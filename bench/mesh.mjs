// The meshes that compile is measured with, as YAML.

const TYPES = ['http', 'grpc', 'tcp', 'http', 'https'];

/**
 * Services with one port, one pod and one service account each, mutual TLS everywhere, SDS on; 10,000 of
 * them are 6.3 MB.
 *
 * @param {number} count how many
 * @param {object} options
 * @param {number} [options.namespaces] over how many namespaces they are spread
 * @param {number} [options.pods] of each service
 * @param {boolean} [options.rules] whether each service has a VirtualService, a DestinationRule with two subsets and a
 *   Policy, and a gateway leads to it
 */
export function meshYaml(count, { namespaces = 97, pods = 1, rules = false } = {}) {
  const documents = [EVERYWHERE];
  if (rules) documents.push(gateway(count));
  for (let i = 0; i < count; i++) {
    const place = { i, name: `svc-${i}`, namespace: `team-${i % namespaces}`, port: 8000 + (i % 5) };
    documents.push(service(place, pods));
    for (let j = 0; j < pods; j++) documents.push(pod(place, j, pods));
    if (rules) documents.push(rulesOf(place));
  }
  return documents.join('---\n');
}

/** MeshConfig with SDS. */
export const MESH = `sdsUdsPath: unix:/var/run/sds/uds_path
enableSdsTokenMount: true
accessLogFile: /dev/stdout
enableTracing: true
`;

const EVERYWHERE = `apiVersion: authentication.istio.io/v1alpha1
kind: MeshPolicy
metadata: {name: default}
spec:
  peers:
  - mtls: {}
---
apiVersion: networking.istio.io/v1alpha3
kind: DestinationRule
metadata: {name: default, namespace: istio-system}
spec:
  host: "*.local"
  trafficPolicy:
    tls:
      mode: ISTIO_MUTUAL
`;

function ip(first, i, j, pods) {
  const n = i * pods + j + 1;
  return `${first}.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
}

function service({ i, name, namespace, port }, pods) {
  const addresses = Array.from({ length: pods }, (_, j) => `  - ip: ${ip(10, i, j, pods)}\n`).join('');
  const type = TYPES[i % TYPES.length];
  return `apiVersion: v1
kind: Service
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  clusterIP: ${ip(172, i, 0, 1)}
  selector:
    app: ${name}
  ports:
  - name: ${type}
    port: ${port}
    targetPort: 8080
---
apiVersion: v1
kind: Endpoints
metadata:
  name: ${name}
  namespace: ${namespace}
subsets:
- addresses:
${addresses}  ports:
  - name: ${type}
    port: 8080
`;
}

function pod({ i, name, namespace }, j, pods) {
  return `apiVersion: v1
kind: Pod
metadata:
  name: ${name}-${j}
  namespace: ${namespace}
  labels:
    app: ${name}
    version: v${j % 2}
spec:
  serviceAccountName: ${name}
  containers:
  - name: main
    ports:
    - containerPort: 8080
status:
  podIP: ${ip(10, i, j, pods)}
`;
}

function rulesOf({ i, name, namespace, port }) {
  const host = `${name}.${namespace}.svc.cluster.local`;
  return `apiVersion: networking.istio.io/v1alpha3
kind: VirtualService
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  hosts: [${host}, ${name}.example.com]
  gateways: [mesh, istio-system/front]
  http:
  - match:
    - uri: {prefix: /v2}
    route:
    - destination: {host: ${host}, subset: v1, port: {number: ${port}}}
  - route:
    - destination: {host: ${host}, subset: v0, port: {number: ${port}}}
      weight: 90
    - destination: {host: ${host}, subset: v1, port: {number: ${port}}}
      weight: 10
  tcp:
  - route:
    - destination: {host: ${host}, subset: v0, port: {number: ${port}}}
---
apiVersion: networking.istio.io/v1alpha3
kind: DestinationRule
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  host: ${host}
  trafficPolicy:
    tls: {mode: ISTIO_MUTUAL}
    connectionPool: {http: {maxRetries: ${1 + (i % 9)}}}
  subsets:
  - name: v0
    labels: {version: v0}
  - name: v1
    labels: {version: v1}
---
apiVersion: authentication.istio.io/v1alpha1
kind: Policy
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  targets: [{name: ${name}}]
  peers: [{mtls: {mode: PERMISSIVE}}]
`;
}

/** A gateway with a server of its own for every tenth service, and one of plain HTTP for all. */
function gateway(count) {
  const servers = Array.from(
    { length: Math.ceil(count / 10) },
    (_, i) => `  - port: {number: 443, name: https-${i}, protocol: HTTPS}
    hosts: [svc-${10 * i}.example.com]
    tls: {mode: SIMPLE, credentialName: svc-${10 * i}}
`,
  );
  return `apiVersion: networking.istio.io/v1alpha3
kind: Gateway
metadata: {name: front, namespace: istio-system}
spec:
  selector: {istio: front}
  servers:
  - port: {number: 80, name: http, protocol: HTTP}
    hosts: ["*.example.com"]
${servers.join('')}---
apiVersion: v1
kind: Service
metadata: {name: front, namespace: istio-system}
spec: {clusterIP: 172.31.0.1, selector: {istio: front}, ports: [{name: http, port: 80}, {name: https, port: 443}]}
---
apiVersion: v1
kind: Pod
metadata: {name: front-0, namespace: istio-system, labels: {istio: front}}
spec: {serviceAccountName: front, containers: [{name: proxy}]}
status: {podIP: 10.255.0.1}
`;
}
