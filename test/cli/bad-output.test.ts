// Output that cannot be written: the message, exit status 2, and nothing left behind, neither half a file nor
// a temporary one nor a new folder.

import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { program, Running, shell, useProgram } from './program.js';
import { at, CLUSTER, CLUSTER_JSON, MOVED, put, tree, xdsc } from './xdsc.js';

useProgram();

const hasFull = existsSync('/dev/full');
const hasProc = existsSync('/proc/self');

describe('a target', () => {
  test.each([
    [
      'below a file',
      ['-o', 'a.yaml/b/c.yaml'],
      'a.yaml/b/c.yaml: cannot be written: a file exists where a directory is needed',
    ],
    [
      'that is a folder',
      ['-o', 'in', '--stdin-filename', 'taken', '-'],
      'in/taken: cannot be written: this is a directory',
    ],
    [
      'with a name that is too long',
      ['-o', `${'x'.repeat(300)}.yaml`],
      'xxx.yaml: cannot be written: name too long',
    ],
  ])('%s', async (_, args, message) => {
    put({ 'a.yaml': CLUSTER, 'in/taken/b.yaml': CLUSTER });
    const before = tree();
    const { status, stdout, stderr } = await xdsc(
      ['convert', ...args, ...(args.includes('-') ? [] : ['a.yaml'])],
      {
        input: CLUSTER,
      },
    );
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^error: [^\n]*\n$/);
    expect(stdout).toBe('');
    expect(status).toBe(2);
    expect(tree()).toEqual(before);
  });

  test.skipIf(!hasProc)('in a file system that takes no folders', async () => {
    put({ 'a.yaml': CLUSTER });
    const { status, stderr } = await xdsc(['convert', '-o', '/proc/xdsc/out/', 'a.yaml']);
    expect(stderr).toMatch(/^error: \/proc\/xdsc\/out\/a\.yaml: cannot be written: /);
    expect(status).toBe(2);
  });

  test.skipIf(!hasFull)('on a full device', async () => {
    put({ 'a.yaml': CLUSTER });
    const { status, stderr } = await xdsc(['convert', '-o', '/dev/full', 'a.yaml']);
    expect(stderr).toBe('error: /dev/full: cannot be written: no space left on device\n');
    expect(status).toBe(2);
  });

  test('that is a device is written to', async () => {
    put({ 'a.yaml': CLUSTER });
    const { status } = await xdsc(['convert', '-o', '/dev/null', 'a.yaml']);
    expect(status).toBe(0);
  });

  test('behind a link that leads nowhere yet is written there', async () => {
    put({ 'a.yaml': CLUSTER });
    symlinkSync('there.yaml', at('link.yaml'));
    expect((await xdsc(['convert', '-o', 'link.yaml', 'a.yaml'])).status).toBe(0);
    expect(tree()['there.yaml']).toContain(MOVED);
    expect(tree()['link.yaml']).toBe('(link)');
  });
});

describe('without permission', () => {
  test.each([
    ['a file that is read-only', ['-w', 'in'], 'in/b.yaml: cannot be written: permission denied'],
    [
      'a folder that is read-only',
      ['-o', 'locked/new/', 'in'],
      'locked/new/a.json: cannot be written: permission denied',
    ],
    [
      'a file in a folder that is read-only',
      ['-w', 'locked/c.yaml'],
      'locked/c.yaml: cannot be written: permission denied',
    ],
  ])('%s', (_, args, message) => {
    put({ 'in/a.json': CLUSTER_JSON, 'in/b.yaml': CLUSTER, 'locked/c.yaml': CLUSTER });
    chmodSync(at('in'), 0o777);
    chmodSync(at('in/a.json'), 0o666);
    chmodSync(at('in/b.yaml'), 0o444);
    chmodSync(at('locked/c.yaml'), 0o666);
    chmodSync(at('locked'), 0o555);
    const before = tree();
    const { status, stderr } = program(['convert', ...args], { asNobody: true });
    const after = tree();
    chmodSync(at('locked'), 0o755);
    expect(stderr).toBe(`error: ${message}\n`);
    expect(status).toBe(2);
    expect(after).toEqual(before);
  });
});

describe('several files in place', () => {
  test('are all put back where one is a mount point', ({ skip }) => {
    put({ 'in/a.yaml': CLUSTER, 'in/b.yaml': CLUSTER, 'in/c.yaml': CLUSTER, mounted: CLUSTER });
    const before = tree();
    const mount = 'mount --bind mounted in/b.yaml';
    if (shell(`unshare -rm sh -c "${mount}"`).status !== 0) return skip('this user may not mount a file');
    const { status, stderr } = shell(`unshare -rm sh -c '${mount} && exec "$@" convert -w in' sh "$@"`);
    expect(stderr).toMatch(/^error: in\/b\.yaml: cannot be written: it is a mount point/);
    expect(status).toBe(2);
    expect(tree()).toEqual(before);
  });

  test('are left as they were after a signal', async () => {
    const many = Array.from({ length: 600 }, (_, i) => [`in/${i}.yaml`, CLUSTER] as const);
    put(Object.fromEntries(many));
    const before = tree();
    const running = Running.start(['convert', '-w', 'in']);
    await vi.waitFor(() => expect(readdirSync(at('in')).some((name) => name.endsWith('.tmp'))).toBe(true), {
      timeout: 15_000,
      interval: 1,
    });
    expect(await running.end('SIGTERM')).toBe(2);
    expect(running.stderr).toBe('error: SIGTERM: nothing was written\n');
    expect(tree()).toEqual(before);
  });
});

describe('without space', () => {
  test('for the second of two files', () => {
    put({ 'in/a.yaml': CLUSTER, 'in/b.yaml': `${CLUSTER}# ${'x'.repeat(9000)}\n` });
    const before = tree();
    // The signal that comes with the limit would end the program.
    const limited = `trap '' XFSZ; ulimit -f 8; exec "$@" convert`;
    for (const args of ['-w in', '-o out/new in', '--provider files -o out in']) {
      const { status, stdout, stderr } = shell(`${limited} ${args}`);
      expect(stderr).toMatch(/^error: (?:in|out|out\/new)\/b\.yaml: cannot be written: file too large for/);
      expect(stdout).toBe('');
      expect(status).toBe(2);
      expect(tree()).toEqual(before);
    }
  });

  test('on a small disk', async ({ skip }) => {
    const disk = smallDisk();
    if (disk === undefined) return skip('this user may not mount a disk');
    try {
      put({ 'a.json': CLUSTER_JSON, 'b.json': `${CLUSTER_JSON}${' '.repeat(60_000)}` });
      const { status, stderr } = await xdsc(['convert', '-o', `${disk}/new`, 'a.json', 'b.json']);
      expect(stderr).toBe(`error: ${disk}/new/b.json: cannot be written: no space left on device\n`);
      expect(status).toBe(2);
      expect(existsSync(`${disk}/new`)).toBe(false);
    } finally {
      execFileSync('umount', [disk]);
      rmSync(disk, { recursive: true });
    }
  });
});

/** A disk of 16 kB, where this user may mount one. */
function smallDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'xdsc-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', folder], { stdio: 'ignore' });
    return folder;
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
}

describe('standard output', () => {
  const LARGE = CLUSTER + '# a comment that makes this larger than a pipe\n'.repeat(10_000);

  test.skipIf(!hasFull)('that is full leaves no Secret files', () => {
    put({ 'a.yaml': CLUSTER });
    const { status, stderr } = shell(
      '"$@" convert --provider files --secrets-dir new/secrets a.yaml > /dev/full',
    );
    expect(stderr).toBe('error: standard output: cannot be written: no space left on device\n');
    expect(status).toBe(2);
    expect(tree()).toEqual({ 'a.yaml': CLUSTER });
  });

  test.skipIf(!hasFull)('that is full fails help and version', () => {
    for (const args of ['--version', '--help', 'convert --help']) {
      const { status, stderr } = shell(`"$@" ${args} > /dev/full`);
      expect(stderr).toBe('error: standard output: cannot be written: no space left on device\n');
      expect(status).toBe(2);
    }
  });

  test('whose reader goes away early is no error', () => {
    put({ 'a.yaml': LARGE });
    const { status, stdout, stderr } = shell('{ "$@" convert a.yaml; echo "status $?" >&2; } | head -n 1');
    expect(stdout).toBe('name: backend\n');
    expect(stderr).toContain('1 moved to SDS');
    expect(stderr).toContain('status 0');
    expect(status).toBe(0);
  });

  test('whose reader goes away before help is no error', () => {
    const { stderr } = shell('{ "$@" --help; echo "status $?" >&2; } | true');
    expect(stderr).toBe('status 0\n');
  });
});

describe('standard error', () => {
  test.skipIf(!hasFull)('that is full does not stop a conversion', () => {
    put({ 'a.yaml': CLUSTER });
    const { status, stdout } = shell('"$@" convert a.yaml 2> /dev/full');
    expect(stdout).toContain(MOVED);
    expect(status).toBe(0);
  });

  test('whose reader goes away does not stop a conversion', () => {
    put({ 'a.yaml': CLUSTER });
    mkdirSync(at('new'));
    shell('{ "$@" convert a.yaml 2>&1 >&3 | true; } 3> new/out.yaml');
    expect(tree()['new/out.yaml']).toContain(MOVED);
  });
});

describe('a mistake of the program', () => {
  // As a bug would: something that the program uses throws.
  const preload = `data:text/javascript,Array.prototype.flatMap=()=>{throw new TypeError('boom')}`;
  const env = { NODE_OPTIONS: `--import=${preload.replaceAll(' ', '%20')}` };

  test('is named as one, in a line', () => {
    put({ 'a.yaml': CLUSTER });
    const { status, stdout, stderr } = program(['convert', '-w', 'a.yaml'], { env });
    expect(stderr).toBe(
      'error: internal error in xdsc, not caused by your input: TypeError: boom\n  please report it; XDSC_DEBUG=1 prints a stack trace\n',
    );
    expect(stdout).toBe('');
    expect(status).toBe(2);
    expect(tree()).toEqual({ 'a.yaml': CLUSTER });
  });

  test('is shown with its place to those who ask', () => {
    put({ 'a.yaml': CLUSTER });
    const { status, stderr } = program(['convert', 'a.yaml'], { env: { ...env, XDSC_DEBUG: '1' } });
    expect(stderr).toMatch(/^error: TypeError: boom\n {4}at /);
    expect(status).toBe(2);
  });
});
