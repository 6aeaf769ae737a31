// `xdsc diff` as users and git run it: what it prints, where, and how it ends.

import { describe, expect, test } from 'vitest';
import { BOOTSTRAP, CLUSTER, put, shell, useProgram, xdsc } from './xdsc.js';

useProgram();

const LOOSER = CLUSTER.slice(0, CLUSTER.indexOf('tls_context:'));

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
  ] as const)('%s', (_, old, now, flags, status) => {
    put({ 'old.yaml': old, 'new.yaml': now });
    expect(xdsc(['diff', ...flags, 'old.yaml', 'new.yaml']).status).toBe(status);
  });

  test('one side, and three', () => {
    put({ 'a.yaml': CLUSTER });
    expect(xdsc(['diff', 'a.yaml']).status).toBe(2);
    expect(xdsc(['diff', 'a.yaml', 'a.yaml', 'a.yaml']).status).toBe(2);
    expect(xdsc(['diff', 'a.yaml', 'nowhere.yaml']).status).toBe(2);
  });
});

test('the sides are files, folders, globs and standard input, in any form', () => {
  put({
    'a/cds.yaml': `resources:\n- "@type": type.googleapis.com/envoy.api.v2.Cluster\n  ${CLUSTER.trim().replaceAll('\n', '\n  ')}\n`,
    'map.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  envoy.yaml: |\n    ${BOOTSTRAP.trim().replaceAll('\n', '\n    ')}\n`,
    'b.yaml': BOOTSTRAP,
    'c.yaml': CLUSTER,
  });
  const first = ({ stdout }: { readonly stdout: string }): string =>
    stdout.split('\n').slice(0, 2).join('; ');
  expect(first(xdsc(['diff', 'a', 'c.yaml']))).toBe('same trust; no change that is not TLS');
  expect(first(xdsc(['diff', 'map.yaml', 'b.yaml']))).toBe('same trust; no change that is not TLS');
  expect(first(xdsc(['diff', '-', '*.yaml'], { input: BOOTSTRAP }))).toBe(
    'same trust; no change that is not TLS',
  );
});

test('colours on a terminal only', () => {
  put({ 'old.yaml': CLUSTER, 'new.yaml': LOOSER });
  expect(xdsc(['diff', 'old.yaml', 'new.yaml']).stdout).not.toContain('\u001b[');
  expect(xdsc(['diff', 'old.yaml', 'new.yaml'], { env: { FORCE_COLOR: '1' } }).stdout).toContain('\u001b[');
});

describe("git's external diff", () => {
  const GIT = 'git -c user.name=a -c user.email=a@b -c init.defaultBranch=main';

  test('stands in for git, file by file, and git is content', () => {
    put({ 'envoy.yaml': CLUSTER, 'notes.txt': 'one\n', 'gone.yaml': BOOTSTRAP, 'broken.yaml': CLUSTER });
    const { stdout, stderr, status } = shell(
      [
        `${GIT} init -q && git add . && ${GIT} commit -qm one`,
        `printf '%s' "$XDSC_NEW" > envoy.yaml && echo two > notes.txt && rm gone.yaml && echo '{' > broken.yaml`,
        'GIT_EXTERNAL_DIFF="$* diff --git" git diff HEAD',
      ].join(' && '),
      { env: { XDSC_NEW: LOOSER, HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' } },
    );
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toContain('xdsc diff envoy.yaml\ntrust changed\n');
    expect(stdout).toMatch(/xdsc diff gone.yaml\nsame trust\n/);
    expect(stdout).toMatch(/xdsc diff notes.txt\n[\s\S]*not compared by meaning/);
    expect(stdout).toMatch(/xdsc diff broken.yaml\nbroken.yaml:1:\d+: error: [\s\S]*not compared by meaning/);
  });

  test('as a driver for some files, by attributes', () => {
    put({ 'envoy.yaml': CLUSTER, '.gitattributes': '*.yaml diff=xdsc\n' });
    const { stdout, status } = shell(
      [
        `${GIT} init -q && git add . && ${GIT} commit -qm one`,
        `printf '%s' "$XDSC_NEW" > envoy.yaml && git config diff.xdsc.command "$* diff --git" && git diff`,
      ].join(' && '),
      { env: { XDSC_NEW: CLUSTER.replace('1s', '2s'), HOME: '/nonexistent' } },
    );
    expect(status).toBe(0);
    expect(stdout).toContain('same trust\n1 change not of TLS\n');
    expect(stdout).toContain('~ connect_timeout: "1s" → "2s"');
  });

  test('the wrong number of arguments is a mistake', () => {
    expect(xdsc(['diff', '--git', 'a', 'b']).status).toBe(2);
  });
});

describe('xdsc report', () => {
  test('writes a page, with a verdict where there is something to compare with', () => {
    put({ 'old.yaml': CLUSTER, 'new.yaml': LOOSER });
    expect(xdsc(['report', '-o', 'one.html', 'new.yaml'])).toMatchObject({
      status: 0,
      stdout: '',
      stderr: '',
    });
    expect(xdsc(['report', '-o', 'two.html', 'new.yaml', '--against', 'old.yaml']).status).toBe(0);
    expect(shell('grep -c "trust changed" two.html').stdout).not.toBe('0\n');
    expect(shell('grep -c "trust changed" one.html').stdout).toBe('0\n');
  });

  test('an input that cannot be read keeps it from being written', () => {
    put({ 'a.yaml': '{' });
    const { status, stderr } = xdsc(['report', '-o', 'a.html', 'a.yaml']);
    expect(status).toBe(2);
    expect(stderr).toContain('a.yaml:1:');
    expect(shell('test -e a.html').status).toBe(1);
  });
});
