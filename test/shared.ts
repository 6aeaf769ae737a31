// Where the material beside the project is, for tests that use it where it is present.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const SHARED = resolve(import.meta.dirname, '../../shared');

/** A folder beside the project, or undefined where it is absent: then its tests are skipped. */
export function sharedFolder(name: string): string | undefined {
  const folder = resolve(SHARED, name);
  return existsSync(folder) ? folder : undefined;
}
