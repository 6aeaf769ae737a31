// The files of a fixture with what is expected. `npm run fixtures:update` writes them anew; read the difference.

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

/** Whether this run writes what is expected. */
export const UPDATE = process.env.XDSC_UPDATE_FIXTURES === '1';

const UPDATING = 'run `npm run fixtures:update`, and read the difference that it makes';

/**
 * Compares what a case gives with the files `expected…` in its folder, or writes them.
 *
 * @param written texts by the names of the files
 */
export function expectFiles(
  directory: string,
  written: ReadonlyMap<string, string>,
  isUpdate: boolean = UPDATE,
): void {
  if (isUpdate) {
    for (const name of namesIn(directory)) rmSync(join(directory, name));
    for (const [name, text] of written) writeFileSync(join(directory, name), text);
  }
  const names = namesIn(directory);
  const missing = [...written.keys()].filter((name) => !names.includes(name));
  const unused = names.filter((name) => !written.has(name));
  expect(missing, `${directory} has no ${missing.join(', ')}: ${UPDATING}`).toEqual([]);
  expect(unused, `nothing gives ${unused.join(', ')} in ${directory}: ${UPDATING}`).toEqual([]);
  for (const [name, text] of written)
    expect(text, `${name} differs. If that is meant, ${UPDATING}`).toBe(
      readFileSync(join(directory, name), 'utf8'),
    );
}

function namesIn(directory: string): string[] {
  return readdirSync(directory).filter((name) => /^expected[-.]/.test(name));
}
