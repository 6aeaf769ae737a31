// Files of other people, beside the project: where they are absent, tests on them are skipped.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SHARED = join(import.meta.dirname, '../../../shared');

/** A file below the shared folder. */
export interface SharedFile {
  readonly name: string;
  readonly text: string;
}

/** Whether a folder of the shared files is here. */
export function hasShared(folder: string): boolean {
  return existsSync(join(SHARED, folder));
}

/** All files below a folder of the shared ones whose names match. */
export function sharedFiles(folder: string, names: RegExp): SharedFile[] {
  return readdirSync(join(SHARED, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && names.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({ name: path.slice(SHARED.length + 1), text: readFileSync(path, 'utf8') }));
}
