// Input that cannot be converted: what is said of it, and that nothing is written.

import { existsSync, mkdirSync, symlinkSync, truncateSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { at, BOOTSTRAP, CLUSTER, CLUSTER_JSON, MOVED, put, tree, useFolder, xdsc } from './xdsc.js';

useFolder();

const KIND = 'static_resources:\n  clusters:\n  - tls_context: ';

/** Anchors that stand for ten times as much, each after the other. */
const ALIAS_BOMB = Array.from({ length: 12 }, (_, i) => {
  const item = i === 0 ? '{tls_context: {}}' : `*a${i - 1}`;
  return `x${i}: &a${i} [${Array(10).fill(item).join(', ')}]\n`;
}).join('');

describe('a file', () => {
  test.each<[what: string, name: string, content: string | Buffer, status: number, message: RegExp]>([
    ['with nothing', 'a.yaml', '', 2, /a\.yaml:1:1: error: this file contains no document/],
    ['with a comment only', 'a.yaml', '# nothing\n', 2, /a\.yaml:1:1: error: this file contains no document/],
    ['that is binary', 'a.json', Buffer.from([0x7b, 0x0a, 0x00, 0xff]), 2, /a\.json:2:1: error: .*binary/],
    [
      'in UTF-16',
      'a.json',
      Buffer.from(`\uFEFF${CLUSTER_JSON}`, 'utf16le'),
      2,
      /a\.json:1:1: error: .*UTF-16/,
    ],
    ['in Latin 1', 'a.yaml', Buffer.from(`${CLUSTER}# café\n`, 'latin1'), 2, /a\.yaml:8:6: error: .*UTF-8/],
    ['of JSON that is cut', 'a.json', CLUSTER_JSON.slice(0, 99), 2, /a\.json:1:\d+: error: /],
    ['of YAML that is cut', 'a.yaml', `${CLUSTER}filters: [{name: x`, 2, /a\.yaml:\d+:\d+: error: /],
    ['of JSON without a name', 'a', '{"static_resources": ', 2, /a:1:\d+: error: /],
    [
      'that is a template',
      'a.yaml',
      '{{ if .x }}\nadmin: {}\n{{ end }}\n',
      2,
      /a\.yaml:1:1: error: .*template/,
    ],
    [
      'with a cyclic alias',
      'a.yaml',
      'static_resources: &a\n  clusters: *a\n',
      2,
      /a\.yaml:2:13: error: this alias/,
    ],
    [
      'with an alias bomb',
      'a.yaml',
      `${ALIAS_BOMB}static_resources: {clusters: *a11}\n`,
      2,
      /a\.yaml:\d+:\d+: error: .*alias/,
    ],
    [
      'of JSON that is deep',
      'a.json',
      '['.repeat(100_000) + ']'.repeat(100_000),
      2,
      /a\.json:1:\d+: error: .*deep/,
    ],
    [
      'of YAML that is deep',
      'a.yaml',
      '['.repeat(100_000) + ']'.repeat(100_000),
      2,
      /a\.yaml:1:\d+: error: .*deep/,
    ],
    [
      'that is deep at a place that matters',
      'a.json',
      `{"static_resources": {"clusters": ${'['.repeat(100_000)}`,
      2,
      /a\.json:1:\d+: error: .*deep/,
    ],
    [
      'with a number for clusters',
      'a.yaml',
      'static_resources:\n  clusters: 5\n',
      1,
      /a\.yaml:2:13: error: clusters is a number .*\n {2}at static_resources\.clusters\n {2}expected a list/,
    ],
    [
      'with a list for resources',
      'a.yaml',
      'static_resources: [a]\n',
      1,
      /a\.yaml:1:19: error: static_resources is a list/,
    ],
    [
      'with a word for a context',
      'a.yaml',
      `${KIND}on_\n`,
      1,
      /a\.yaml:3:18: error: tls_context is a string/,
    ],
    [
      'with a list in a context',
      'a.yaml',
      `${KIND}{common_tls_context: []}\n`,
      1,
      /a\.yaml:3:39: error: common_tls_context is a list/,
    ],
    [
      'with a word for a file',
      'a.yaml',
      CLUSTER.replace('{filename: /etc/certs/key.pem}', '/etc/certs/key.pem'),
      1,
      /a\.yaml:7:20: error: private_key is a string/,
    ],
    [
      'with a list for a path',
      'a.yaml',
      CLUSTER.replace('/etc/certs/key.pem', '[/k]'),
      1,
      /a\.yaml:7:31: error: filename is a list/,
    ],
    [
      'with a misspelt field in a context',
      'a.yaml',
      CLUSTER.replace('private_key', 'privat_key'),
      1,
      /a\.yaml:7:7: error: .*TlsCertificate has no field "privat_key".*did you mean private_key\?/s,
    ],
    [
      'with a misspelt context',
      'a.yaml',
      CLUSTER.replace('tls_context', 'tls_contxt'),
      1,
      /a\.yaml:3:1: error: .*Cluster has no field "tls_contxt".*did you mean tls_context\?/s,
    ],
    [
      'with a misspelt field on the way',
      'a.yaml',
      BOOTSTRAP.replace('clusters:', 'clustrs:'),
      1,
      /a\.yaml:3:3: error: .*has no field "clustrs".*did you mean clusters\?/s,
    ],
    [
      'with a misspelt field in JSON',
      'a.json',
      CLUSTER_JSON.replace('common_tls', 'comon_tls'),
      1,
      /a\.json:1:\d+: error: .*"comon_tls_context".*did you mean common_tls_context\?/s,
    ],
  ])('%s', async (_, name, content, expected, message) => {
    put({ [name]: content });
    const before = tree();
    const { status, stdout, stderr } = await xdsc(['convert', '-w', name]);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/\n\d errors?: nothing was written\n$/);
    expect(stdout).toBe('');
    expect(status).toBe(expected);
    expect(tree()).toEqual(before);
  });

  test.each([
    ['of JSON', 'a.json', 513, '{', 'a.json: this JSON is larger than the limit of 512 MiB'],
    ['of YAML', 'a.yaml', 65, 'a: 1', 'a.yaml: this YAML is larger than the limit of 64 MiB'],
    ['of JSON without a name', 'a', 513, '[', 'a: this JSON is larger than the limit of 512 MiB'],
    ['of something', 'a', 10_000, '#', 'a: this YAML is larger than the limit of 64 MiB'],
  ])('%s that is too large', async (_, name, megabytes, start, message) => {
    put({ [name]: start });
    truncateSync(at(name), megabytes * 1024 * 1024);
    const { status, stdout, stderr } = await xdsc(['convert', '-w', name]);
    expect(stderr).toContain(`error: ${message}`);
    expect(stdout).toBe('');
    expect(status).toBe(2);
    expect(Object.keys(tree())).toEqual([name]);
  });

  test.skipIf(!existsSync('/dev/zero'))('that does not end', async () => {
    const { status, stderr } = await xdsc(['convert', '/dev/zero']);
    expect(stderr).toContain('error: /dev/zero: this YAML is larger than the limit of 64 MiB');
    expect(status).toBe(2);
  });
});

describe('a path', () => {
  test.each([
    ['that is not there', ['nope.yaml'], 'nope.yaml: cannot be read: no such file or directory'],
    ['that is empty', [''], '"": cannot be read: no such file or directory'],
    ['below a file', ['a.yaml/b'], 'a.yaml/b: cannot be read: a part of the path is not a directory'],
    ['in a circle', ['circle.yaml'], 'circle.yaml: cannot be read: too many symbolic links'],
    ['that is too long', ['x'.repeat(300)], `${'x'.repeat(300)}: cannot be read: name too long`],
    [
      'of a folder with nothing in it',
      ['empty'],
      'empty: there is no .json, .yaml or .yml file in this folder',
    ],
    [
      'of a folder with other files',
      ['other'],
      'other: there is no .json, .yaml or .yml file in this folder',
    ],
    ['that matches nothing', ['*.yml'], '*.yml: no file matches'],
  ])('%s', async (_, args, message) => {
    put({ 'a.yaml': CLUSTER, 'other/readme.md': '#' });
    mkdirSync(at('empty'));
    symlinkSync('circle.yaml', at('circle.yaml'));
    const before = tree();
    const { status, stdout, stderr } = await xdsc(['convert', ...args]);
    expect(stderr).toContain(`error: ${message}`);
    expect(stdout).toBe('');
    expect(status).toBe(2);
    expect(tree()).toEqual(before);
  });
});

describe('a folder', () => {
  test('with a link that leads nowhere', async () => {
    put({ 'in/a.yaml': CLUSTER });
    symlinkSync('nowhere.yaml', at('in/b.yaml'));
    const { status, stderr } = await xdsc(['convert', '-w', 'in']);
    expect(stderr).toContain('error: in/b.yaml: cannot be read: no such file or directory');
    expect(status).toBe(2);
    expect(tree()['in/a.yaml']).toBe(CLUSTER);
  });

  test('with links back to itself is read once', async () => {
    put({ 'in/deep/a.yaml': CLUSTER, 'in/.hidden/b.yaml': '[', 'in/node_modules/x/c.yaml': '[' });
    symlinkSync('..', at('in/deep/up'));
    const { status } = await xdsc(['convert', '-w', 'in']);
    expect(status).toBe(0);
    expect(tree()['in/deep/a.yaml']).toContain(MOVED);
  });
});

describe('standard input', () => {
  test.each([
    ['with nothing', '', '<stdin>:1:1: error: this file contains no document'],
    ['that is binary', Buffer.from([0x61, 0x00]), '<stdin>:1:2: error: this file is binary'],
    ['that is cut', '{"a": ', '<stdin>:1:'],
  ])('%s', async (_, input, message) => {
    const { status, stdout, stderr } = await xdsc(['convert', '-'], { input });
    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });
});

describe('several files', () => {
  const FILES = {
    'in/good.yaml': CLUSTER,
    'in/binary.yaml': Buffer.from([0x00]),
    'in/cut.json': '{',
    'in/kind.yaml': 'static_resources: [a]\n',
    'in/misspelt.yaml': CLUSTER.replace('tls_context', 'tls_contxt'),
  };

  test.each([
    ['in place', ['-w']],
    ['into a folder', ['-o', 'out']],
    ['not at all', ['--check']],
  ])('are all told of, and written %s', async (_, args) => {
    put(FILES);
    const before = tree();
    const { status, stderr } = await xdsc(['convert', 'in', 'nope.yaml', 'nope/*', ...args]);
    const places = stderr
      .split('\n')
      .flatMap((line) => /^(.*?):\d+:\d+: error: |^error: (\S+): /.exec(line)?.slice(1) ?? []);
    expect(places.filter(Boolean)).toEqual([
      'nope/*',
      'nope.yaml',
      'in/binary.yaml',
      'in/cut.json',
      'in/kind.yaml',
      'in/misspelt.yaml',
    ]);
    expect(stderr).toMatch(/\n6 errors: nothing was written\n$/);
    expect(status).toBe(2);
    expect(tree()).toEqual(before);
  });

  test('end with 1 where all could be read', async () => {
    put({ 'a.yaml': CLUSTER, 'b.yaml': FILES['in/kind.yaml'] });
    const { status, stderr } = await xdsc(['convert', '-w', 'a.yaml', 'b.yaml']);
    expect(stderr).toContain('1 error: nothing was written');
    expect(status).toBe(1);
    expect(tree()['a.yaml']).toBe(CLUSTER);
  });
});

test('a file without Envoy configuration is warned of, and written as it is', async () => {
  put({ 'a.yaml': 'hello: world\n' });
  const { status, stdout, stderr } = await xdsc(['convert', 'a.yaml']);
  expect(stderr).toContain('a.yaml:1:1: warning: this file contains no Envoy configuration');
  expect(stderr).toContain('no TLS context found\n  nothing changed\n');
  expect(stdout).toBe('hello: world\n');
  expect(status).toBe(0);
});
