// Where results go: standard output, -o, -w, --check, and what counts as an input.

import { chmodSync, lstatSync, mkdirSync, statSync, symlinkSync, utimesSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { at, CLUSTER, CLUSTER_JSON, MOVED, put, tree, useFolder, xdsc } from './xdsc.js';

useFolder();

/** A text with nothing to convert. */
const PLAIN = 'name: plain\nconnect_timeout: 1s\n';

/** The paths whose texts were converted. */
function converted(): string[] {
  return Object.entries(tree()).flatMap(([path, text]) => (text.includes(MOVED) ? [path] : []));
}

describe('standard output', () => {
  test('takes one file', async () => {
    put({ 'a.yaml': CLUSTER });
    const { status, stdout, stderr } = await xdsc(['convert', 'a.yaml']);
    expect(stdout).toContain(MOVED);
    expect(stderr).toContain('1 TLS context found: 1 moved to SDS');
    expect(status).toBe(0);
    expect(tree()).toEqual({ 'a.yaml': CLUSTER });
  });

  test('takes standard input, under the name it is given', async () => {
    const { status, stdout, stderr } = await xdsc(
      ['convert', '-', '--stdin-filename', 'web.yaml', '--mount', '/x'],
      {
        input: CLUSTER,
      },
    );
    expect(stdout).toBe(CLUSTER);
    expect(stderr).toContain('web.yaml:4:3 cluster backend: /etc/certs/cert-chain.pem is not under /x');
    expect(status).toBe(0);
    expect(tree()).toEqual({});
  });

  test.each([
    [
      'several files',
      ['a.yaml', 'b.json'],
      '2 inputs need -o DIR or -w; only one input can go to standard output',
    ],
    ['a folder of several', ['.'], '2 inputs need -o DIR or -w; only one input can go to standard output'],
    [
      'a file and standard input',
      ['a.yaml', '-'],
      '2 inputs need -o DIR or -w; only one input can go to standard output',
    ],
  ])('does not take %s', async (_, inputs, message) => {
    put({ 'a.yaml': CLUSTER, 'b.json': CLUSTER_JSON });
    const before = tree();
    const { status, stdout, stderr } = await xdsc(['convert', ...inputs], { input: CLUSTER });
    expect(stderr).toBe(`error: ${message}\n`);
    expect(stdout).toBe('');
    expect(status).toBe(2);
    expect(tree()).toEqual(before);
  });

  test('takes a file that is given several times', async () => {
    put({ 'a.yaml': CLUSTER });
    symlinkSync('a.yaml', at('link.yaml'));
    const { status, stderr } = await xdsc([
      'convert',
      'a.yaml',
      './a.yaml',
      at('a.yaml'),
      'link.yaml',
      '*.yaml',
    ]);
    expect(stderr).toContain('1 TLS context found');
    expect(status).toBe(0);
  });
});

describe('-o', () => {
  test.each([
    ['a new file', 'new/out.yaml', ['a.yaml'], ['new/out.yaml']],
    ['a file that is there', 'old.yaml', ['a.yaml'], ['old.yaml']],
    ['a folder that is there', 'folder', ['a.yaml'], ['folder/a.yaml']],
    ['a folder by its slash', 'new.d/', ['a.yaml'], ['new.d/a.yaml']],
    ['a folder by its look', 'new', ['a.yaml'], ['new/a.yaml']],
    [
      'the folder of several files',
      'new.d',
      ['sub/b.json', 'sub/c/d.yaml'],
      ['new.d/b.json', 'new.d/c/d.yaml'],
    ],
    ['the folder of files in two folders', 'new', ['a.yaml', 'sub/b.json'], ['new/a.yaml', 'new/sub/b.json']],
    ['the mirror of a folder', 'new', ['sub'], ['new/b.json', 'new/c/d.yaml']],
    ['the mirror of a folder that holds one file', 'new.v3', ['sub/c'], ['new.v3/d.yaml']],
    ['the mirror of a glob', 'new', ['sub/**/*.yaml'], ['new/c/d.yaml']],
    ['a file, of a glob for one file', 'new.yaml', ['sub/**/*.yaml'], ['new.yaml']],
    ['the folder of standard input', 'new/', ['-'], ['new/stdin']],
    [
      'the folder of standard input with a name',
      'new/',
      ['-', '--stdin-filename', 'x/e.yaml'],
      ['new/e.yaml'],
    ],
    ['the place of standard input', 'new', ['-'], ['new']],
  ])('names %s', async (_, output, inputs, written) => {
    put({ 'a.yaml': CLUSTER, 'sub/b.json': CLUSTER_JSON, 'sub/c/d.yaml': CLUSTER, 'sub/readme.md': '#' });
    put({ 'old.yaml': PLAIN });
    mkdirSync(at('folder'));
    const { status, stdout, stderr } = await xdsc(['convert', ...inputs, '-o', output], { input: CLUSTER });
    expect(stderr).toMatch(/^\d TLS contexts? found/);
    expect(converted()).toEqual(written);
    expect(Object.keys(tree()).filter((path) => /xdsc|tmp/.test(path))).toEqual([]);
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });

  test('is no input of the next run', async () => {
    put({ 'a.yaml': CLUSTER, 'sub/b.json': CLUSTER_JSON });
    await xdsc(['convert', '.', '-o', 'out']);
    const first = tree();
    const { status } = await xdsc(['convert', '.', '-o', 'out']);
    expect(tree()).toEqual(first);
    expect(Object.keys(first)).toEqual(['a.yaml', 'out/a.yaml', 'out/sub/b.json', 'sub/b.json']);
    expect(status).toBe(0);
  });

  test('writes files with nothing to convert as they are', async () => {
    put({ 'in/a.yaml': CLUSTER, 'in/b.yaml': PLAIN });
    expect((await xdsc(['convert', 'in', '-o', 'out'])).stderr).toContain('1 of 2 files changed');
    expect(tree()['out/b.yaml']).toBe(PLAIN);
  });

  test.each([
    [
      'a file for several inputs',
      ['a.yaml', 'b.json', '-o', 'old.yaml'],
      'old.yaml: several inputs need a directory, but this is a file',
    ],
    [
      'the same file twice',
      ['a.yaml', '-', '--stdin-filename', 'a.yaml', '-o', 'new'],
      'new/a.yaml: a.yaml would overwrite another output of this run',
    ],
    ['-w beside it', ['a.yaml', '-w', '-o', 'new'], '-w and -o cannot be combined'],
  ])('cannot be %s', async (_, args, message) => {
    put({ 'a.yaml': CLUSTER, 'b.json': CLUSTER_JSON, 'old.yaml': PLAIN });
    const before = tree();
    const { status, stderr } = await xdsc(['convert', ...args], { input: CLUSTER });
    expect(stderr).toBe(`error: ${message}\n`);
    expect(status).toBe(2);
    expect(tree()).toEqual(before);
  });
});

describe('-w', () => {
  test('writes what changes, with its mode, through its links', async () => {
    put({ 'real/a.yaml': CLUSTER, 'in/b.json': CLUSTER_JSON, 'in/c.yaml': PLAIN });
    chmodSync(at('real/a.yaml'), 0o640);
    chmodSync(at('in/b.json'), 0o755);
    symlinkSync('../real/a.yaml', at('in/a.yaml'));
    const long = new Date('2001-02-03');
    utimesSync(at('in/c.yaml'), long, long);
    const { status, stdout, stderr } = await xdsc(['convert', '-w', 'in']);
    expect(stderr).toContain('2 of 3 files changed');
    expect(stdout).toBe('');
    expect(status).toBe(0);
    expect(converted()).toEqual(['in/b.json', 'real/a.yaml']);
    expect(lstatSync(at('in/a.yaml')).isSymbolicLink()).toBe(true);
    expect(statSync(at('real/a.yaml')).mode & 0o777).toBe(0o640);
    expect(statSync(at('in/b.json')).mode & 0o777).toBe(0o755);
    expect(statSync(at('in/c.yaml')).mtime).toEqual(long);
  });

  test('leaves everything untouched the second time', async () => {
    put({ 'a.yaml': CLUSTER });
    await xdsc(['convert', '-w', 'a.yaml']);
    const { mtimeMs, ino } = statSync(at('a.yaml'));
    const { status, stderr } = await xdsc(['convert', '-w', 'a.yaml']);
    expect(stderr).toContain('1 on SDS before\n');
    expect(stderr).toContain('nothing changed');
    expect(status).toBe(0);
    expect(statSync(at('a.yaml'))).toMatchObject({ mtimeMs, ino });
  });

  test('writes a file with two names once', async () => {
    put({ 'a.yaml': CLUSTER });
    symlinkSync('a.yaml', at('b.yaml'));
    const { status, stderr } = await xdsc(['convert', '-w', '.']);
    expect(stderr).toContain('1 TLS context found');
    expect(status).toBe(0);
    expect(tree()['b.yaml']).toBe('(link)');
  });

  test('does not go with standard input', async () => {
    const { status, stderr } = await xdsc(['convert', '-w', '-'], { input: CLUSTER });
    expect(stderr).toBe('error: -w edits files in place and cannot edit standard input\n');
    expect(status).toBe(2);
  });
});

describe('--check', () => {
  test.each([
    ['something would change', ['in'], 1, '1 of 2 files would change'],
    ['nothing would change', ['in/b.yaml'], 0, 'nothing would change'],
    ['standard input would change', ['-'], 1, '1 of 1 file would change'],
    ['something would change in place', ['-w', 'in'], 1, '1 of 2 files would change'],
    ['something would be written elsewhere', ['-o', 'out', 'in'], 1, '1 of 2 files would change'],
  ])('tells that %s', async (_, args, expected, message) => {
    put({ 'in/a.yaml': CLUSTER, 'in/b.yaml': PLAIN });
    const before = tree();
    const { status, stdout, stderr } = await xdsc(['convert', '--check', ...args], { input: CLUSTER });
    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(status).toBe(expected);
    expect(tree()).toEqual(before);
  });
});

describe('--fail-on left', () => {
  test.each([
    ['nothing was left', [], 0, '1 moved to SDS\n'],
    ['something was left', ['--mount', '/elsewhere'], 1, '0 moved to SDS, 1 left\n'],
  ])('tells whether %s, and writes', async (_, args, expected, message) => {
    put({ 'a.yaml': CLUSTER });
    const { status, stderr } = await xdsc([
      'convert',
      '--fail-on',
      'left',
      ...args,
      'a.yaml',
      '-o',
      'b.yaml',
    ]);
    expect(stderr).toContain(message);
    expect(status).toBe(expected);
    expect(Object.keys(tree())).toEqual(['a.yaml', 'b.yaml']);
  });
});

describe('inputs', () => {
  test('are found below folders, in one order, and not among what is installed', async () => {
    put({ 'in/b.yml': CLUSTER, 'in/a/x.json': CLUSTER_JSON, 'in/node_modules/p/y.json': CLUSTER_JSON });
    const { status, stderr } = await xdsc(['convert', '--check', '--summary', 'json', 'in/b.yml', 'in']);
    expect(JSON.parse(stderr).files.map(({ file }: { file: string }) => file)).toEqual([
      'in/a/x.json',
      'in/b.yml',
    ]);
    expect(status).toBe(1);
  });

  test('may have the signs of a glob in their names', async () => {
    put({ 'in [v2]/{a}.yaml': CLUSTER });
    expect((await xdsc(['convert', '--check', 'in [v2]/{a}.yaml'])).stderr).toContain('1 TLS context found');
    expect((await xdsc(['convert', '--check', 'in [v2]'])).stderr).toContain('1 TLS context found');
  });

  test('follow -- if they look like options', async () => {
    put({ '-a.yaml': CLUSTER });
    expect((await xdsc(['convert', '--', '-a.yaml'])).status).toBe(0);
  });
});
