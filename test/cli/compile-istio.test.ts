// `xdsc compile` for the Istio that the inputs are for: which one it is, and what differs under 1.29.

import { describe, expect, test } from 'vitest';
import { put, tree, useFolder, xdsc } from './xdsc.js';

useFolder();

const SERVICE = `apiVersion: v1
kind: Service
metadata: {name: reviews, namespace: default}
spec: {clusterIP: 10.0.0.1, selector: {app: reviews}, ports: [{name: http, port: 9080}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: reviews-1, namespace: default, labels: {kubernetes.io/service-name: reviews}}
addressType: IPv4
endpoints:
- addresses: [10.1.0.1]
  conditions: {ready: true}
  targetRef: {kind: Pod, name: reviews, namespace: default}
ports: [{name: http, port: 9080}]
`;

const pod = (name: string, ip: string): string => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: default, labels: {app: ${name}}}
spec: {serviceAccountName: ${name}, containers: [{name: main}]}
status: {podIP: ${ip}, phase: Running, conditions: [{type: Ready, status: "True"}]}
`;

const TODAY = `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: default}
spec: {mtls: {mode: STRICT}}
`;

const OLD = `apiVersion: authentication.istio.io/v1alpha1
kind: Policy
metadata: {name: default, namespace: default}
spec: {peers: [{mtls: {}}]}
`;

const FILES = {
  'in/service.yaml': SERVICE,
  'in/pods.yaml': [pod('reviews', '10.1.0.1'), pod('client', '10.1.0.2')].join('---\n'),
};

/** The text of a file that was written. */
const written = (path: string): string => tree()[path] ?? '';

const CLIENT = ['--proxy', 'client.default', '-o', 'out'];

describe('which Istio', () => {
  test('resources of security.istio.io are for 1.29', async () => {
    put({ ...FILES, 'in/peers.yaml': TODAY });
    const { status, stderr } = await xdsc(['compile', 'in', ...CLIENT]);
    expect(stderr).toBe(
      'client.default into out, Istio 1.29: 4 clusters, 3 listeners, 1 route, 1 endpoint\n',
    );
    expect(status).toBe(0);
    expect(JSON.parse(written('out/clusters.json')).type_url).toBe(
      'type.googleapis.com/envoy.config.cluster.v3.Cluster',
    );
  });

  test.each(['v1', 'v1beta1'])('so are those of networking.istio.io/%s', async (version) => {
    put({
      ...FILES,
      'in/rule.yaml': `apiVersion: networking.istio.io/${version}\nkind: DestinationRule\nmetadata: {name: r, namespace: default}\nspec: {host: reviews}\n`,
    });
    expect((await xdsc(['compile', 'in', ...CLIENT])).stderr).toContain('Istio 1.29:');
  });

  test('resources of authentication.istio.io are for 1.1', async () => {
    put({ ...FILES, 'in/policy.yaml': OLD });
    const { stderr } = await xdsc(['compile', 'in', ...CLIENT]);
    expect(stderr).toContain('client.default into out, Istio 1.1:');
    expect(stderr).not.toContain('istio-assumed');
  });

  test('both without --istio are an error that names one of each', async () => {
    put({ ...FILES, 'in/peers.yaml': TODAY, 'in/policy.yaml': OLD });
    const { status, stderr } = await xdsc(['compile', 'in', ...CLIENT]);
    expect(stderr).toContain(
      'in/peers.yaml:1:1: error: this "PeerAuthentication" is of "security.istio.io/v1", but the "Policy" in in/policy.yaml:1 is of "authentication.istio.io/v1alpha1", which Istio 1.1 has [two-istios]',
    );
    expect(status).toBe(1);
    expect(Object.keys(tree()).filter((path) => path.startsWith('out'))).toEqual([]);
  });

  test.each([
    ['1.29', 'in/policy.yaml:1:1: warning: this Policy is not applied'],
    ['1.1', 'in/peers.yaml:1:1: warning: this "PeerAuthentication" of "security.istio.io/v1" is not applied'],
  ])('with --istio %s the others are not applied', async (istio, warning) => {
    put({ ...FILES, 'in/peers.yaml': TODAY, 'in/policy.yaml': OLD });
    const { status, stderr } = await xdsc(['compile', 'in', '--istio', istio, ...CLIENT]);
    expect(stderr).toContain(warning);
    expect(stderr).toContain(`Istio ${istio}:`);
    expect(status).toBe(0);
  });

  test.each([
    ['1.29.6', '1.29'],
    ['1.1.7', '1.1'],
    ['1.10.0', '1.29'],
  ])("else a proxy's ISTIO_VERSION %s decides", async (version, istio) => {
    put({
      ...FILES,
      'proxy.json': JSON.stringify({
        type: 'sidecar',
        ip: '10.1.0.2',
        id: 'client.default',
        domain: 'default.svc.cluster.local',
        metadata: { ISTIO_VERSION: version, NAMESPACE: 'default', CLUSTER_ID: 'Kubernetes' },
      }),
    });
    const { stderr } = await xdsc(['compile', 'in', '--proxy', 'proxy.json', '-o', 'out']);
    expect(stderr).toBe(`client.default into out, Istio ${istio}: ${/: (.*)/s.exec(stderr)?.[1]}`);
  });

  test('else it is 1.1, with a note', async () => {
    put(FILES);
    expect((await xdsc(['compile', 'in', ...CLIENT])).stderr).toContain(
      'note: nothing in the inputs shows which Istio they are for: this is what Pilot 1.1 makes of them [istio-assumed]',
    );
  });
});

describe('under 1.29', () => {
  test('mutual TLS is required where a policy says it', async () => {
    put({ ...FILES, 'in/peers.yaml': TODAY });
    await xdsc(['compile', 'in', '--proxy', 'reviews.default', '-o', 'out']);
    const { resources } = JSON.parse(written('out/listeners.json'));
    const inbound = resources.find(({ name }: { name: string }) => name === 'virtualInbound');
    const chains = inbound.filter_chains.filter(({ name }: { name: string }) => name === '0.0.0.0_9080');
    expect(chains).toHaveLength(1);
    expect(chains[0].transport_socket.typed_config.require_client_certificate).toBe(true);
  });

  test('all proxies go to a folder each, and share resources', async () => {
    put({ ...FILES, 'in/peers.yaml': TODAY });
    const { stderr } = await xdsc(['compile', 'in', '--proxy', 'all', '-o', 'out']);
    expect(stderr).toContain('2 proxies into out, Istio 1.29: 2 sidecars, 0 gateways');
    for (const name of ['client.default', 'reviews.default']) {
      await xdsc(['compile', 'in', '--proxy', name, '-o', `one/${name}`]);
      for (const kind of ['clusters', 'listeners', 'routes', 'endpoints']) {
        const alone = written(`one/${name}/${kind}.json`);
        expect(alone).not.toBe('');
        expect(written(`out/${name}/${kind}.json`)).toBe(alone);
      }
    }
  });

  test('an upstream Envoy gets no filters of Istio', async () => {
    put({ ...FILES, 'in/peers.yaml': TODAY });
    await xdsc(['compile', 'in', '--dataplane', 'envoy', ...CLIENT]);
    for (const file of ['clusters', 'listeners'])
      expect(written(`out/${file}.json`)).not.toMatch(/"istio\.(?:alpn|stats|metadata_exchange)"/);
  });

  test('meshNetworks come from a file', async () => {
    put({
      ...FILES,
      'in/peers.yaml': TODAY,
      'networks.yaml': `networks:
  far:
    endpoints: [{fromRegistry: Kubernetes}]
    gateways: [{address: 192.0.2.7, port: 15443}]
`,
    });
    await xdsc(['compile', 'in', '--mesh-networks', 'networks.yaml', ...CLIENT]);
    expect(written('out/endpoints.json')).toContain('10.1.0.1');
  });

  test.each([[['--api', 'v2'], '--api v2 cannot be combined with Istio 1.29, which only has v3']])(
    '%j is an error',
    async (flags, message) => {
      put({ ...FILES, 'in/peers.yaml': TODAY });
      const { status, stderr } = await xdsc(['compile', 'in', ...flags, ...CLIENT]);
      expect(stderr).toContain(message);
      expect(status).toBe(2);
    },
  );

  test('--explain names the resources that decided', async () => {
    put({ ...FILES, 'in/peers.yaml': TODAY });
    const explained = async (proxy: string, name: string) =>
      (await xdsc(['compile', 'in', '--proxy', proxy, '--explain', name])).stdout;
    const cluster = await explained('client.default', 'outbound|9080||reviews.default.svc.cluster.local');
    expect(cluster).toContain('TLS for endpoints with a sidecar');
    expect(cluster).toContain(`because
  Service reviews.default.svc.cluster.local has port 9080 (http), which uses HTTP
    in/service.yaml:1:1
  no DestinationRule applies to reviews.default.svc.cluster.local
  PeerAuthentication default.default sets mode STRICT for namespace default
    in/peers.yaml:4:14
  so endpoints with a sidecar get automatic mutual TLS (enableAutoMtls)
  its workloads are spiffe://cluster.local/ns/default/sa/reviews
`);
    expect(await explained('reviews.default', 'virtualInbound')).toContain(`because
  PeerAuthentication default.default sets mode STRICT
    in/peers.yaml:4:14
  so its mode is STRICT
`);
    expect(
      (await xdsc(['compile', 'in', '--proxy', 'client.default', '--explain', 'virtualInbount'])).stderr,
    ).toContain('did you mean virtualInbound?');
  });

  test('--compat has no effect', async () => {
    put({ ...FILES, 'in/peers.yaml': TODAY });
    expect((await xdsc(['compile', 'in', '--compat', 'none', ...CLIENT])).stderr).toContain(
      'note: --compat has no effect with Istio 1.29 [no-effect]',
    );
  });

  test('what is wrong is told at its place', async () => {
    put({
      ...FILES,
      'in/peers.yaml': TODAY.replace('STRICT', 'STRIKT'),
    });
    const { status, stderr } = await xdsc(['compile', 'in', ...CLIENT]);
    expect(stderr).toContain('in/peers.yaml:4:');
    expect(stderr).toContain('did you mean STRICT?');
    expect(status).toBe(1);
  });

  test('a workload that is not there', async () => {
    put({ ...FILES, 'in/peers.yaml': TODAY });
    const { stderr } = await xdsc(['compile', 'in', '--proxy', 'clint.default']);
    expect(stderr).toContain('did you mean client.default?');
  });
});

describe('bootstrap under 1.29', () => {
  const bootstrapOf = async (...flags: readonly string[]) => {
    put({ ...FILES, 'in/peers.yaml': TODAY });
    const { status, stdout, stderr } = await xdsc(['bootstrap', 'in', '--proxy', 'client.default', ...flags]);
    return { status, stderr, bootstrap: status === 0 ? JSON.parse(stdout) : undefined };
  };
  const namesOf = (resources: readonly { readonly name: string }[] | undefined) =>
    (resources ?? []).map(({ name }) => name);

  test('holds everything, with endpoints and routes inside, for an upstream Envoy', async () => {
    const { bootstrap } = await bootstrapOf();
    const { clusters, listeners } = bootstrap.static_resources;
    const text = JSON.stringify(bootstrap);
    expect(bootstrap.node.id).toBe('sidecar~10.1.0.2~client.default~default.svc.cluster.local');
    expect(namesOf(clusters)).toContain('sds-grpc');
    expect(namesOf(listeners)).toEqual(['0.0.0.0_9080', 'virtualOutbound', 'virtualInbound']);
    expect(text).not.toMatch(/"(?:rds|eds_cluster_config|ads)"|istio\.stats/);
    expect(text).toContain('10.1.0.1');
  });

  test('leaves all to the control plane with --discovery ads', async () => {
    const { bootstrap } = await bootstrapOf('--discovery', 'ads');
    expect(bootstrap.dynamic_resources.ads_config.api_type).toBe('GRPC');
    expect(namesOf(bootstrap.static_resources.clusters)).toEqual(['sds-grpc', 'xds-grpc']);
    expect(bootstrap.static_resources.listeners).toBeUndefined();
  });

  test.each([
    [['--api', 'v2'], '--api v2 cannot be combined with Istio 1.29, which only has v3'],
    [['--discovery', 'files', '-o', 'out'], '--discovery files only supports Istio 1.1'],
    [['--max-heap', '1000000'], 'for Istio 1.29, bootstrap only takes'],
  ])('%j is an error', async (flags, message) => {
    const { status, stderr } = await bootstrapOf(...flags);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });
});
