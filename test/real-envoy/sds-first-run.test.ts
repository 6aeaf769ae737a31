// The first run of docs/sds-server.md: convert moves an Envoy from certificate files to SDS, sds-server serves it.

import { afterEach, describe, expect, test } from 'vitest';
import { program, Running, useProgram } from '../cli/program.js';
import { at, put } from '../cli/xdsc.js';
import { ENVOY, NO_ENVOY } from './envoy.js';
import { fetchText, freePort, RunningEnvoy } from './proxies.js';

useProgram();

const running: { end(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.end();
});

function bootstrapOf(admin: number, port: number): string {
  return `node: {id: httpbin, cluster: httpbin}
admin: {address: {socket_address: {address: 127.0.0.1, port_value: ${admin}}}}
static_resources:
  listeners:
  - name: inbound
    address: {socket_address: {address: 127.0.0.1, port_value: ${port}}}
    filter_chains:
    - transport_socket:
        name: envoy.transport_sockets.tls
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
          require_client_certificate: true
          common_tls_context:
            tls_certificates:
            - certificate_chain: {filename: /etc/certs/cert-chain.pem}
              private_key: {filename: /etc/certs/key.pem}
            validation_context:
              trusted_ca: {filename: /etc/certs/root-cert.pem}
      filters:
      - name: envoy.filters.network.tcp_proxy
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
          stat_prefix: tcp
          cluster: nowhere
  clusters: [{name: nowhere, connect_timeout: 1s}]
`;
}

describe.skipIf(ENVOY === undefined)(`Envoy (${ENVOY ?? NO_ENVOY})`, () => {
  test('runs what convert wrote, from the socket and with the token of sds-server', {
    timeout: 60_000,
  }, async () => {
    const admin = await freePort('127.0.0.1');
    put({ 'envoy.yaml': bootstrapOf(admin, await freePort('127.0.0.1')) });
    const server = Running.start([
      'sds-server',
      '--identity',
      'default/httpbin',
      '--socket',
      'run/uds_path',
      '--tokens',
      'run/tokens',
      '--rotate-every',
      '1s',
    ]);
    running.push({ end: () => server.end('SIGINT') });
    await server.said('ready');
    const { stdout, status } = program([
      'convert',
      '--sds-path',
      `unix:${at('run/uds_path')}`,
      '--token',
      at('run/tokens/default/httpbin/token'),
      'envoy.yaml',
    ]);
    expect(status).toBe(0);
    put({ 'envoy-sds.yaml': stdout });
    const envoy = new RunningEnvoy(ENVOY as string, at('envoy-sds.yaml'), 5100);
    running.push({ end: () => envoy.stop() });
    await envoy.ready(admin);
    const statistics = async (): Promise<string> =>
      (await fetchText('127.0.0.1', admin, '/stats?filter=^sds', 'localhost')).text;
    await expect.poll(statistics, { timeout: 20_000 }).toMatch(/^sds\.default\.update_success: [3-9]/m);
    const text = await statistics();
    expect(text).toMatch(/^sds\.ROOTCA\.update_success: 1$/m);
    expect(text).toMatch(/^sds\.default\.update_rejected: 0$/m);
    const certificates = await fetchText('127.0.0.1', admin, '/certs', 'localhost');
    expect(certificates.text).toContain('spiffe://cluster.local/ns/default/sa/httpbin');
  });
});
