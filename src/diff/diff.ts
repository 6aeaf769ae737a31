// Compares two sets of configurations by meaning: resources by kind and name, whatever form and order they
// come in, and says whether the newer one trusts the same peers and presents the same identity.

import type { Api } from '../envoy/detect.js';
import type { Finding } from '../finding/finding.js';
import { NO_SECRET_NAMES, type SecretNames } from '../tls/secret-names.js';
import { compareSides } from './compare-sides.js';
import { ignoring } from './ignore.js';
import type { Renames } from './renames.js';
import { type DiffInput, readSides } from './sides.js';
import type { Change } from './tls/change.js';
import { judge, type Verdict } from './verdict.js';

export type { DiffInput } from './sides.js';

/** How to compare. */
export interface DiffOptions {
  /** Names that stand for files, beside those that convert gives. */
  readonly secrets?: SecretNames;
  /** What was renamed on purpose, see `renames.ts`. */
  readonly renames?: Renames;
  /** Leave out what is no matter of TLS. */
  readonly only?: 'tls';
  /** Paths of changes to pass over, see `ignore.ts`. */
  readonly ignore?: readonly string[];
  /** The API version of documents that leave it open. */
  readonly api?: Api;
}

/** What changed, and the verdict. */
export interface DiffResult {
  readonly verdict: Verdict;
  readonly changes: readonly Change[];
  /** How many changes were passed over. */
  readonly ignored: number;
  /** How many resources each side has. */
  readonly resources: { readonly old: number; readonly new: number };
  /** What was wrong with the inputs; of level error where one cannot be read. */
  readonly findings: readonly Finding[];
}

/**
 * Compares two sides, each of one or more texts.
 *
 * @returns changes by resource in the order of the newer side, then what only the older one has; where an input
 *   cannot be read, findings of level error and nothing of that input
 */
export function diff(
  old: readonly DiffInput[],
  now: readonly DiffInput[],
  options: DiffOptions = {},
): DiffResult {
  const [before, after] = readSides(old, now, options.api, options.renames);
  const all = compareSides(before, after, options.secrets ?? NO_SECRET_NAMES);
  const ignores = ignoring(options.ignore ?? []);
  const kept = all.filter((change) => !ignores(change));
  const changes = options.only === 'tls' ? kept.filter(isOfTls) : kept;
  return {
    verdict: judge(kept, before.renamed),
    changes,
    ignored: all.length - kept.length,
    resources: { old: before.resources.length, new: after.resources.length },
    findings: [...before.findings, ...after.findings],
  };
}

function isOfTls({ tls }: Change): boolean {
  return tls !== undefined && tls.class !== 'authorization';
}
