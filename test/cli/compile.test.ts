// `xdsc compile` as users run it: one proxy, all of them, explanations, and input that cannot be compiled.

import { describe, expect, test } from 'vitest';
import { at, put, tree, useFolder, xdsc } from './xdsc.js';

useFolder();

const SERVICE = `apiVersion: v1
kind: Service
metadata: {name: reviews, namespace: default}
spec: {clusterIP: 10.0.0.1, selector: {app: reviews}, ports: [{name: http, port: 9080}]}
`;

const pod = (name: string, ip: string, app = name): string => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: default, labels: {app: ${app}}}
spec: {serviceAccountName: ${app}, containers: [{name: main}]}
status: {podIP: ${ip}}
`;

const RULE = `apiVersion: networking.istio.io/v1alpha3
kind: DestinationRule
metadata: {name: reviews, namespace: default}
spec:
  host: reviews
  trafficPolicy:
    tls:
      mode: ISTIO_MUTUAL
`;

const SECRET = `apiVersion: v1
kind: Secret
metadata: {name: s}
`;

const FILES = {
  'in/service.yaml': SERVICE,
  'in/pods.yaml': [pod('reviews', '10.1.0.1'), pod('client', '10.1.0.2')].join('---\n'),
  'in/rule.yaml': RULE,
  'in/other.yaml': SECRET,
  'mesh.yaml': 'sdsUdsPath: unix:/var/run/sds/uds_path\n',
};

const MESH = ['--istio', '1.1', '--mesh', 'mesh.yaml'];

describe('one proxy', () => {
  test('goes to a folder, with a summary', async () => {
    put(FILES);
    const { status, stdout, stderr } = await xdsc([
      'compile',
      'in',
      ...MESH,
      '--proxy',
      'client.default',
      '-o',
      'out',
    ]);
    expect(stderr).toBe(
      'client.default into out, Istio 1.1: 3 clusters, 2 listeners, 1 route, 1 endpoint\n  not read: 1 Secret\n',
    );
    expect(stdout).toBe('');
    expect(status).toBe(0);
    expect(Object.keys(tree()).filter((path) => path.startsWith('out/'))).toEqual([
      'out/clusters.json',
      'out/endpoints.json',
      'out/listeners.json',
      'out/routes.json',
    ]);
  });

  test('goes to standard output in either form, with the same content', async () => {
    put(FILES);
    const args = ['compile', 'in', ...MESH, '--proxy', 'client.default', '--emit', 'clusters,endpoints'];
    const json = JSON.parse((await xdsc(args)).stdout);
    expect(Object.keys(json)).toEqual(['clusters', 'endpoints']);
    expect(json.clusters.resources[0]).toMatchObject({
      '@type': 'type.googleapis.com/envoy.api.v2.Cluster',
      name: 'outbound|9080||reviews.default.svc.cluster.local',
    });
    const yaml = (await xdsc([...args, '--format', 'yaml'])).stdout;
    expect(yaml).toMatch(
      /^clusters:\n {2}resources:\n {4}- "@type": type\.googleapis\.com\/envoy\.api\.v2\.Cluster\n {6}name: /,
    );
    expect(yaml).not.toMatch(/^ *\S+: [&*]/m);
  });

  test.each([
    ['that is misspelt', 'revews.default', /no workload "revews\.default".*did you mean reviews\.default\?/s],
    ['unlike any', 'xyz', /no workload "xyz".*expected one of client\.default, reviews\.default/s],
  ])('%s is an error', async (_, name, message) => {
    put(FILES);
    const { status, stdout, stderr } = await xdsc(['compile', 'in', '--proxy', name, '-o', 'out']);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(status).toBe(1);
    expect(tree()).toEqual(FILES);
  });
});

describe('all proxies', () => {
  test('go to a folder each, and are what each is alone', async () => {
    put(FILES);
    const { status, stderr } = await xdsc(['compile', 'in', ...MESH, '--proxy', 'all', '-o', 'out']);
    expect(stderr).toBe(`2 proxies into out, Istio 1.1: 2 sidecars, 0 gateways
  7 clusters written, 4 made: the rest are shared
  5 listeners written, 3 made: the rest are shared
  2 routes written, 1 made: the rest are shared
  2 endpoints written, 1 made: the rest are shared
  not read: 1 Secret
`);
    expect(status).toBe(0);
    const all = tree();
    for (const name of ['client.default', 'reviews.default']) {
      await xdsc(['compile', 'in', ...MESH, '--proxy', name, '-o', `one/${name}`]);
      for (const kind of ['clusters', 'listeners', 'routes', 'endpoints'])
        expect(tree()[`one/${name}/${kind}.json`] === all[`out/${name}/${kind}.json`]).toBe(true);
    }
    expect(Object.keys(all).filter((path) => path.endsWith('.tmp'))).toEqual([]);
  });

  test('go to standard output as one object, whatever the order of the files', async () => {
    put({
      ...FILES,
      'turned/a.yaml': [RULE, ...FILES['in/pods.yaml'].split('---\n').reverse(), SERVICE].join('---\n'),
    });
    const args = [...MESH, '--proxy', 'all', '--emit', 'routes,clusters'];
    const { stdout } = await xdsc(['compile', 'in', ...args]);
    const all = JSON.parse(stdout);
    expect(Object.keys(all)).toEqual(['client.default', 'reviews.default']);
    expect(Object.keys(all['client.default'])).toEqual(['clusters', 'routes']);
    expect((await xdsc(['compile', 'turned', ...args])).stdout === stdout).toBe(true);
    const yaml = (await xdsc(['compile', 'in', ...args, '--format', 'yaml'])).stdout;
    expect(yaml).toMatch(/^client\.default:\n {2}clusters:\n {4}resources:\n {6}- "@type": /);
  });

  test('are written all or not at all', async () => {
    // The folder of the second proxy cannot be made.
    put({ ...FILES, 'out/reviews.default': 'a file' });
    const before = tree();
    const { status, stderr } = await xdsc(['compile', 'in', '--proxy', 'all', '-o', 'out']);
    expect(stderr).toContain('cannot be written: ');
    expect(status).toBe(2);
    expect(tree()).toEqual(before);
  });

  test.each([
    ['without a workload', { 'in/service.yaml': SERVICE }, 'error: no workload in the inputs'],
    [
      'with a name that leads out of the folder',
      { 'in/pod.yaml': pod('../../x', '10.1.0.1') },
      'error: "../../x.default" is not a valid name for a proxy\'s directory',
    ],
  ])('%s are an error', async (_, files, message) => {
    put(files);
    const { status, stderr } = await xdsc(['compile', 'in', '--proxy', 'all', '-o', 'out']);
    expect(stderr).toContain(message);
    expect(status).toBe(1);
    expect(tree()).toEqual(files);
  });
});

describe('--explain', () => {
  const explain = (name: string, proxy = 'client.default') =>
    xdsc(['compile', 'in', ...MESH, '--proxy', proxy, '--explain', name, '-o', 'out']);

  test('says what decided, and writes nothing', async () => {
    put(FILES);
    const { status, stdout, stderr } = await explain('outbound|9080||reviews.default.svc.cluster.local');
    expect(stdout).toContain('it sets TLS mode ISTIO_MUTUAL\n    in/rule.yaml:8:7\n');
    expect(stdout).toContain(
      'serves it as spiffe://cluster.local/ns/default/sa/reviews\n    in/pods.yaml:1:1\n',
    );
    expect(stdout).toContain(
      "sets sdsUdsPath unix:/var/run/sds/uds_path, so the workload's certificate comes from SDS\n    mesh.yaml:1:13\n",
    );
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(tree()).toEqual(FILES);
  });

  test('of a name that is not there says which are', async () => {
    put(FILES);
    const { status, stdout, stderr } = await explain('reviews');
    expect(stderr).toContain('did you mean outbound|9080||reviews.default.svc.cluster.local?');
    expect(stdout).toBe('');
    expect(status).toBe(1);
  });

  test('is for one proxy', async () => {
    put(FILES);
    const { status, stderr } = await explain('x', 'all');
    expect(stderr).toBe('error: --explain takes one proxy, not --proxy all\n');
    expect(status).toBe(2);
  });
});

describe('bad input', () => {
  const BAD = {
    ...FILES,
    'in/cut.json': '{',
    'in/misspelt.yaml': RULE.replace('trafficPolicy', 'trafficPolcy'),
    'in/value.yaml': RULE.replace('ISTIO_MUTUAL', 'ISTIO_MUTAL'),
    'mesh.yaml': 'sdsUdsPth: unix:/sds\n',
  };

  test.each([
    ['for one proxy', 'client.default'],
    ['for one that is not there', 'xyz.default'],
    ['for all', 'all'],
  ])('%s is told of at once, and nothing is written', async (_, proxy) => {
    put(BAD);
    const { status, stdout, stderr } = await xdsc([
      'compile',
      'in',
      'nope.yaml',
      ...MESH,
      '--proxy',
      proxy,
      '-o',
      'out',
    ]);
    const places = stderr
      .split('\n')
      .flatMap((line) => /^(\S+?)(?::\d+:\d+)?: error: |^error: (\S+): /.exec(line)?.slice(1) ?? []);
    expect(places.filter(Boolean)).toEqual([
      'nope.yaml',
      'in/cut.json',
      'in/misspelt.yaml',
      'in/value.yaml',
      'mesh.yaml',
    ]);
    expect(stderr).toMatch(/did you mean traffic_?[pP]olicy\?/);
    expect(stderr).toContain('did you mean ISTIO_MUTUAL?');
    expect(stderr).toMatch(/did you mean sds_?[uU]ds_?[pP]ath\?/);
    expect(stderr).toMatch(/\n\d errors: nothing was written\n$/);
    expect(stdout).toBe('');
    expect(status).toBe(2);
    expect(tree()).toEqual(BAD);
  });

  test('of a proxy file is told with the rest', async () => {
    put({
      ...FILES,
      'proxy.json': '{"type": "sidcar", "ip": "10.1.0.2", "domain": "d"}',
      'in/value.yaml': RULE.replace('ISTIO_MUTUAL', 'X'),
    });
    const { status, stderr } = await xdsc(['compile', 'in', '--proxy', 'proxy.json']);
    expect(stderr).toMatch(/in\/value\.yaml:8:13: error: /);
    expect(stderr).toMatch(/proxy\.json:1:10: error: type is "sidcar".*did you mean sidecar\?/s);
    expect(status).toBe(1);
  });

  test('that a folder cannot be is found before the rest is written', async () => {
    put({ ...FILES, out: 'a file' });
    const { status, stderr } = await xdsc(['compile', 'in', '--proxy', 'client.default', '-o', at('out')]);
    expect(stderr).toContain('cannot be written: ');
    expect(status).toBe(2);
    expect(tree().out).toBe('a file');
  });
});

describe('templates', () => {
  const TEMPLATE = '{{- if .Values.on }}\nkind: Service\n{{- end }}\n';
  const PROXY = ['--proxy', 'client.default', '-o', 'out'];

  test('are skipped in a directory, with a warning', async () => {
    put({ ...FILES, 'in/chart/templates/service.yaml': TEMPLATE });
    const { status, stderr } = await xdsc(['compile', 'in', ...MESH, ...PROXY]);
    expect(stderr).toContain(
      'in/chart/templates/service.yaml:1:1: warning: skipped: this is a Go template, not YAML',
    );
    expect(stderr).toContain('client.default into out, Istio 1.1: 3 clusters');
    expect(status).toBe(0);
  });

  test('are errors where they are named', async () => {
    put({ ...FILES, 'in/service.tpl.yaml': TEMPLATE });
    const { status, stderr } = await xdsc([
      'compile',
      'in/pods.yaml',
      'in/service.tpl.yaml',
      ...MESH,
      ...PROXY,
    ]);
    expect(stderr).toContain('in/service.tpl.yaml:1:1: error: this is a Go template, not YAML');
    expect(status).toBe(2);
  });
});

test('of many alike findings the first are shown and the rest counted', async () => {
  const rules = Array.from({ length: 25 }, (_, i) => RULE.replaceAll(': reviews', `: absent-${i}`));
  put({ ...FILES, 'in/rules.yaml': rules.join('---\n') });
  const { status, stderr } = await xdsc(['compile', 'in', ...MESH, '--proxy', 'client.default', '-o', 'out']);
  expect(stderr.match(/: warning: /g)).toHaveLength(10);
  expect(stderr).toMatch(/\n… and 15 more warnings of [a-z-]+\n/);
  expect(status).toBe(0);
});

test('a misspelt option is told before one that is missing', async () => {
  for (const args of [
    ['compile', 'in', '--proxi', 'client.default'],
    ['report', 'in', '--outputt', 'page.html'],
  ]) {
    const { status, stderr } = await xdsc(args);
    expect(stderr).toContain(`error: unknown option '${args[2]}'\n  did you mean`);
    expect(status).toBe(2);
  }
});

test('bootstrap says that it is for one proxy', async () => {
  put(FILES);
  const { status, stderr } = await xdsc(['bootstrap', 'in', '--proxy', 'all']);
  expect(stderr).toBe('error: bootstrap takes one proxy, not --proxy all\n');
  expect(status).toBe(2);
});

test('a misspelt kind is an error at its place, and a kind of another group is none', async () => {
  put({
    ...FILES,
    'in/rule.yaml': RULE.replace('DestinationRule', 'DestinatonRule'),
    'in/other.yaml': 'apiVersion: example.org/v1\nkind: Servic\nmetadata: {name: s}\n',
  });
  const { status, stderr } = await xdsc(['compile', 'in', ...MESH, '--proxy', 'client.default', '-o', 'out']);
  expect(stderr).toBe(
    'in/rule.yaml:2:7: error: networking.istio.io/v1alpha3 has no kind "DestinatonRule" [unknown-kind]\n  did you mean DestinationRule?\n1 error: nothing was written\n',
  );
  expect(status).toBe(1);
});
