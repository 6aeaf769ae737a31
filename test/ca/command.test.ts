// A program as CA: openssl in a few lines of shell.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CommandAuthority } from '../../src/ca/command.js';
import { SLEEP, sign } from './workloads.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'xdsc-command-ca-'));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-subj',
    '/CN=Mine',
    '-days',
    '30',
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The example in the paper. */
const SIGN =
  /```sh\n(# sign\.sh[\s\S]*?)```/.exec(
    readFileSync(resolve(import.meta.dirname, '../../docs/sds-server.md'), 'utf8'),
  )?.[1] ?? 'exit 1';

const command = (text: string): CommandAuthority => new CommandAuthority(`cd '${folder}'\n${text}`);

test('signs', async () => {
  const { certificates, root } = await sign(command(SIGN), { timeout: 10_000 });
  expect(certificates).toHaveLength(1);
  expect(root).toBe(readFileSync(join(folder, 'ca.pem'), 'utf8'));
});

test('gets identity, lifetime and token in its environment', async () => {
  const show = command('echo "$XDSC_IDENTITY $XDSC_TTL $XDSC_TOKEN" >&2; exit 3');
  await expect(sign(show, { token: 'abc.def.ghi' })).rejects.toMatchObject({
    code: 14,
    message: expect.stringContaining(`failed with exit status 3: ${SLEEP} 3600 (the token)`),
  });
});

describe('is refused where it', () => {
  test.each([
    ['prints no certificate', 'echo hello', 'printed no certificate'],
    [
      'prints the root only',
      'cat ca.pem',
      'returned a certificate for another key than the one in the request',
    ],
    ['is not there', 'no-such-program', 'failed with exit status 127'],
    [
      'leaves the root out',
      'openssl x509 -req -CA ca.pem -CAkey ca.key -days 1 -copy_extensions copy 2>/dev/null',
      "returned a certificate without its root; name the root's file with --ca-trust",
    ],
    [
      'leaves the name out',
      'openssl x509 -req -CA ca.pem -CAkey ca.key -days 1 2>/dev/null; cat ca.pem',
      `returned a certificate for no SPIFFE ID, not for ${SLEEP}`,
    ],
    ['prints a private key with its failure', 'cat ca.key >&2; exit 1', /failed with exit status 1$/],
  ])('%s', async (_, text, reason) => {
    const { message } = await sign(command(text), { timeout: 10_000 }).then(
      () => new Error('signed'),
      (error: Error) => error,
    );
    if (typeof reason === 'string') expect(message).toContain(reason);
    else expect(message).toMatch(reason);
  });
});

test('is ended with all that it started when it is slow', async () => {
  const began = performance.now();
  await expect(sign(command('sleep 33 & sleep 33'), { timeout: 300 })).rejects.toMatchObject({ code: 4 });
  expect(performance.now() - began).toBeLessThan(2000);
  const processes = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
  expect(processes.split('\n').filter((line) => line === 'sleep 33')).toEqual([]);
});
