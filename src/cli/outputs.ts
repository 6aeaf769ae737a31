// Output: all files of a run or none. Each is written under a temporary name beside its place and renamed
// when all are there.

import {
  chmodSync,
  chownSync,
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Failure } from './exit.js';
import { isSystemError, statOf, systemReason, targetOf } from './file-system.js';

/** A file to write. */
export interface Output {
  readonly path: string;
  readonly chunks: Iterable<string>;
}

/** Pieces are put together to about this many bytes before they are written. */
const BUFFER_SIZE = 1 << 20;
/** The bytes that a code unit takes at most. */
const MOST_BYTES = 3;
const PIECE_LENGTH = Math.floor(BUFFER_SIZE / MOST_BYTES);

/**
 * Writes all files and what goes to standard output, or nothing. An existing file keeps its mode and its
 * owner, and a symbolic link keeps pointing at its file; a hard link is parted from its others.
 */
export function writeOutputs(outputs: Iterable<Output>, standardOutput?: Iterable<string>): void {
  const stage = new Stage(true);
  for (const signal of SIGNALS) process.on(signal, outlast);
  try {
    for (const { path, chunks } of outputs) attempt(path, () => stage.write(path, chunks));
    if (standardOutput !== undefined) writeStandardOutput(standardOutput);
    stage.commit();
  } finally {
    stage.clear();
    for (const signal of SIGNALS) process.off(signal, outlast);
  }
}

/** How files are written where there may be many. */
interface ManyOutputs {
  /** What goes to standard output, when all files are ready to be put in their places. */
  readonly standardOutput?: Iterable<string> | undefined;
  /** Whether each file is on the disk before it takes the place of another, which takes most of the time. */
  readonly isDurable: boolean;
}

/**
 * Writes all files or none where there may be many, which takes long: a signal ends it between two of them, and
 * nothing is left behind.
 */
export async function writeManyOutputs(
  outputs: Iterable<Output>,
  { standardOutput, isDurable }: ManyOutputs,
): Promise<void> {
  const stage = new Stage(isDurable);
  let stopped: NodeJS.Signals | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    stopped = signal;
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    for (const { path, chunks } of outputs) {
      attempt(path, () => stage.write(path, chunks));
      await setImmediate();
      if (stopped !== undefined) throw new Failure(`${stopped}: nothing was written`);
    }
    if (standardOutput !== undefined) writeStandardOutput(standardOutput);
    stage.commit();
  } finally {
    stage.clear();
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** With a listener, a signal does not end the process between a temporary file and its renaming. */
function outlast(): void {}

interface Staged {
  /** As messages say it. */
  readonly name: string;
  readonly temporary: string;
  readonly path: string;
  /** Whether there is a file already, which it takes the place of. */
  readonly replaces: boolean;
}

/** Files that are written, but not yet in their places. */
class Stage {
  /** @param isDurable whether a file is on the disk before it is renamed: after a crash it is whole or the old one */
  constructor(private readonly isDurable: boolean) {}

  private readonly files: Staged[] = [];
  /** Second names of the files that are replaced, by their paths. */
  private readonly kept = new Map<string, string>();
  private readonly folders: string[] = [];
  private readonly devices: { readonly path: string; readonly chunks: Iterable<string> }[] = [];

  write(output: string, chunks: Iterable<string>): void {
    const path = targetOf(output);
    const existing = statOf(path);
    if (existing?.isDirectory()) throw new Failure(`${output}: cannot be written: this is a directory`);
    if (existing !== undefined && !existing.isFile()) {
      this.devices.push({ path, chunks });
      return;
    }
    this.makeFolder(dirname(path));
    // Renaming over a file that may not be written would get round its mode.
    if (existing !== undefined) closeSync(openSync(path, 'r+'));
    const temporary = temporaryBeside(path);
    const descriptor = openSync(temporary, 'wx');
    this.files.push({ name: output, temporary, path, replaces: existing !== undefined });
    try {
      writeChunks(descriptor, chunks);
      if (this.isDurable) fsyncSync(descriptor);
      if (existing !== undefined) {
        const { uid, gid } = fstatSync(descriptor);
        if (uid !== existing.uid || gid !== existing.gid) giveTo(temporary, existing);
        chmodSync(temporary, existing.mode);
      }
    } finally {
      closeSync(descriptor);
    }
  }

  /** Puts all files in their places; where one of them cannot be, those before it are put back. */
  commit(): void {
    for (const { path, chunks } of this.devices) attempt(path, () => writeDevice(path, chunks));
    const { files } = this;
    if (files.length > 1) for (const file of files) if (file.replaces) this.keep(file);
    for (const [done, { name, temporary, path }] of files.entries())
      try {
        renameSync(temporary, path);
      } catch (error) {
        if (!isSystemError(error)) throw error;
        const lost = files.slice(0, done).filter((file) => !this.putBack(file));
        throw new Failure(`${name}: cannot be written: ${systemReason(error)}${writtenWords(lost)}`);
      }
    files.length = 0;
    this.folders.length = 0;
  }

  /** Keeps a file under a second name until all are replaced. A file that is a mount point cannot be: it has no other. */
  private keep({ name, path }: Staged): void {
    const temporary = temporaryBeside(path);
    try {
      linkSync(path, temporary);
      this.kept.set(path, temporary);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      // Other reasons are those of file systems without hard links.
      if (error.code === 'EXDEV')
        throw new Failure(
          `${name}: cannot be written: it is a mount point, and a file is replaced as a whole`,
        );
    }
  }

  /** Takes a file that was put in its place away again; false where the one before is lost. */
  private putBack({ path, replaces }: Staged): boolean {
    const before = this.kept.get(path);
    if (before === undefined && replaces) return false;
    try {
      if (before === undefined) rmSync(path);
      else renameSync(before, path);
      return true;
    } catch {
      return false;
    }
  }

  /** Takes away what was not put in its place. */
  clear(): void {
    for (const { temporary } of this.files) rmSync(temporary, { force: true });
    for (const temporary of this.kept.values()) rmSync(temporary, { force: true });
    for (const folder of this.folders.reverse()) {
      try {
        rmdirSync(folder);
      } catch {
        // Somebody else has put something there.
      }
    }
  }

  /** Node's own recursive mkdir does not end where a file system refuses folders, as /proc does. */
  private makeFolder(folder: string): void {
    if (statOf(folder)?.isDirectory()) return;
    const parent = dirname(folder);
    if (parent !== folder) this.makeFolder(parent);
    try {
      mkdirSync(folder);
      this.folders.push(folder);
    } catch (error) {
      // Another run may have made it just now.
      if (!statOf(folder)?.isDirectory()) throw error;
    }
  }
}

function temporaryBeside(path: string): string {
  return join(dirname(path), `.xdsc-${process.pid}-${Math.random().toString(36).slice(2)}.tmp`);
}

/** Which files were written although others could not be. */
function writtenWords(lost: readonly Staged[]): string {
  return lost.length === 0 ? '' : `; written before: ${lost.map(({ name }) => name).join(', ')}`;
}

/** Only root may give files away; for others the file is theirs from now on. */
function giveTo(path: string, owner: { readonly uid: number; readonly gid: number }): void {
  try {
    chownSync(path, owner.uid, owner.gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
}

function writeDevice(path: string, chunks: Iterable<string>): void {
  const descriptor = openSync(path, 'w');
  try {
    writeStream(descriptor, chunks);
  } finally {
    closeSync(descriptor);
  }
}

/** Writes to standard output. */
export function writeStandardOutput(chunks: Iterable<string>): void {
  attempt('standard output', () => writeStream(1, chunks));
}

/** A reader that has gone away has what it wanted. */
function writeStream(descriptor: number, chunks: Iterable<string>): void {
  try {
    writeChunks(descriptor, chunks);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}

/** Where pieces are put together; one for all files, since fresh memory costs more than the writing. */
let buffer: Buffer | undefined;

function writeChunks(descriptor: number, chunks: Iterable<string>): void {
  buffer ??= Buffer.allocUnsafe(BUFFER_SIZE);
  let length = 0;
  for (const piece of bounded(chunks)) {
    if (length + piece.length * MOST_BYTES > BUFFER_SIZE) {
      writeBytes(descriptor, buffer.subarray(0, length));
      length = 0;
    }
    length += buffer.write(piece, length);
  }
  writeBytes(descriptor, buffer.subarray(0, length));
}

function writeBytes(descriptor: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      // The pipe is full, and its other end made it non-blocking.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}

/** The same text in pieces none of which is too long for the buffer. */
function* bounded(chunks: Iterable<string>): Generator<string> {
  for (const chunk of chunks) {
    let at = 0;
    while (chunk.length - at > PIECE_LENGTH) {
      const end = at + PIECE_LENGTH;
      // A surrogate pair is one character of the output.
      const cut = isHighSurrogate(chunk.charCodeAt(end - 1)) ? end - 1 : end;
      yield chunk.slice(at, cut);
      at = cut;
    }
    yield at === 0 ? chunk : chunk.slice(at);
  }
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00;
}

function attempt(what: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    throw isSystemError(error) ? new Failure(`${what}: cannot be written: ${systemReason(error)}`) : error;
  }
}
