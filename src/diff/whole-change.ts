// A change of a resource whole, and what is needed to find such changes.

import type { SideResource } from './resources.js';
import type { Change, ChangePlace, ResourceId, TlsDifference } from './tls/change.js';

/** What a comparison of resources met. */
export interface SeenResources {
  /** Resources that only one side has. */
  readonly added: SideResource[];
  readonly gone: SideResource[];
  /** Resources of the newer side that differ from those of the older one. */
  readonly changed: SideResource[];
  /** Those of them whose endpoints may be elsewhere. */
  readonly moved: SideResource[];
}

/** A change of a resource whole. */
export function wholeChange(
  resource: ResourceId,
  tls: TlsDifference,
  old: ChangePlace | undefined,
  now: ChangePlace | undefined,
): Change {
  return {
    resource,
    path: '',
    kind: 'changed',
    tls,
    context: { path: '', side: undefined },
    old: undefined,
    new: undefined,
    oldPlace: old,
    newPlace: now,
  };
}
