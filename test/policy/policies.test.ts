// Policies of a project's own, from the project file to findings.

import { describe, expect, test } from 'vitest';
import { put, useFolder, xdsc } from '../cli/xdsc.js';

useFolder();

const TLS = `node: {id: a, cluster: b}
static_resources:
  clusters:
  - name: backend
    connect_timeout: 10s
    lb_policy: MAGLEV
    transport_socket:
      name: envoy.transport_sockets.tls
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
        sni: backend
        common_tls_context:
          tls_params: {tls_minimum_protocol_version: TLSv1_2}
          validation_context:
            trusted_ca: {filename: /etc/ca.pem}
            match_typed_subject_alt_names: [{san_type: URI, matcher: {exact: spiffe://a/b}}]
  - {name: plain, type: STATIC}
`;

interface Found {
  readonly code: string;
  readonly level: string;
  readonly message: string;
  readonly region: { readonly line: number };
}

/** The findings of policies, as `code:line`, and those about the project file. */
async function found(policy: string, more: Readonly<Record<string, string>> = {}): Promise<string[]> {
  put({
    'envoy.yaml': TLS,
    ...more,
    'xdsc.config.yaml': `policies:\n- {code: mine, message: not so, ${policy}}\n`,
  });
  const { stdout, stderr } = await xdsc(['validate', 'envoy.yaml', '--format', 'json']);
  if (stdout === '') throw new Error(stderr);
  const { findings } = JSON.parse(stdout) as { findings: Found[] };
  return findings
    .filter(({ code }) => code === 'mine' || code === 'project-config')
    .map(({ code, region, message }) =>
      code === 'mine' && message === 'not so' ? `line ${region.line}` : message,
    );
}

describe('an expression', () => {
  test.each([
    ['durations', "message.connect_timeout <= duration('5s')", ['line 4']],
    ['names of enums, with defaults', "message.lb_policy == 'ROUND_ROBIN'", ['line 4']],
    ['what is there', 'has(message.transport_socket)', ['line 17']],
    ['absent messages, as empty ones', "message.transport_socket.name == ''", ['line 4']],
    ['absent wrappers, as null', 'message.per_connection_buffer_limit_bytes != null', ['line 4', 'line 17']],
    ['lists', 'size(message.filters) == 0', []],
    [
      'messages inside, in order',
      "!has(message.transport_socket) || message.transport_socket.typed_config.sni == 'x'",
      ['line 4'],
    ],
    ['texts', "message.name.startsWith('back')", ['line 17']],
  ] as const)('knows %s', async (_what, require, lines) => {
    expect(await found(`on: Cluster, require: "${require}"`)).toEqual(lines);
  });

  test('asks about TLS settings', async () => {
    expect(await found('on: tls, require: "tls.minimum_version == \'TLSv1_3\'"')).toEqual(['line 10']);
    expect(await found('on: tls, require: "tls.root.delivery == \'sds\'"')).toEqual(['line 10']);
    expect(
      await found('on: tls, require: "tls.peer_names.exists(n, n.value.startsWith(\'spiffe://\'))"'),
    ).toEqual([]);
  });

  test('applies where another one holds', async () => {
    expect(await found("on: Cluster, when: has(message.transport_socket), require: 'false'")).toEqual([
      'line 4',
    ]);
  });

  test('points to a field', async () => {
    expect(
      await found("on: Cluster, at: connect_timeout, require: message.connect_timeout < duration('1s')"),
    ).toEqual(['line 5']);
  });

  test.each([
    [
      'a field',
      'message.conect_timeout != null',
      'envoy.config.cluster.v3.Cluster has no field "conect_timeout"',
    ],
    [
      'a field in a loop',
      'message.filters.all(f, f.nam != null)',
      'envoy.config.cluster.v3.Filter has no field "nam"',
    ],
    ['a variable', 'mesage.name != null', 'there is no variable "mesage"'],
  ])('is refused where it names %s that is not there', async (_what, require, message) => {
    expect(await found(`on: Cluster, require: "${require}"`)).toEqual([message]);
  });

  test('is refused where it cannot be read', async () => {
    const [message] = await found('on: Cluster, require: "message.name =="');
    expect(message).toMatch(/^this is not an expression of CEL: /);
  });

  test('says what keeps it from being evaluated, and no value', async () => {
    expect(await found('on: Cluster, require: "message.name > 5"')).toEqual([
      'this policy cannot be evaluated here: the types of two values do not fit together',
      'this policy cannot be evaluated here: the types of two values do not fit together',
    ]);
    expect(await found('on: Cluster, require: message.name')).toEqual([
      'this policy cannot be evaluated here: the result is not a bool',
      'this policy cannot be evaluated here: the result is not a bool',
    ]);
  });
});

describe('a JSON Schema', () => {
  test('is held against messages in normal form', async () => {
    const schema = JSON.stringify({
      properties: { connect_timeout: { const: '10s' } },
      required: ['connect_timeout'],
    });
    expect(
      await found('on: Cluster, schema: schemas/cluster.json', { 'schemas/cluster.json': schema }),
    ).toEqual(['line 17']);
  });

  test('is refused where it is none, or not there', async () => {
    const [none] = await found('on: Cluster, schema: s.json', { 's.json': '{"type": "nothing"}' });
    expect(none).toMatch(/^this is not a JSON Schema that can be used: /);
    const [missing] = await found('on: Cluster, schema: missing.json');
    expect(missing).toMatch(/^the schema cannot be read: /);
  });
});

describe('a policy', () => {
  test('is refused without what it needs', async () => {
    expect(await found("require: 'true'")).toEqual(['this policy has no on']);
    expect(await found('on: Cluster')).toEqual(['a policy has one of require and schema']);
    expect(await found("on: Clustr, require: 'true'")).toEqual(['there is no message "Clustr"']);
  });

  test('has a code of its own, which levels and silences know', async () => {
    put({
      'envoy.yaml': TLS.replace(
        '  - name: backend',
        '  # xdsc-disable-next-line mine: a test\n  - name: backend',
      ),
      'xdsc.config.yaml':
        "rules: {mine: note}\npolicies:\n- {code: mine, on: Cluster, message: not so, require: 'false'}\n- {code: unknown-cluster, on: Cluster, message: x, require: 'true'}\n",
    });
    const { stdout } = await xdsc(['validate', 'envoy.yaml', '--format', 'json']);
    const { findings } = JSON.parse(stdout) as { findings: Found[] };
    expect(findings.map(({ code, level }) => `${code} ${level}`)).toContain('mine note');
    expect(findings.filter(({ code }) => code === 'mine')).toHaveLength(1);
    expect(findings.map(({ message }) => message)).toContain('the code "unknown-cluster" is taken');
  });
});

describe('xdsc policy test', () => {
  const CONFIG =
    'policies:\n- {code: short-timeouts, on: Cluster, message: at most 5s, require: "message.connect_timeout <= duration(\'5s\')"}\n';

  test('says which tests pass', async () => {
    put({
      'xdsc.config.yaml': CONFIG,
      'data/slow.yaml': 'name: a\nconnect_timeout: 6s\n',
      'policies.test.yaml':
        '- {name: slow, file: data/slow.yaml, expect: [short-timeouts]}\n- {name: quick, text: "{name: a, connect_timeout: 1s}", expect: []}\n',
    });
    expect(await xdsc(['policy', 'test'])).toEqual({
      status: 0,
      stdout: 'ok      slow\nok      quick\n2 tests: 2 passed, 0 failed\n',
      stderr: '',
    });
  });

  test('says what a test that fails found', async () => {
    put({
      'xdsc.config.yaml': CONFIG,
      't.yaml': '- {name: slow, text: "{name: a, connect_timeout: 6s}", expect: ["short-timeouts:2"]}\n',
    });
    const { status, stdout } = await xdsc(['policy', 'test', 't.yaml']);
    expect(stdout).toBe(
      'failed  slow\n  expected short-timeouts:2\n  found short-timeouts:1\n1 test: 0 passed, 1 failed\n',
    );
    expect(status).toBe(1);
  });

  test.each([
    ['- {name: slow, expect: []}\n', 't.yaml:1:3: error: a test has one of file and text'],
    [
      '- {name: slow, text: "", expect: none}\n',
      't.yaml:1:34: error: this test file is wrong: must be array',
    ],
    ['- {name: slow, file: nothing.yaml, expect: []}\n', 'nothing.yaml: cannot be read'],
    ['- {name: slow, text: "a: b", expect: []}\n', 'this file contains no Envoy configuration'],
  ])('refuses %j', async (text, message) => {
    put({ 'xdsc.config.yaml': CONFIG, 't.yaml': text });
    const { status, stdout, stderr } = await xdsc(['policy', 'test', 't.yaml']);
    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(status).toBeGreaterThan(0);
  });

  test('needs policies', async () => {
    put({ 'xdsc.config.yaml': 'inputs: [a.yaml]\n' });
    const { status, stderr } = await xdsc(['policy', 'test']);
    expect(stderr).toBe('error: xdsc.config.yaml has no policies to test\n');
    expect(status).toBe(2);
  });
});
