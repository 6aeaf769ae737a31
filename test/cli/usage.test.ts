// Help, the version, and command lines that are not understood.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tree, useFolder, xdsc } from './xdsc.js';

useFolder();

const { version } = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8'));

describe('the version', () => {
  test.each([['--version'], ['-V']])('%s', async (flag) => {
    expect(await xdsc([flag])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('help', () => {
  test.each([
    ['of the program', ['--help'], 'Usage: xdsc [options] [command]'],
    ['of the program, in a word', ['help'], 'Usage: xdsc [options] [command]'],
    ['of a command', ['convert', '--help'], 'Usage: xdsc convert [options] [path...]'],
    ['of a command, in a word', ['help', 'convert'], 'Usage: xdsc convert [options] [path...]'],
  ])('%s', async (_, args, usage) => {
    const { status, stdout, stderr } = await xdsc(args);
    expect(stdout).toMatch(/^Usage: /);
    expect(stdout).toContain(usage);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(stdout).not.toMatch(/\[\]|undefined|choices:|\(default: [^)]*\)\s*\(default: /);
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  test('is the answer to no command at all, as an error', async () => {
    const { status, stdout, stderr } = await xdsc([]);
    expect(stderr).toContain('Usage: xdsc [options] [command]');
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });
});

describe('what is not understood', () => {
  test.each([
    ['a command', ['convrt', 'a.yaml'], "unknown command 'convrt'", 'did you mean convert?'],
    ['a command to help with', ['help', 'convrt'], "unknown command 'convrt'", 'did you mean convert?'],
    [
      'a command unlike any',
      ['frobnicate'],
      "unknown command 'frobnicate'",
      'xdsc --help lists the commands',
    ],
    [
      'an option',
      ['convert', '--provder', 'a.yaml'],
      "unknown option '--provder'",
      'did you mean --provider?',
    ],
    ['an option of the program', ['--versoin'], "unknown option '--versoin'", 'did you mean --version?'],
    ['no input', ['convert'], 'no input: pass files', 'inputs in xdsc.config.yaml'],
    [
      'no value',
      ['convert', 'a.yaml', '-o'],
      "option '-o, --output <path>' argument missing",
      'xdsc convert --help',
    ],
    [
      'a provider',
      ['convert', '--provider', 'spirre', 'a.yaml'],
      'Expected istio, istio-agent, spire, files, custom or none.',
      'did you mean spire?',
    ],
    [
      'a transport',
      ['convert', '--transport', 'grpc', 'a.yaml'],
      'Expected google_grpc or envoy_grpc.',
      'xdsc convert --help',
    ],
    [
      'a version of Istio',
      ['convert', '--istio', '1.6', 'a.yaml'],
      'Expected 1.1, 1.2, 1.3, 1.4 or 1.5.',
      'xdsc convert --help',
    ],
    [
      'a version of the API',
      ['convert', '--api', 'v4', 'a.yaml'],
      'Expected v2 or v3.',
      'xdsc convert --help',
    ],
    ['what to fail on', ['convert', '--fail-on', 'lft', 'a.yaml'], 'Expected left.', 'did you mean left?'],
    [
      'a summary',
      ['convert', '--summary', 'jsn', 'a.yaml'],
      'Expected text, json or none.',
      'did you mean json?',
    ],
  ])('%s', async (_, args, message, help) => {
    const { status, stdout, stderr } = await xdsc(args);
    expect(stderr).toMatch(/^error: /);
    expect(stderr).toContain(message);
    expect(stderr).toContain(help);
    expect(stdout).toBe('');
    expect(status).toBe(2);
    expect(tree()).toEqual({});
  });
});
