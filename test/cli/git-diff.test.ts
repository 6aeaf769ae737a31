// `xdsc diff --git` as git runs it.

import { describe, expect, test } from 'vitest';
import { shell, useProgram } from './program.js';
import { BOOTSTRAP, CLUSTER, LOOSER, put } from './xdsc.js';

useProgram();

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
    expect(stdout).toMatch(/xdsc diff notes.txt\n[\s\S]*not compared/);
    expect(stdout).toMatch(/xdsc diff broken.yaml\nbroken.yaml:1:\d+: error: [\s\S]*not compared/);
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
    expect(stdout).toContain('same trust\n1 change outside TLS\n');
    expect(stdout).toContain('~ connect_timeout: "1s" → "2s"');
  });
});
