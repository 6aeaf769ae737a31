// What becomes of pods, whichever way their manifests are written: compared as values with what the facts say,
// and as texts with what must not change.

import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { type ConvertedPods, convertPods } from '../../src/kubernetes/convert-pods.js';
import type { PodDelivery, PodSds } from '../../src/kubernetes/pod-sds.js';
import { readSource } from '../../src/source/document.js';
import { applyEdits, sortEdits } from '../../src/source/edit.js';

const SDS: PodSds = {
  socket: '/var/run/sds/uds_path',
  mounted: 'socket',
  volume: { sidecar: 'sds-uds-path', gateway: 'sdsudspath' },
  token: { kind: 'projected', audience: 'cluster.local' },
};
const PLAIN: PodSds = { ...SDS, token: { kind: 'account' } };

const SOCKET_VOLUME = { name: 'sds-uds-path', hostPath: { path: '/var/run/sds/uds_path', type: 'Socket' } };
const TOKEN_VOLUME = {
  name: 'istio-token',
  projected: {
    sources: [
      { serviceAccountToken: { path: 'istio-token', expirationSeconds: 43200, audience: 'cluster.local' } },
    ],
  },
};
const SOCKET_MOUNT = { name: 'sds-uds-path', mountPath: '/var/run/sds/uds_path', readOnly: true };
const TOKEN_MOUNT = { name: 'istio-token', mountPath: '/var/run/secrets/tokens' };

type Result = { text: string } & Pick<ConvertedPods, 'outcomes' | 'findings'>;

function converted(text: string, delivery: PodDelivery = { sds: SDS }): Result {
  const source = readSource('w.yaml', text);
  expect(source.findings).toEqual([]);
  const results = source.documents.map((document) => convertPods(document, delivery));
  const edits = sortEdits(results.flatMap(({ edits: some }) => some));
  return {
    text: [...applyEdits(text, edits)].join(''),
    outcomes: results.flatMap(({ outcomes }) => outcomes),
    findings: results.flatMap(({ findings }) => findings),
  };
}

/** A deployment as the injector of Istio 1.1 leaves it. */
const LEGACY = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', annotations: { 'sidecar.istio.io/status': '{"volumes":["istio-certs"]}' } },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        containers: [
          { name: 'app', image: 'app:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] },
          {
            name: 'istio-proxy',
            image: 'proxyv2:1.1.7',
            args: ['proxy', 'sidecar', '--controlPlaneAuthPolicy', 'NONE'],
            securityContext: { readOnlyRootFilesystem: true, runAsUser: 1337 },
            volumeMounts: [
              { mountPath: '/etc/istio/proxy', name: 'istio-envoy' },
              { mountPath: '/etc/certs/', name: 'istio-certs', readOnly: true },
            ],
          },
        ],
        initContainers: [{ name: 'istio-init', image: 'proxy_init:1.1.7' }],
        volumes: [
          { emptyDir: { medium: 'Memory' }, name: 'istio-envoy' },
          { name: 'istio-certs', secret: { optional: true, secretName: 'istio.default' } },
          { name: 'data', emptyDir: {} },
        ],
      },
    },
  },
};

/** The same on SDS, by the facts. */
const MOVED = structuredClone(LEGACY) as unknown as {
  spec: { template: { spec: { containers: Record<string, unknown>[]; volumes: unknown[] } } };
};
const proxy = MOVED.spec.template.spec.containers[1] as Record<string, unknown>;
proxy.volumeMounts = [{ mountPath: '/etc/istio/proxy', name: 'istio-envoy' }, SOCKET_MOUNT, TOKEN_MOUNT];
proxy.securityContext = { readOnlyRootFilesystem: true, runAsUser: 1337, runAsGroup: 1337 };
MOVED.spec.template.spec.volumes.splice(1, 1, SOCKET_VOLUME, TOKEN_VOLUME);

const YAML = stringify(LEGACY, { lineWidth: 0 });

describe('a legacy deployment and a converted one differ only in volumes, mounts and group', () => {
  test.each([
    ['block YAML', YAML],
    ['block YAML with lists at their keys', stringify(LEGACY, { lineWidth: 0, indentSeq: false })],
    ['block YAML, deeply indented', stringify(LEGACY, { lineWidth: 0, indent: 4 })],
    ['block YAML with CRLF', YAML.replaceAll('\n', '\r\n')],
    ['block YAML without a last line break', YAML.trimEnd()],
    ['JSON in one line', JSON.stringify(LEGACY)],
    ['JSON', `${JSON.stringify(LEGACY, null, 2)}\n`],
    ['JSON with tabs', JSON.stringify(LEGACY, null, '\t')],
    ['flow YAML', stringify(LEGACY, { lineWidth: 0, collectionStyle: 'flow' })],
    [
      'YAML with JSON items',
      YAML.replace(
        /- name: istio-certs\n.*\n.*\n.*/,
        '- {"name": "istio-certs", "secret": {"optional": true, "secretName": "istio.default"}}',
      ),
    ],
  ])('%s', (_, text) => {
    expect(parse(text)).toEqual(LEGACY);
    const { text: once, outcomes, findings } = converted(text);
    expect(parse(once)).toEqual(MOVED);
    expect(outcomes.map(({ state, left }) => [state, left])).toEqual([['converted', []]]);
    expect(findings).toEqual([]);
    const again = converted(once);
    expect(again.text).toBe(once);
    expect(again.outcomes.map(({ state }) => state)).toEqual(['sds']);
    // Every line that is not about the three is there as it was.
    const lines = new Set(once.split('\n').map((line) => line.replace(/,$/, '')));
    const lost = text.split('\n').filter((line) => !lines.has(line.replace(/,$/, '')));
    if (text.split('\n').length > 10)
      for (const line of lost) expect(line).toMatch(/certs|secret|optional|readOnly|^\s*[{}\]]|^ *-?\s*$/i);
  });

  test('the result is a Deployment by the schema of Kubernetes', () => {
    expect(() => new Deployment(parse(converted(YAML).text)).validate()).not.toThrow();
  });
});

test('comments are kept, including those of removed items', () => {
  const { text } = converted(`apiVersion: v1
kind: Pod
metadata: {name: p} # one
spec:
  containers:
  - name: istio-proxy
    volumeMounts: # two
    # three
    - mountPath: /etc/certs/   # four
      # five
      name: istio-certs
      readOnly: true           # six
    # seven
    - {mountPath: /x, name: x}
  volumes:
  - name: istio-certs # eight
    secret: {secretName: istio.default} # nine
  # ten
  - {name: x, emptyDir: {}}
`);
  const found = [...text.matchAll(/# (\w+)$/gm)].map(([, word]) => word).sort();
  expect(found).toEqual(
    ['eight', 'five', 'four', 'nine', 'one', 'seven', 'six', 'ten', 'three', 'two'].sort(),
  );
  expect(text).toContain(`    # three
    # five
    # six
    - mountPath: /var/run/sds/uds_path # four
      name: sds-uds-path
      readOnly: true
    - mountPath: /var/run/secrets/tokens
      name: istio-token
    # seven
`);
});

test('with the regular token, no token volume and no group are added', () => {
  const value = parse(converted(YAML, { sds: PLAIN }).text).spec.template.spec;
  expect(value.volumes.map(({ name }: { name: string }) => name)).toEqual([
    'istio-envoy',
    'sds-uds-path',
    'data',
  ]);
  expect(value.containers[1].securityContext).toEqual({ readOnlyRootFilesystem: true, runAsUser: 1337 });
});

const pod = (containers: string, volumes: string, more = ''): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n${more}  containers:\n${containers}  volumes:\n${volumes}`;
const PROXY = '  - {name: istio-proxy, volumeMounts: [{name: istio-certs, mountPath: /etc/certs}]}\n';
const CERTS = '  - {name: istio-certs, secret: {secretName: istio.default}}\n';

describe('existing items are not added again', () => {
  test('a socket, by its path', () => {
    const text = pod(
      '  - {name: istio-proxy, volumeMounts: [{name: sock, mountPath: /var/run/sds/}, {name: istio-certs, mountPath: /etc/certs}]}\n',
      `  - {name: sock, hostPath: {path: /var/run/sds}}\n${CERTS}`,
    );
    const { spec } = parse(converted(text, { sds: PLAIN }).text);
    expect(spec).toEqual({
      containers: [{ name: 'istio-proxy', volumeMounts: [{ name: 'sock', mountPath: '/var/run/sds/' }] }],
      volumes: [{ name: 'sock', hostPath: { path: '/var/run/sds' } }],
    });
  });

  test('a volume that nothing mounts yet', () => {
    const text = pod(PROXY, `  - {name: s, hostPath: {path: /var/run/sds/uds_path}}\n${CERTS}`);
    const { spec } = parse(converted(text, { sds: PLAIN }).text);
    expect(spec.volumes).toEqual([{ name: 's', hostPath: { path: '/var/run/sds/uds_path' } }]);
    expect(spec.containers[0].volumeMounts).toEqual([{ ...SOCKET_MOUNT, name: 's' }]);
  });

  test('a security context of the pod or the proxy', () => {
    const grouped = pod(PROXY, CERTS, '  securityContext: {runAsGroup: 1337}\n');
    expect(parse(converted(grouped).text).spec.containers[0].securityContext).toBeUndefined();
    const none = pod(PROXY.replace('{name', '{securityContext: {}, name'), CERTS);
    expect(parse(converted(none).text).spec.containers[0].securityContext).toEqual({ runAsGroup: 1337 });
    const other = converted(pod(PROXY.replace('{name', '{securityContext: {runAsGroup: 5}, name'), CERTS));
    expect(other.outcomes.map(({ state, left }) => [state, left[0]?.reason])).toEqual([
      ['partial', 'other-group'],
    ]);
    expect(parse(other.text).spec.containers[0].securityContext).toEqual({ runAsGroup: 5 });
  });
});

describe('the secret is kept and reported', () => {
  test.each(['containers', 'initContainers'])('where one of the other %s mounts it', (list) => {
    const other = '{name: app, volumeMounts: [{name: istio-certs, mountPath: /certs}]}';
    const text =
      list === 'containers'
        ? pod(`${PROXY}  - ${other}\n`, CERTS)
        : pod(PROXY, CERTS, `  initContainers:\n  - ${other}\n`);
    const { text: result, outcomes } = converted(text);
    const { spec } = parse(result);
    expect(spec.volumes.map(({ name }: { name: string }) => name)).toEqual([
      'istio-certs',
      'sds-uds-path',
      'istio-token',
    ]);
    expect(spec[list].at(-1)).toEqual({
      name: 'app',
      volumeMounts: [{ name: 'istio-certs', mountPath: '/certs' }],
    });
    expect(outcomes.map(({ state, left }) => [state, left.map(({ reason }) => reason)])).toEqual([
      ['partial', ['other-container']],
    ]);
  });

  test('if another volume contains it for another container', () => {
    const { text, outcomes } = converted(
      pod(
        `${PROXY}  - {name: app, volumeMounts: [{name: copy, mountPath: /c}], env: [{name: K, valueFrom: {secretKeyRef: {name: istio.default, key: key.pem}}}]}\n`,
        `${CERTS}  - {name: copy, secret: {secretName: istio.default}}\n  - {name: all, projected: {sources: [{secret: {name: istio.default}}]}}\n`,
      ),
    );
    expect(parse(text).spec.volumes.map(({ name }: { name: string }) => name)).toEqual([
      'sds-uds-path',
      'istio-token',
      'copy',
      'all',
    ]);
    expect(outcomes[0]?.left.map(({ reason }) => reason)).toEqual([
      'other-container',
      'other-container',
      'projected-secret',
    ]);
  });

  test('in a gateway, which gets the socket as in its chart', () => {
    const text = pod(PROXY.replace('volumeMounts', 'args: [proxy, router], volumeMounts'), CERTS);
    const { text: result, outcomes } = converted(text);
    const { spec } = parse(result);
    expect(spec.volumes).toEqual([
      { name: 'istio-certs', secret: { secretName: 'istio.default' } },
      { ...SOCKET_VOLUME, name: 'sdsudspath' },
      TOKEN_VOLUME,
    ]);
    expect(spec.containers[0]).toEqual({
      name: 'istio-proxy',
      args: ['proxy', 'router'],
      volumeMounts: [
        { name: 'istio-certs', mountPath: '/etc/certs' },
        { ...SOCKET_MOUNT, name: 'sdsudspath' },
        TOKEN_MOUNT,
      ],
    });
    expect(outcomes.map(({ state, left }) => [state, left[0]?.reason])).toEqual([['partial', 'gateway']]);
    expect(converted(result).text).toBe(result);
  });

  test('if there is no proxy', () => {
    const text = pod(
      '  - {name: galley, volumeMounts: [{name: istio-certs, mountPath: /etc/certs}]}\n',
      CERTS,
    );
    const { text: result, outcomes } = converted(text);
    expect(result).toBe(text);
    expect(outcomes.map(({ state, left }) => [state, left[0]?.reason])).toEqual([
      ['left', 'other-container'],
    ]);
  });

  test('if the provider needs it', () => {
    const text = pod(PROXY, CERTS);
    const { text: result, outcomes } = converted(text, { keeps: 'because' });
    expect(result).toBe(text);
    expect(outcomes.map(({ state, left }) => [state, left[0]?.reason])).toEqual([['left', 'needs-files']]);
  });

  test.each([
    ['name-taken', '  - {name: sds-uds-path, emptyDir: {}}\n', ''],
    ['name-taken', '  - {name: istio-token, secret: {secretName: t}}\n', ''],
    ['path-taken', '  - {name: t, emptyDir: {}}\n', ', {name: t, mountPath: /var/run/secrets/tokens/}'],
  ])('if there is a conflict: %s', (reason, volume, mount) => {
    const text = pod(PROXY.replace(']}', `${mount}]}`), CERTS + volume);
    const { text: result, outcomes } = converted(text);
    expect(result).toBe(text);
    expect(outcomes.map(({ state, left }) => [state, left[0]?.reason])).toEqual([['left', reason]]);
  });
});

describe('nothing is reported for', () => {
  test.each([
    ['a pod without a proxy', pod('  - {name: app}\n', '  - {name: x, emptyDir: {}}\n')],
    [
      'a proxy of a later Istio',
      pod(
        '  - {name: istio-proxy, volumeMounts: [{name: istiod-ca-cert, mountPath: /c}]}\n',
        '  - {name: istiod-ca-cert, configMap: {name: c}}\n',
      ),
    ],
    ['a service', 'apiVersion: v1\nkind: Service\nmetadata: {name: s}\n'],
  ])('%s', (_, text) => {
    expect(converted(text)).toEqual({ text, outcomes: [], findings: [] });
  });
});

describe('warnings', () => {
  test('a proxy that needs the files to reach the control plane', () => {
    const text = pod(
      PROXY.replace(
        'volumeMounts',
        'args: [proxy, sidecar, --controlPlaneAuthPolicy, MUTUAL_TLS], volumeMounts',
      ),
      CERTS,
    );
    expect(converted(text).findings.map(({ code }) => code)).toEqual(['control-plane-files']);
  });

  test('a pod without the token', () => {
    const text = pod(PROXY, CERTS, '  automountServiceAccountToken: false\n');
    expect(converted(text, { sds: PLAIN }).findings.map(({ code }) => code)).toEqual(['no-account-token']);
    const file: PodSds = { ...SDS, token: { kind: 'file', filename: '/tokens/mine' } };
    expect(converted(text, { sds: file }).findings.map(({ code }) => code)).toEqual(['token-not-mounted']);
  });
});

describe('YAML aliases', () => {
  const shared = (second: string): string => `apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Pod
  metadata: {name: a}
  spec:
    containers: &c
    - name: istio-proxy
      volumeMounts: [{name: istio-certs, mountPath: /etc/certs}]
    volumes: &v
    - &certs
      name: istio-certs
      secret: {secretName: istio.default}
- apiVersion: v1
  kind: Pod
  metadata: {name: b}
  spec: ${second}
`;

  test('that need the same change are changed at their anchor', () => {
    const { text, outcomes } = converted(shared('{containers: *c, volumes: *v}'));
    expect(outcomes.map(({ state }) => state)).toEqual(['converted', 'converted']);
    const { items } = parse(text);
    expect(items[1].spec).toEqual(items[0].spec);
    expect(text).not.toContain('istio-certs');
  });

  test('to text that must not change are kept', () => {
    const text = shared(
      '{containers: [{name: app, volumeMounts: [{name: istio-certs, mountPath: /c}]}], volumes: *v}',
    );
    const { text: result, outcomes } = converted(text);
    expect(result).toBe(text);
    expect(outcomes.map(({ state, left }) => [state, left[0]?.reason])).toEqual([
      ['left', 'alias'],
      ['left', 'other-container'],
    ]);
  });

  test('to an item that would be removed keep the item', () => {
    const text = shared('{containers: [{name: app}], volumes: [*certs]}');
    const { text: result, outcomes } = converted(text);
    expect(result).toBe(text);
    expect(outcomes.map(({ left }) => left[0]?.reason)).toEqual(['alias', 'no-proxy']);
  });
});
