// The files of Unix sockets: checked before they are made, and removed in the end, also after kill -9.

import { chmodSync, lstatSync, mkdirSync, rmdirSync, rmSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, resolve } from 'node:path';
import { CleanupProcess } from './cleanup-process.js';

/** A socket that cannot be made, and why. */
export class SocketError extends Error {}

/** The longest path of a socket, in bytes, without the final zero: sun_path has 108 bytes on Linux and 104 elsewhere. */
const LONGEST = { linux: 107, others: 103 };

/**
 * Checks that Unix sockets can be served here.
 *
 * @throws a SocketError
 */
export function checkPlatform(platform: string): void {
  if (platform === 'win32')
    throw new SocketError(
      'sds-server needs Unix sockets, which Node.js does not have on Windows; use Linux, or WSL',
    );
}

/**
 * Makes room for a socket: makes its folder, and removes a socket that no process listens on any more.
 *
 * @returns the folders that were made, the innermost first
 * @throws a SocketError where the path is too long, taken or not writable
 */
export async function prepareSocket(path: string, replace: boolean): Promise<readonly string[]> {
  const longest = process.platform === 'linux' ? LONGEST.linux : LONGEST.others;
  const length = Buffer.byteLength(path);
  if (length > longest)
    throw new SocketError(
      `the path of the socket ${path} has ${length} bytes; at most ${longest} are possible: use a shorter folder, or a relative path`,
    );
  const made = makeFolders(dirname(resolve(path)));
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return made;
  if (!stats.isSocket())
    throw new SocketError(`${path} is taken: it is not a socket; remove it, or use another path`);
  if (!replace && (await isServed(path)))
    throw new SocketError(`${path} is taken: another process listens on it; stop it, or use another path`);
  try {
    unlinkSync(path);
  } catch (error) {
    throw notWritable(path, error);
  }
  return made;
}

/** Sets who may connect. */
export function openSocket(path: string, mode: number): void {
  chmodSync(path, mode);
}

/** Says why a socket could not be bound. */
export function bindError(path: string, error: unknown): SocketError {
  const text = error instanceof Error ? error.message : String(error);
  if (/EACCES|EPERM|EROFS/.test(text))
    return new SocketError(`the socket ${path} cannot be made: the folder is not writable for this user`);
  if (/EADDRINUSE/.test(text)) return new SocketError(`${path} is taken: another process listens on it`);
  return new SocketError(`the socket ${path} cannot be made: ${text}`);
}

/** Removes files, and folders that are then empty. */
export function removeFiles(files: readonly string[], folders: readonly string[]): void {
  for (const file of files) rmSync(file, { force: true });
  for (const folder of folders) {
    try {
      rmdirSync(folder);
    } catch {
      // It is not empty, or already gone.
    }
  }
}

/**
 * Waits in a process of its own until this one is gone, however that happened, and then removes files: those that
 * are still the same, and folders that are then empty.
 */
export class FileGuard {
  private constructor(private readonly cleanup: CleanupProcess) {}

  /** Starts the guard; without a shell there is none. */
  static start(files: readonly string[], folders: readonly string[]): FileGuard {
    const pairs = files.flatMap((file) => [String(lstatSync(file).ino), resolve(file)]);
    return new FileGuard(CleanupProcess.start(GUARD, [String(files.length), ...pairs, ...folders]));
  }

  /** Ends the guard, which then removes nothing. */
  stop(): void {
    this.cleanup.stop();
  }
}

/** Standard input ends when the last process that holds its other end is gone. */
const GUARD = `
trap '' HUP INT TERM
cat >/dev/null
n=$1; shift
while [ "$n" -gt 0 ]; do
  [ "$(ls -di -- "$2" 2>/dev/null | sed 's/^ *\\([0-9]*\\) .*/\\1/')" = "$1" ] && rm -f -- "$2"
  shift 2; n=$((n - 1))
done
for folder in "$@"; do rmdir -- "$folder" 2>/dev/null; done
`;

/**
 * Makes a folder and those around it.
 *
 * @returns those that were made, the innermost first
 * @throws a SocketError where that is not possible
 */
export function makeFolders(folder: string): readonly string[] {
  try {
    const first = mkdirSync(folder, { recursive: true, mode: 0o755 });
    const made: string[] = [];
    if (first === undefined) return made;
    for (let at = folder; ; at = dirname(at)) {
      made.push(at);
      if (at === first) return made;
    }
  } catch (error) {
    throw notWritable(folder, error);
  }
}

function notWritable(path: string, error: unknown): SocketError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new SocketError(`${path} is not writable for this user`);
  if (code === 'ENOTDIR' || code === 'EEXIST') return new SocketError(`a part of ${path} is not a folder`);
  return new SocketError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
}

/** Whether a process accepts connections on a socket. */
function isServed(path: string): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    // Connection refused means that no process listens. Permission denied means that one may.
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      done(code !== 'ECONNREFUSED' && code !== 'ENOENT'),
    );
  });
}
