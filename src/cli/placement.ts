// Where results go: standard output, one file, a folder that mirrors the inputs', or the inputs themselves.

import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import { Failure } from './exit.js';
import { statOf } from './file-system.js';
import type { Input } from './inputs.js';

/** The place of a run's results. */
export interface Placement {
  /** The file of an input's result; undefined for standard output. */
  pathOf(input: Input): string | undefined;
  /** Whether only what changed is written. */
  readonly inPlace: boolean;
  /** The folder of what is written beside the results; undefined where there is none. */
  readonly beside: string | undefined;
}

/** What the user asked for. */
export interface PlacementOptions {
  readonly output: string | undefined;
  readonly inPlace: boolean;
  /** Nothing is written, so several inputs need no place. */
  readonly check: boolean;
}

/** Finds the place, or says what is missing for it. */
export function placement(inputs: readonly Input[], { output, inPlace, check }: PlacementOptions): Placement {
  if (inPlace) {
    if (inputs.some((input) => input.path === undefined))
      throw new Failure('-w edits files in place and cannot edit standard input');
    return { pathOf: ({ path }) => path, inPlace: true, beside: undefined };
  }
  if (output === undefined) {
    if (inputs.length > 1 && !check)
      throw new Failure(
        `${inputs.length} inputs need -o DIR or -w; only one input can go to standard output`,
      );
    return { pathOf: () => undefined, inPlace: false, beside: undefined };
  }
  if (!isFolder(output, inputs)) return { pathOf: () => output, inPlace: false, beside: dirname(output) };
  const common = commonFolder(inputs);
  return {
    pathOf: ({ path, name }) =>
      join(output, path === undefined ? ownName(name) : relative(common, resolve(path))),
    inPlace: false,
    beside: output,
  };
}

/** The file in a folder for standard input, by the name that was given for it. */
function ownName(name: string): string {
  const base = basename(name.replace(/[<>]/g, ''));
  return ['', '.', '..'].includes(base) ? 'stdin' : base;
}

/**
 * Whether `-o` names a folder: if it is one, ends like one, must be one, or looks like one. How many files a
 * folder or glob holds today does not count, except under the name of a configuration file.
 */
function isFolder(output: string, inputs: readonly Input[]): boolean {
  const stats = statOf(output);
  if (stats?.isDirectory()) return true;
  if (stats !== undefined) {
    if (inputs.length > 1)
      throw new Failure(`${output}: several inputs need a directory, but this is a file`);
    return false;
  }
  const [first] = inputs;
  if (first === undefined || inputs.length > 1 || /[\\/]$/.test(output)) return true;
  if (/\.(?:json|ya?ml)$/i.test(output)) return false;
  return !first.single || (extname(output) === '' && extname(first.name) !== '');
}

/** The deepest folder that all inputs are below. */
function commonFolder(inputs: readonly Input[]): string {
  const folders = inputs.flatMap(({ path, folder }) =>
    path === undefined ? [] : [resolve(folder).split(sep)],
  );
  const [first = [], ...rest] = folders;
  let length = first.length;
  for (const folder of rest) {
    let same = 0;
    while (same < length && folder[same] === first[same]) same++;
    length = same;
  }
  return first.slice(0, length).join(sep) || sep;
}
