// What of a finding stays the same when lines move: services tell old findings from new ones by it.

import { createHash } from 'node:crypto';
import type { Finding } from '../finding/finding.js';

/**
 * A finding's fingerprint.
 *
 * @param repeat how many alike came before it, where each needs one of its own
 */
export function fingerprintOf({ code, region, path, message }: Finding, repeat?: number): string {
  const text = `${code}\n${region?.file ?? ''}\n${path ?? ''}\n${message}`;
  return createHash('sha256')
    .update(repeat === undefined ? text : `${text}\n${repeat}`)
    .digest('hex');
}
