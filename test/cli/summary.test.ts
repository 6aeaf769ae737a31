// What is said on standard error: the summary for people, for machines, and in colours.

import { describe, expect, test } from 'vitest';
import { CLUSTER, put, tree, useFolder, xdsc } from './xdsc.js';

useFolder();

const LEFT = CLUSTER.replaceAll('/etc/certs', '/own');

describe('--summary json', () => {
  test('says what was done, and nothing else', async () => {
    put({ 'a.yaml': CLUSTER, 'b.yaml': `${LEFT}lb_policy: RANDOM\nlb_policy: RANDOM\n` });
    const { status, stdout, stderr } = await xdsc([
      'convert',
      '--summary',
      'json',
      '-o',
      'out',
      'a.yaml',
      'b.yaml',
    ]);
    expect(JSON.parse(stderr)).toMatchObject({
      provider: { name: 'istio' },
      written: true,
      contexts: { found: 2, converted: 1, partial: 0, left: 1, sds: 0, empty: 0 },
      files: [
        { file: 'a.yaml', api: 'v2', changed: true },
        { file: 'b.yaml', api: 'v2', changed: false, growth_bytes: 0 },
      ],
      left: [{ file: 'b.yaml', line: 4, column: 3, reasons: [{ reason: 'not-workload-files' }] }],
      findings: [{ code: 'duplicate-key', level: 'warning' }],
    });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });

  test.each([
    [
      'an error in a file',
      ['bad.yaml'],
      1,
      { code: 'wrong-kind', region: { file: 'bad.yaml', line: 1, column: 19 } },
    ],
    [
      'a file that is not there',
      ['nope.yaml'],
      2,
      { code: 'unreadable', message: 'nope.yaml: cannot be read: no such file or directory' },
    ],
    ['options that contradict each other', ['a.yaml', '--provider', 'files'], 2, { code: 'failed' }],
    ['output that cannot be written', ['a.yaml', '-o', 'a.yaml/'], 2, { code: 'failed' }],
  ])('says of %s what is wrong', async (_, args, expected, finding) => {
    put({ 'a.yaml': CLUSTER, 'bad.yaml': 'static_resources: [a]\n' });
    const before = tree();
    const { status, stdout, stderr } = await xdsc(['convert', '--summary', 'json', ...args]);
    expect(JSON.parse(stderr)).toMatchObject({ written: false, findings: [{ level: 'error', ...finding }] });
    expect(stdout).toBe('');
    expect(status).toBe(expected);
    expect(tree()).toEqual(before);
  });

  test('says of --check that nothing was written', async () => {
    put({ 'a.yaml': CLUSTER });
    const { status, stderr } = await xdsc(['convert', '--summary', 'json', '--check', 'a.yaml']);
    expect(JSON.parse(stderr)).toMatchObject({ written: false, contexts: { converted: 1 } });
    expect(status).toBe(1);
  });
});

describe('--summary none', () => {
  test('says nothing where all is well', async () => {
    put({ 'a.yaml': CLUSTER });
    expect(await xdsc(['convert', '--summary', 'none', '--check', 'a.yaml'])).toEqual({
      status: 1,
      stdout: '',
      stderr: '',
    });
  });

  test('says what is wrong', async () => {
    put({ 'a.yaml': 'static_resources: [a]\n' });
    const { status, stderr } = await xdsc(['convert', '--summary', 'none', 'a.yaml']);
    expect(stderr).toMatch(/^a\.yaml:1:19: error: /);
    expect(stderr).not.toContain('nothing was written');
    expect(status).toBe(1);
  });
});

test('where the default provider fits nothing, others are named', async () => {
  put({ 'a.yaml': LEFT });
  const { status, stderr } = await xdsc(['convert', '--check', 'a.yaml']);
  expect(stderr).toContain('0 would move to SDS, 1 left');
  expect(stderr).toMatch(/none of these files .*--provider files .*--provider spire .*--secrets FILE/);
  expect(status).toBe(0);
  expect((await xdsc(['convert', '--check', '--provider', 'istio', 'a.yaml'])).stderr).not.toContain(
    '--provider spire',
  );
});

describe('colours', () => {
  const inColour = '\u001b[1m1 TLS context found\u001b[22m';
  const plain = '1 TLS context found: 1 would move to SDS';

  test.each<[string, Record<string, string>, boolean]>([
    ['are not there', {}, false],
    ['are there if forced', { FORCE_COLOR: '1' }, true],
    ['are there if forced and unwanted', { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
    ['are not there if forced off', { FORCE_COLOR: '0' }, false],
  ])('%s in a file or pipe', async (_, env, coloured) => {
    put({ 'a.yaml': CLUSTER });
    const { status, stderr } = await xdsc(['convert', '--check', 'a.yaml'], { env });
    expect(stderr).toContain(coloured ? inColour : plain);
    expect(status).toBe(1);
  });
});
