// Sockets where they cannot be, and what is left of them.

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  bindError,
  checkPlatform,
  prepareSocket,
  removeFiles,
  SocketError,
} from '../../src/agent/socket-files.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'xdsc-sockets-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('Windows has no Unix sockets in Node.js; Linux and macOS have', () => {
  expect(() => checkPlatform('win32')).toThrow(SocketError);
  expect(() => checkPlatform('win32')).toThrow('use Linux, or WSL');
  expect(() => checkPlatform('linux')).not.toThrow();
  expect(() => checkPlatform('darwin')).not.toThrow();
});

test('folders are made, and said from the innermost', async () => {
  const made = await prepareSocket(join(folder, 'a/b/socket'), false);
  expect(made).toEqual([join(folder, 'a/b'), join(folder, 'a')]);
  expect(await prepareSocket(join(folder, 'a/b/other'), false)).toEqual([]);
});

test('only empty folders are removed', () => {
  mkdirSync(join(folder, 'a/b'), { recursive: true });
  writeFileSync(join(folder, 'a/mine'), '');
  writeFileSync(join(folder, 'a/b/socket'), '');
  removeFiles([join(folder, 'a/b/socket')], [join(folder, 'a/b'), join(folder, 'a')]);
  expect(existsSync(join(folder, 'a/b'))).toBe(false);
  expect(existsSync(join(folder, 'a/mine'))).toBe(true);
});

test('errors of binding are said in words', () => {
  const said = (text: string): string => bindError('s', new Error(text)).message;
  expect(said('listen EACCES: permission denied s')).toContain('the folder is not writable for this user');
  expect(said('listen EROFS')).toContain('not writable');
  expect(said('bind EADDRINUSE')).toBe('s is taken: another process listens on it');
  expect(said('listen EINVAL')).toBe('the socket s cannot be made: listen EINVAL');
});
