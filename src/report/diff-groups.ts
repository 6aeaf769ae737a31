// Changes by resource, and resources that changed alike together.

import { grouped } from '../collections/grouped.js';
import type { Change } from '../diff/tls/change.js';
import { resourceText } from '../diff/verdict.js';

/** The changes of one resource, or of several that changed alike. */
export interface ChangeGroup {
  readonly names: readonly string[];
  readonly changes: readonly Change[];
}

/** Changes by resource, in their order; what changed only in how the same secrets arrive is told of once. */
export function groupsOf(changes: readonly Change[]): ChangeGroup[] {
  const byName = grouped(changes, ({ resource }) => resourceText(resource));
  const alike = new Map<string, { names: string[]; changes: readonly Change[] }>();
  return [...byName].flatMap(([name, group]): ChangeGroup[] => {
    if (!group.every(isQuiet)) return [{ names: [name], changes: group }];
    const key = group.map(({ path, tls }) => [path, tls?.old, tls?.new].join('\0')).join('\n');
    const known = alike.get(key);
    if (known !== undefined) {
      known.names.push(name);
      return [];
    }
    const first = { names: [name], changes: group };
    alike.set(key, first);
    return [first];
  });
}

function isQuiet({ tls, path }: Change): boolean {
  return (tls?.class === 'delivery' || tls?.class === 'disruptive') && path !== '';
}
