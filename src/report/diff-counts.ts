// The second line of a comparison's report: what changed beside trust.

import type { DiffResult } from '../diff/diff.js';
import { plural } from '../finding/plural.js';

/** As in `2 changes not of TLS, 1 change of TLS that leaves trust as it is`. */
export function diffCountsText({ verdict, ignored }: DiffResult): string {
  const { otherChanges, otherTlsChanges, movedFromSds } = verdict;
  const leave = otherTlsChanges === 1 ? 'leaves' : 'leave';
  const parts = [
    otherChanges === 0 ? 'no changes outside TLS' : `${plural(otherChanges, 'change')} outside TLS`,
    otherTlsChanges > 0 && `${plural(otherTlsChanges, 'change')} of TLS that ${leave} trust unchanged`,
    movedFromSds > 0 && `${plural(movedFromSds, 'context')} moved from SDS to files`,
    ignored > 0 && `${ignored} ignored`,
  ];
  return parts.filter(Boolean).join(', ');
}

/** As in `2 changes of who is authorized`; undefined where there is none. */
export function authorizationText({ verdict }: DiffResult): string | undefined {
  const { authorizationChanges: count } = verdict;
  return count === 0 ? undefined : `${plural(count, 'change')} of who is authorized`;
}
