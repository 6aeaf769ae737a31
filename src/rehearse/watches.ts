// Envoy watches each file of its discovery with an inotify instance of its own, and ends where there is none left. So
// what is needed is counted before, against what the kernel allows a user.

import { readFileSync } from 'node:fs';
import type { NormalValue } from '../envoy/normal-value.js';
import type { ProxyFiles } from './compiled.js';
import { RehearsalError } from './failure.js';

const SETTING = 'fs.inotify.max_user_instances';

/** How many files an Envoy watches. */
export function watchesIn(files: ProxyFiles): number {
  return [...files.values()].reduce<number>((sum, content) => sum + sourcesIn(content), 0);
}

/**
 * Checks that the kernel allows as many watches.
 *
 * @throws a RehearsalError where it does not
 */
export function checkWatches(needed: number): void {
  const allowed = allowedInstances();
  if (allowed === undefined || needed <= allowed) return;
  throw new RehearsalError(
    `these Envoys watch ${needed} files, and the kernel allows this user ${allowed}\n  raise it with sysctl -w ${SETTING}=${roundedUp(needed)}, or run fewer workloads with --workload`,
  );
}

function allowedInstances(): number | undefined {
  try {
    return Number(readFileSync(`/proc/sys/${SETTING.replaceAll('.', '/')}`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** To the next power of two with room for others. */
function roundedUp(count: number): number {
  return 2 ** Math.ceil(Math.log2(count * 2));
}

function sourcesIn(value: NormalValue): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, item: NormalValue) => sum + sourcesIn(item), 0);
  const own = 'path_config_source' in value ? 1 : 0;
  return Object.values(value as { readonly [name: string]: NormalValue }).reduce<number>(
    (sum, inner) => sum + sourcesIn(inner),
    own,
  );
}
