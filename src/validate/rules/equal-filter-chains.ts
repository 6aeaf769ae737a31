// Two filter chains for the same connections.

import type { Message } from '../../envoy/message.js';
import { fieldAt, lineOf } from '../place.js';
import type { Rule } from '../rule.js';

export const equalFilterChains: Rule = {
  code: 'equal-filter-chains',
  level: 'error',
  finds: 'two filter chains of a listener match the same connections',
  why: 'Envoy rejects the listener, because one of them could never be selected.',
  source: "Envoy: filter chain '…' has the same matching rules defined as '…'",
  remedy: 'make their filter_chain_match differ, or remove one',
  check({ surveys }, report) {
    for (const { listeners } of surveys) {
      for (const listener of listeners) {
        // A matcher of its own chooses the chain by name.
        if (listener.has('filter_chain_matcher')) continue;
        const first = new Map<string, Message>();
        for (const chain of listener.messages('filter_chains')) {
          const key = matchKey(chain.message('filter_chain_match'));
          const known = first.get(key);
          if (known === undefined) first.set(key, chain);
          else
            report(chain.has('filter_chain_match') ? fieldAt(chain, 'filter_chain_match') : fieldAt(chain), {
              message: `this filter chain matches the same connections as the one at ${lineOf(fieldAt(known))}`,
              expected: 'a distinct match',
            });
        }
      }
    }
  },
};

/** Equal for matches of the same meaning: fields in any order, those with their default as if absent. */
function matchKey(match: Message | undefined): string {
  if (match === undefined) return '';
  const value = match.toValue();
  return Object.keys(value)
    .filter((name) => !isDefault(value[name]))
    .sort()
    .map((name) => `${name}=${JSON.stringify(value[name])}`)
    .join('\n');
}

function isDefault(value: unknown): boolean {
  return value === 'ANY' || (Array.isArray(value) && value.length === 0);
}
