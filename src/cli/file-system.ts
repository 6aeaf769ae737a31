// What the operating system says of paths, as values, and in words where it refuses something.

import { readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EBUSY: 'it is in use, or mounted by itself',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'there is a file in the place of a folder',
  EFBIG: 'it would be larger than files may be here',
  EISDIR: 'this is a folder',
  ELOOP: 'too many symbolic links',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'no such file or folder',
  ENOSPC: 'no space is left on the device',
  ENOTDIR: 'a part of the path is no folder',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
};

/** Whether an error came from the operating system; others are mistakes of this program. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

/** Why a file could not be read or written. */
export function systemReason(error: NodeJS.ErrnoException): string {
  return REASONS[error.code ?? ''] ?? error.message;
}

/** What is at a path; undefined where nothing is, or nothing that can be looked at. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** The file that a path leads to, through symbolic links; it need not be there yet. */
export function targetOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return resolve(path);
  }
  try {
    return targetOf(resolve(dirname(path), readlinkSync(path)));
  } catch {
    return resolve(path);
  }
}
