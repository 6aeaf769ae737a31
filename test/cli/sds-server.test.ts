// `xdsc sds-server` as users run it: what it serves, what it leaves behind, and what it says of bad input.

import { X509Certificate } from 'node:crypto';
import { existsSync, linkSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { SdsClient, withToken } from '../agent/client.js';
import { fetchText, freePort } from '../real-envoy/proxies.js';
import { program, Running, useProgram } from './program.js';
import { at, put, tree, xdsc } from './xdsc.js';

useProgram();

const SLEEP = 'spiffe://cluster.local/ns/foo/sa/sleep';
const BASE = ['sds-server', '--identity', 'foo/sleep', '--key', 'ec-p256'];

let running: Running | undefined;
afterEach(async () => {
  if (running?.child.exitCode === null) await running.end('SIGKILL');
  running = undefined;
});

async function start(...args: string[]): Promise<Running> {
  running = Running.start([...BASE, ...args]);
  await running.said('ready');
  return running;
}

/** The permissions of a file. */
function modeOf(path: string): number {
  return statSync(at(path)).mode & 0o777;
}

/** Fetches a secret with the workload's token. */
async function fetchSecret(name: string, socket = 'run/uds_path') {
  const client = new SdsClient(at(socket));
  try {
    const token = readFileSync(at('tokens/foo/sleep/token'), 'utf8');
    const { secrets } = await client.fetch('v3', { resourceNames: [name] }, withToken(token));
    return secrets[0];
  } finally {
    client.close();
  }
}

describe('serves', () => {
  test('its own certificates by tokens that it issues, and leaves nothing behind', async () => {
    const port = await freePort('127.0.0.1');
    const server = await start('--socket', 'run/uds_path', '--tokens', 'tokens', '--metrics', String(port));
    expect(modeOf('run/uds_path')).toBe(0o600);
    expect(modeOf('tokens/foo/sleep/token')).toBe(0o600);
    const secret = await fetchSecret('default');
    expect(new X509Certificate(secret?.chain ?? '').subjectAltName).toBe(`URI:${SLEEP}`);
    const { status, text } = await fetchText('127.0.0.1', port, '/metrics', 'localhost');
    expect(status).toBe(200);
    expect(text).toContain('xdsc_sds_issued_total{reason="first"} 1');
    expect(text).toContain(`xdsc_sds_certificate_expiry_seconds{identity="${SLEEP}"}`);
    expect(await server.end('SIGINT')).toBe(0);
    expect(tree()).toEqual({});
    expect(server.stderr).toMatch(
      /issued identity="spiffe:\/\/cluster\.local\/ns\/foo\/sa\/sleep" serial=[\da-f]{32} expires="20[-\dT:.]+Z" ca="the own CA" ms=\d+\n/,
    );
    // Nothing that is logged is a token or a key.
    expect(server.stderr).not.toMatch(/eyJ|PRIVATE/);
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)('until %s, and leaves nothing behind', async (signal) => {
    const server = await start('--socket', 'a/b/{namespace}/{account}/sock', '--tokens', 'tokens');
    expect(Object.keys(tree()).sort()).toEqual([
      'a/b/foo/sleep/sock',
      'tokens/foo/sleep/token',
      'tokens/jwks.json',
    ]);
    await server.end(signal);
    await expect.poll(tree, { timeout: 5000 }).toEqual({});
  });

  test('SIGHUP rotates, SIGUSR2 replaces the keys of the own CA', async () => {
    const server = await start('--socket', 'run/uds_path', '--tokens', 'tokens');
    const client = new SdsClient(at('run/uds_path'));
    const token = readFileSync(at('tokens/foo/sleep/token'), 'utf8');
    const stream = client.stream('v3', withToken(token));
    stream.ask('default');
    const first = await stream.next();
    server.child.kill('SIGHUP');
    expect((await stream.next()).version).not.toBe(first.version);
    await server.said('rotated');
    const root = (await fetchSecret('ROOTCA'))?.roots;
    server.child.kill('SIGUSR2');
    await stream.next();
    await server.said('root added roots=2');
    const both = (await fetchSecret('ROOTCA'))?.roots ?? '';
    expect(both).toContain(root);
    expect(both.match(/BEGIN/g)).toHaveLength(2);
    client.close();
  });

  test('other servers check its tokens by its public keys, and it checks those of others', async () => {
    await start('--socket', 'run/uds_path', '--tokens', 'tokens');
    const text = readFileSync(at('tokens/jwks.json'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ keys: [{ kty: 'RSA', alg: 'RS256', use: 'sig' }] });
    // Nothing of a private key.
    expect(Object.keys(JSON.parse(text).keys[0]).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
    const other = Running.start([...BASE, '--socket', 'other', '--jwks', 'tokens/jwks.json']);
    await other.said('ready');
    expect(await fetchSecret('default', 'other')).toBeDefined();
    await other.end('SIGTERM');
  });

  test('as Istio 1.1 with --like', async () => {
    const server = await start('--socket', 'uds_path', '--tokens', 'tokens', '--like', 'istio-1.1');
    expect(modeOf('uds_path')).toBe(0o666);
    await expect(fetchSecret('default', 'uds_path')).rejects.toMatchObject({ code: 12 });
    const client = new SdsClient(at('uds_path'));
    const token = readFileSync(at('tokens/foo/sleep/token'), 'utf8');
    const { version, secrets } = await client.fetch('v2', { resourceNames: ['any'] }, withToken(token));
    client.close();
    expect(version).toMatch(/ \+0000 UTC m=\+/);
    expect(secrets[0]?.key).toContain('RSA PRIVATE KEY');
    expect(await server.end('SIGINT')).toBe(0);
    expect(tree()).toEqual({});
  });

  test('other users where the mode of the socket says so', async () => {
    await start('--socket', 'run/uds_path', '--tokens', 'tokens', '--socket-mode', '666');
    expect(modeOf('run/uds_path')).toBe(0o666);
    expect(modeOf('tokens/foo/sleep/token')).toBe(0o644);
    for (const folder of ['run', 'tokens', 'tokens/foo/sleep']) expect(modeOf(folder) & 0o055).toBe(0o055);
  });

  test('by the socket, without tokens', async () => {
    await start('--socket', 'run/uds_path', '--auth', 'socket', '--socket-mode', '660');
    expect(modeOf('run/uds_path')).toBe(0o660);
    const client = new SdsClient(at('run/uds_path'));
    expect((await client.fetch('v2', { resourceNames: ['default'] })).secrets).toHaveLength(1);
    client.close();
  });

  test('certificates of a command', async () => {
    put({ 'sign.sh': 'echo "no CA here" >&2; exit 1\n' });
    const server = await start(
      '--socket',
      'run/uds_path',
      '--tokens',
      'tokens',
      '--ca',
      'command',
      '--ca-command',
      'sh sign.sh',
    );
    await expect(fetchSecret('default')).rejects.toMatchObject({ code: 14 });
    await server.said(
      /not issued .* code=UNAVAILABLE reason="the command \\"sh sign\.sh\\" failed with exit status 1: no CA here"/,
    );
  });

  test('in the place of one that is gone', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(at('served'), done));
    // A second name of the socket stays when the server removes the first.
    linkSync(at('served'), at('stale'));
    await new Promise((done) => server.close(done));
    expect(existsSync(at('stale'))).toBe(true);
    await start('--socket', 'stale', '--tokens', 'tokens');
    expect(await fetchSecret('default', 'stale')).toBeDefined();
  });
});

describe('is refused', () => {
  const cases: [what: string, args: string[], message: string][] = [
    [
      'tokens that cannot be checked',
      ['--socket', 's'],
      'tokens cannot be checked: issue them with --tokens DIR, or give the public keys of your cluster with --jwks FILE',
    ],
    [
      'one socket for several workloads',
      ['--socket', 's', '--tokens', 't', '--identity', 'bar/httpbin'],
      'a token is bound to the socket of its workload',
    ],
    [
      'the same socket twice',
      ['--socket', '{namespace}', '--tokens', 't', '--identity', 'foo/other'],
      'two workloads have the same path',
    ],
    ['a placeholder', ['--socket', '{pod}', '--tokens', 't'], '{pod} is not a placeholder'],
    [
      'an identity',
      ['--socket', 's', '--identity', 'Foo'],
      '"Foo" is neither NAMESPACE/ACCOUNT nor spiffe://',
    ],
    [
      'a duration',
      ['--socket', 's', '--tokens', 't', '--ttl', '1d'],
      '--ttl: "1d" is not a duration such as 90s, 10m or 24h',
    ],
    [
      'a mode',
      ['--socket', 's', '--tokens', 't', '--socket-mode', '888'],
      '--socket-mode: "888" is not a mode',
    ],
    [
      'no CA',
      ['--socket', 's', '--tokens', 't', '--ca', 'vault'],
      'there is no CA: --ca vault needs --ca-address',
    ],
    [
      'no command',
      ['--socket', 's', '--tokens', 't', '--ca', 'command'],
      'there is no CA: --ca command needs --ca-command',
    ],
    [
      'a Vault without TLS',
      ['--socket', 's', '--tokens', 't', '--ca', 'vault', '--ca-address', 'http://vault:8200'],
      'is not an https:// URL, and tokens are sent to it',
    ],
    [
      'a setting',
      [
        '--socket',
        's',
        '--tokens',
        't',
        '--ca',
        'vault',
        '--ca-address',
        'https://v',
        '--option',
        'VAULT_ROLL=x',
      ],
      'VAULT_ROLL is not a setting of --ca vault\n  did you mean VAULT_ROLE?',
    ],
    [
      'another CA',
      ['--socket', 's', '--tokens', 't', '--intermediate', '--ca', 'citadel'],
      '--intermediate is for --ca own',
    ],
    [
      'a CA that needs tokens, by socket',
      ['--socket', 's', '--auth', 'socket', '--ca', 'citadel'],
      'citadel knows workloads by their tokens',
    ],
    ['a file that is not there', ['--socket', 's', '--jwks', 'none.json'], '--jwks: none.json: '],
    [
      'roots that are none',
      ['--socket', 's', '--tokens', 't', '--ca-trust', 'xdsc.txt'],
      '--ca-trust: xdsc.txt holds no certificate',
    ],
    [
      'a metrics address',
      ['--socket', 's', '--tokens', 't', '--metrics', 'x'],
      '--metrics: "x" is not PORT or HOST:PORT',
    ],
  ];
  test.each(cases)('%s', async (_, args, message) => {
    put({ 'xdsc.txt': 'hello' });
    const { status, stderr, stdout } = await xdsc([...BASE, ...args]);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^error: /);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(Object.keys(tree())).toEqual(['xdsc.txt']);
  });

  test.each([
    [
      'a socket that is a file',
      ['--socket', 'xdsc.txt', '--tokens', 't'],
      'xdsc.txt is taken: it is not a socket',
    ],
    ['a path below a file', ['--socket', 'xdsc.txt/socket', '--tokens', 't'], 'is not a folder'],
    [
      'a path that is too long',
      ['--socket', `${'x'.repeat(120)}`, '--tokens', 't'],
      'has 120 bytes; at most 107 are possible: use a shorter folder, or a relative path',
    ],
  ])('%s', (_, args, message) => {
    put({ 'xdsc.txt': 'hello' });
    const { status, stderr } = program([...BASE, ...args]);
    expect(stderr).toMatch(/^error: /);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
    expect(Object.keys(tree())).toEqual(['xdsc.txt']);
  });

  test('a socket that another process serves', async () => {
    const server: Server = createServer();
    await new Promise<void>((done) => server.listen(at('s'), done));
    const other = Running.start([...BASE, '--socket', 's', '--tokens', 't']);
    expect(await other.ended).toBe(2);
    expect(other.stderr).toContain('s is taken: another process listens on it; stop it, or use another path');
    expect(existsSync(at('s'))).toBe(true);
    server.close();
  });

  test.skipIf(process.getuid?.() !== 0)('a folder that is not writable', () => {
    put({ 'locked/x': '' });
    const { status, stderr } = program([...BASE, '--socket', 'locked/s', '--auth', 'socket'], {
      asNobody: true,
    });
    expect(stderr).toContain('the socket locked/s cannot be made: the folder is not writable for this user');
    expect(status).toBe(2);
  });

  test('no socket at all', async () => {
    const { status, stderr } = await xdsc(BASE);
    expect(stderr).toContain("required option '--socket <path>' not specified");
    expect(status).toBe(2);
  });
});
