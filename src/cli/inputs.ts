// Inputs: files, folders, globs and standard input, as texts with the names that messages say.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { compareText } from '../collections/compare-text.js';
import type { Finding } from '../finding/finding.js';
import { decodeText, MAX_JSON_BYTES, MAX_YAML_BYTES } from '../source/decode.js';
import { isSystemError, statOf, systemReason, targetOf } from './file-system.js';
import { filesBelow } from './files-below.js';

/** An input that was read. */
export interface Input extends InputPlace {
  readonly text: string;
}

/** Where an input is. */
interface InputPlace {
  /** As given or found; for standard input what --stdin-filename says. */
  readonly name: string;
  /** Undefined for standard input. */
  readonly path: string | undefined;
  /** The folder that was given, or that a glob looks into; for a file that was given, the one it is in. */
  readonly folder: string;
  /** Whether it was given by itself, not as one of a folder or glob. */
  readonly single: boolean;
}

/** Texts, and findings of level error for what holds none. */
export interface Inputs {
  readonly inputs: readonly Input[];
  readonly findings: readonly Finding[];
}

/** How inputs are named and which are left out. */
export interface InputOptions {
  readonly stdinFilename: string;
  /** Where the output goes: no input of the next run, if it is a folder below an input. */
  readonly output: string | undefined;
}

/** Reads all inputs, each once, in an order that depends on neither the machine nor the arguments. */
export async function readInputs(paths: readonly string[], options: InputOptions): Promise<Inputs> {
  const { places, findings: missing } = await findInputs(paths, options);
  const findings = [...missing];
  const inputs: Input[] = [];
  for (const place of places) {
    const read = readText(place.name, place.path);
    if ('code' in read) findings.push(read);
    else inputs.push({ ...place, text: read.text });
  }
  return { inputs, findings };
}

/** Where inputs are, and findings of level error for what could not be looked into. */
interface Places {
  readonly places: readonly InputPlace[];
  readonly findings: readonly Finding[];
}

/** Finds all inputs, as `readInputs` does, without reading them. */
export async function findInputs(
  paths: readonly string[],
  { stdinFilename, output }: InputOptions,
): Promise<Places> {
  const places: InputPlace[] = [];
  const findings: Finding[] = [];
  for (const path of paths) {
    if (path === '-') places.push({ name: stdinFilename, path: undefined, folder: '.', single: true });
    else {
      const found = await expand(path, output);
      findings.push(...found.findings);
      places.push(...found.places);
    }
  }
  const seen = new Set<string | undefined>();
  const once = places
    .sort((a, b) => compareText(a.name, b.name))
    .filter(({ path }) => {
      // Links to one file are one file, unless each has a place of its own in the output.
      const key = path === undefined ? undefined : output === undefined ? targetOf(path) : resolve(path);
      return !seen.has(key) && seen.add(key);
    });
  return { places: once, findings };
}

/** The files that an argument stands for. */
async function expand(path: string, output: string | undefined): Promise<Places> {
  const stats = statOf(path);
  const isFolder = stats?.isDirectory() ?? false;
  if (!isFolder && (stats !== undefined || !/[*?[\]{}]/.test(path)))
    return { places: [{ name: path, path, folder: dirname(path), single: true }], findings: [] };
  const folder = isFolder ? path : globFolder(path);
  const { files: found, unread } = isFolder ? filesBelow(path) : { files: await glob(path), unread: [] };
  const findings = unread.map(({ folder: closed, reason }) =>
    unreadable(`${closed}: cannot be read: ${reason}`),
  );
  const files = found.filter((file) => !isOutput(file, folder, output));
  if (files.length === 0 && findings.length === 0)
    findings.push(
      unreadable(
        isFolder
          ? `${path}: there is no .json, .yaml or .yml file in this folder`
          : `${path}: no file matches`,
      ),
    );
  return { places: files.map((file) => ({ name: file, path: file, folder, single: false })), findings };
}

/** The folder before a glob's first part with a wildcard. */
function globFolder(pattern: string): string {
  const parts = pattern.split('/');
  const wild = parts.findIndex((part) => /[*?[\]{}!()]/.test(part));
  return parts.slice(0, wild).join('/') || (pattern.startsWith('/') ? '/' : '.');
}

async function glob(pattern: string): Promise<string[]> {
  const tinyglobby = await import('tinyglobby');
  return tinyglobby.glob(pattern, { ignore: ['**/node_modules/**'], expandDirectories: false });
}

/** Whether a file was written by an earlier run, into a folder below the one that is read. */
function isOutput(file: string, folder: string, output: string | undefined): boolean {
  return output !== undefined && isBelow(output, folder) && isBelow(file, output);
}

function isBelow(path: string, folder: string): boolean {
  const prefix = resolve(folder);
  return resolve(path).startsWith(prefix.endsWith(sep) ? prefix : prefix + sep);
}

/** The text of a file, or of standard input where there is no path. */
export function readText(name: string, path: string | undefined): { readonly text: string } | Finding {
  const bytes = readBytes(name, path);
  return 'code' in bytes ? bytes : decode(name, bytes);
}

function readBytes(name: string, path: string | undefined): Buffer | Finding {
  let descriptor = 0;
  try {
    if (path !== undefined) descriptor = openSync(path, 'r');
    return readAll(name, descriptor);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return unreadable(`${name || '""'}: cannot be read: ${systemReason(error)}`);
  } finally {
    if (descriptor !== 0) closeSync(descriptor);
  }
}

/** Enough to see whether a text is JSON or YAML. */
const HEAD_SIZE = 1 << 16;

/** Reads to the end, unless it is known before that there is too much. */
function readAll(name: string, descriptor: number): Buffer | Finding {
  const head = Buffer.allocUnsafe(HEAD_SIZE);
  let length = readSome(descriptor, head, 0);
  if (length === 0) return head.subarray(0, 0);
  const [what, limit] = isYaml(name, head.subarray(0, length))
    ? ['YAML', MAX_YAML_BYTES]
    : ['JSON', MAX_JSON_BYTES];
  const tooLarge = (): Finding =>
    unreadable(`${name}: this ${what} is larger than the limit of ${Math.round(limit / 1024 / 1024)} MiB`);
  // Pipes and devices say that they have no size.
  const { size } = fstatSync(descriptor);
  if (size > limit) return tooLarge();
  let bytes = Buffer.allocUnsafe(Math.max(size + 1, 2 * HEAD_SIZE));
  head.copy(bytes, 0, 0, length);
  for (;;) {
    const count = readSome(descriptor, bytes, length);
    if (count === 0) return bytes.subarray(0, length);
    length += count;
    if (length > limit) return tooLarge();
    if (length === bytes.length) {
      const larger = Buffer.allocUnsafe(2 * length);
      bytes.copy(larger);
      bytes = larger;
    }
  }
}

function readSome(descriptor: number, bytes: Buffer, offset: number): number {
  for (;;) {
    try {
      return readSync(descriptor, bytes, offset, bytes.length - offset, null);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN') throw error;
      // Nothing there yet: another process holds the pipe in non-blocking mode.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

function isYaml(name: string, head: Buffer): boolean {
  return (
    /\.ya?ml$/i.test(name) || !/^\s*[{["]/.test(head.toString('latin1', 0, 256).replace(/^\xef\xbb\xbf/, ''))
  );
}

function decode(name: string, bytes: Buffer): { readonly text: string } | Finding {
  const decoded = decodeText(bytes);
  if ('text' in decoded) return decoded;
  const { message, expected, line, column } = decoded;
  return {
    code: 'encoding',
    level: 'error',
    message,
    expected,
    region: { file: name, start: 0, end: 0, line, column, endLine: line, endColumn: column },
  };
}

/** There is no text, so there is no line to name. */
function unreadable(message: string): Finding {
  return { code: 'unreadable', level: 'error', message };
}
