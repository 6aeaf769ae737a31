// A Secret is for the contexts that ask for it: where each of them checks peers as before, a rule that moved from
// the Secret into the contexts, or back, is no matter of trust.

import { grouped } from '../collections/grouped.js';
import type { TlsContext } from '../tls/context.js';
import { readTlsSettings } from '../tls/read.js';
import { secretName, secretUses } from '../tls/secret-uses.js';
import type { ComparisonRules } from './compare-resource.js';
import type { SideResources } from './sides.js';
import type { Change } from './tls/change.js';
import { compareTls } from './tls/compare-tls.js';
import { aroundDifference, changesTrust } from './tls/tls-difference.js';

/** Changes, those of Secrets without what changes no context that uses the Secret. */
export function withoutUnusedSecretChanges(
  changes: Change[],
  before: SideResources,
  after: SideResources,
  rules: ComparisonRules,
): Change[] {
  const isGrave = ({ resource, tls, kind }: Change): boolean =>
    resource.kind === 'secret' && kind !== 'removed' && tls !== undefined && changesTrust(tls);
  if (!changes.some(isGrave)) return changes;
  const [old, now] = [usersOf(before), usersOf(after)];
  return changes.map((change) => {
    if (!isGrave(change) || !isNeutral(old.get(change.resource.name), now.get(change.resource.name), rules))
      return change;
    return {
      ...change,
      tls: aroundDifference('other', 'the contexts that use the secret say the rest of it'),
    };
  });
}

interface User {
  readonly secret: string;
  readonly place: string;
  readonly context: TlsContext;
}

function usersOf(side: SideResources): ReadonlyMap<string, readonly User[]> {
  const users = side.configs.flatMap(({ inventory }) =>
    inventory.contexts.flatMap((context) =>
      secretUses(context).map((use): User => {
        const name = context.resource?.text('name') ?? '';
        const path = context.message.path(undefined, context.resource);
        return { secret: secretName(use), place: `${context.side} ${name} ${path}`, context };
      }),
    ),
  );
  return grouped(users, ({ secret }) => secret);
}

function isNeutral(
  old: readonly User[] | undefined,
  now: readonly User[] | undefined,
  rules: ComparisonRules,
): boolean {
  if (old === undefined || now === undefined) return false;
  const earlier = new Map(old.map((user) => [user.place, user]));
  return now.every(({ place, context }) => {
    const was = earlier.get(place)?.context;
    if (was === undefined) return false;
    const settings = (one: TlsContext) => ({ settings: readTlsSettings(one), api: one.api });
    return !compareTls(settings(was), settings(context), rules).some(changesTrust);
  });
}
