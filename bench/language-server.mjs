// How long an editor waits: from a change to the diagnostics of the changed text, for bootstraps in YAML of three
// sizes. The first is from opening the text, in a process that has read nothing yet; the others are single
// characters that are typed, and a completion in the middle of the text. Wall time, as an editor sees it, and on
// Linux the processor time that a change takes, which does not depend on what else the machine does.
//
//   node bench/language-server.mjs [ROUNDS]

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';

const SIZES = [100_000, 1_000_000, 2_000_000];
const ROUNDS = Number(process.argv[2] ?? 9);

const HEAD = `node: {id: a, cluster: b}
static_resources:
  clusters:
  - name: sds
    type: STATIC
    connect_timeout: 1s
    typed_extension_protocol_options:
      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
        "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
        explicit_http_config: {http2_protocol_options: {}}
    load_assignment:
      cluster_name: sds
      endpoints:
      - lb_endpoints:
        - endpoint: {address: {pipe: {path: /run/sds.sock}}}
`;

/** A cluster with TLS from SDS, as control planes and people write them. */
const cluster = (number) => `  - name: cluster-${number}
    type: STRICT_DNS
    connect_timeout: 1s
    lb_policy: ROUND_ROBIN
    load_assignment:
      cluster_name: cluster-${number}
      endpoints:
      - lb_endpoints:
        - endpoint:
            address:
              socket_address:
                address: host-${number}.example.com
                port_value: 8443
    transport_socket:
      name: envoy.transport_sockets.tls
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
        sni: host-${number}.example.com
        common_tls_context:
          tls_certificate_sds_secret_configs:
          - name: default
            sds_config: {resource_api_version: V3, api_config_source: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: sds}}]}}
`;

/** A bootstrap of a size. */
function bootstrap(size) {
  const parts = [HEAD];
  for (let length = HEAD.length, number = 0; length < size; number++) {
    const part = cluster(number);
    parts.push(part);
    length += part.length;
  }
  return parts.join('');
}

/** A server, and what it says last about a version of the text. */
async function start() {
  const child = spawn(process.execPath, ['dist/cli.js', 'lsp', '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  /** @type {(params: { version?: number }) => void} */
  let told = () => {};
  connection.onNotification('textDocument/publishDiagnostics', (params) => told(params));
  connection.listen();
  await connection.sendRequest('initialize', { processId: process.pid, rootUri: null, capabilities: {} });
  await connection.sendNotification('initialized', {});
  /** The time until the diagnostics of a version came, in milliseconds, once something was sent. */
  const until = async (version, send) => {
    const begin = performance.now();
    const done = new Promise((resolve) => {
      told = (params) => {
        if (params.version === version) resolve(performance.now() - begin);
      };
    });
    await send();
    return done;
  };
  const quit = async () => {
    await connection.sendRequest('shutdown');
    await connection.sendNotification('exit');
    connection.dispose();
  };
  return { connection, until, quit, cpu: () => cpuOf(child.pid) };
}

/** The processor time that a process used so far, in milliseconds; undefined where the system does not say. */
function cpuOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return undefined;
  }
}

const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

for (const size of SIZES) {
  const { connection, until, quit, cpu } = await start();
  const text = bootstrap(size);
  const uri = 'file:///bench/envoy.yaml';
  const first = await until(1, () =>
    connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'yaml', version: 1, text },
    }),
  );
  // In the name of a cluster in the middle of the text.
  const lines = text.split('\n');
  const line = lines.findIndex((one, index) => index > lines.length / 2 && one.startsWith('  - name:'));
  const times = [];
  const before = cpu();
  for (let version = 2; version < ROUNDS + 2; version++) {
    const at = { line, character: lines[line].length };
    times.push(
      await until(version, () =>
        connection.sendNotification('textDocument/didChange', {
          textDocument: { uri, version },
          contentChanges: [{ range: { start: at, end: at }, text: 'x' }],
        }),
      ),
    );
  }
  const after = cpu();
  const used =
    before === undefined || after === undefined ? '' : `, ${((after - before) / ROUNDS).toFixed(0)} ms CPU`;
  const begin = performance.now();
  const position = { line: line + 3, character: '    lb_policy: '.length };
  const offers = await connection.sendRequest('textDocument/completion', { textDocument: { uri }, position });
  const completion = performance.now() - begin;
  const ms = (time) => `${time.toFixed(0)} ms`;
  console.log(
    `${(size / 1e6).toFixed(1)} MB: first ${ms(first)}, typed ${ms(median(times))} (${ms(Math.min(...times))} to ${ms(Math.max(...times))}${used}), completion ${ms(completion)} (${offers.length} offers)`,
  );
  await quit();
}
