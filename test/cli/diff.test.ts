// `xdsc diff` as users and git run it: what it prints, where, and how it ends.

import { describe, expect, test } from 'vitest';
import { BOOTSTRAP, CLUSTER, LOOSER, put, tree, useFolder, xdsc } from './xdsc.js';

useFolder();

describe('the exit status', () => {
  test.each([
    ['the same', CLUSTER, CLUSTER, [], 0],
    ['a change that is not of TLS', CLUSTER, CLUSTER.replace('1s', '2s'), [], 0],
    ['any change', CLUSTER, CLUSTER.replace('1s', '2s'), ['--fail-on', 'any'], 1],
    ['trust', CLUSTER, LOOSER, [], 1],
    ['nothing', CLUSTER, LOOSER, ['--fail-on', 'none'], 0],
    ['a class', CLUSTER, LOOSER, ['--fail-on', 'root,loosened'], 1],
    ['another class', CLUSTER, LOOSER, ['--fail-on', 'root,identity'], 0],
    ['a change that is ignored', CLUSTER, LOOSER, ['--ignore', 'tls_context'], 0],
    [
      'a change that is left out',
      CLUSTER,
      CLUSTER.replace('1s', '2s'),
      ['--only', 'tls', '--fail-on', 'any'],
      0,
    ],
    ['an unknown class', CLUSTER, CLUSTER, ['--fail-on', 'lossened'], 2],
    ['what cannot be read', CLUSTER, '{', [], 2],
    ['nothing of Envoy', CLUSTER, 'a: b\n', [], 2],
  ] as const)('%s', async (_, old, now, flags, status) => {
    put({ 'old.yaml': old, 'new.yaml': now });
    expect((await xdsc(['diff', ...flags, 'old.yaml', 'new.yaml'])).status).toBe(status);
  });

  test('one side, and three', async () => {
    put({ 'a.yaml': CLUSTER });
    expect((await xdsc(['diff', 'a.yaml'])).status).toBe(2);
    expect((await xdsc(['diff', 'a.yaml', 'a.yaml', 'a.yaml'])).status).toBe(2);
    expect((await xdsc(['diff', 'a.yaml', 'nowhere.yaml'])).status).toBe(2);
  });
});

test('the sides are files, folders, globs and standard input, in any form', async () => {
  put({
    'a/cds.yaml': `resources:\n- "@type": type.googleapis.com/envoy.api.v2.Cluster\n  ${CLUSTER.trim().replaceAll('\n', '\n  ')}\n`,
    'map.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  envoy.yaml: |\n    ${BOOTSTRAP.trim().replaceAll('\n', '\n    ')}\n`,
    'b.yaml': BOOTSTRAP,
    'c.yaml': CLUSTER,
  });
  const first = ({ stdout }: { readonly stdout: string }): string =>
    stdout.split('\n').slice(0, 2).join('; ');
  expect(first(await xdsc(['diff', 'a', 'c.yaml']))).toBe('same trust; no changes outside TLS');
  expect(first(await xdsc(['diff', 'map.yaml', 'b.yaml']))).toBe('same trust; no changes outside TLS');
  expect(first(await xdsc(['diff', '-', '*.yaml'], { input: BOOTSTRAP }))).toBe(
    'same trust; no changes outside TLS',
  );
});

test('colours on a terminal only', async () => {
  put({ 'old.yaml': CLUSTER, 'new.yaml': LOOSER });
  expect((await xdsc(['diff', 'old.yaml', 'new.yaml'])).stdout).not.toContain('\u001b[');
  expect((await xdsc(['diff', 'old.yaml', 'new.yaml'], { env: { FORCE_COLOR: '1' } })).stdout).toContain(
    '\u001b[',
  );
});

test("the wrong number of arguments to git's external diff is a mistake", async () => {
  expect((await xdsc(['diff', '--git', 'a', 'b'])).status).toBe(2);
});

describe('xdsc report', () => {
  test('writes a page, with a verdict where there is something to compare with', async () => {
    put({ 'old.yaml': CLUSTER, 'new.yaml': LOOSER });
    expect(await xdsc(['report', '-o', 'one.html', 'new.yaml'])).toMatchObject({
      status: 0,
      stdout: '',
      stderr: '',
    });
    expect((await xdsc(['report', '-o', 'two.html', 'new.yaml', '--against', 'old.yaml'])).status).toBe(0);
    expect(tree()['two.html']).toContain('trust changed');
    expect(tree()['one.html']).not.toContain('trust changed');
  });

  test('an input that cannot be read keeps it from being written', async () => {
    put({ 'a.yaml': '{' });
    const { status, stderr } = await xdsc(['report', '-o', 'a.html', 'a.yaml']);
    expect(status).toBe(2);
    expect(stderr).toContain('a.yaml:1:');
    expect(Object.keys(tree())).toEqual(['a.yaml']);
  });
});
