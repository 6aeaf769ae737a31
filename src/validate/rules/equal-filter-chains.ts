// Two filter chains for the same connections.

import { addToGroup } from '../../collections/grouped.js';
import { ipRange } from '../../envoy/ip-ranges.js';
import type { Message } from '../../envoy/message.js';
import { fieldAt, lineOf } from '../place.js';
import type { Report, Rule } from '../rule.js';

export const equalFilterChains: Rule = {
  code: 'equal-filter-chains',
  level: 'error',
  finds: 'two filter chains of a listener match the same connections, or some of the same',
  why: 'Envoy rejects the listener, because it could not choose one of them. What a chain lists counts one by one: a name that two chains share is enough if all else is equal. A name listed twice is refused, too.',
  source: "Envoy: filter chain '…' has the same matching rules defined as '…'",
  remedy: 'make their filter_chain_match differ, or remove one',
  check({ surveys }, report) {
    // A matcher of its own chooses the chain by name.
    for (const { listeners } of surveys)
      for (const listener of listeners)
        if (!listener.has('filter_chain_matcher')) checkChains(listener.messages('filter_chains'), report);
  },
};

function checkChains(messages: readonly Message[], report: Report): void {
  const chains = messages.map((chain) => ({ chain, match: matchOf(chain.message('filter_chain_match')) }));
  const part = tellingPart(chains);
  const known = new Map<string, Chain[]>();
  for (const own of chains) {
    const { chain, match } = own;
    const values = [...new Set(match[part])];
    const other = hasRepeats(match)
      ? own
      : values.flatMap((value) => known.get(value) ?? []).find((one) => overlaps(one.match, match));
    for (const value of values) addToGroup(known, value, own);
    if (other === undefined) continue;
    const place = chain.has('filter_chain_match') ? fieldAt(chain, 'filter_chain_match') : fieldAt(chain);
    const isWhole = isEqual(match, other.match);
    report(
      place,
      other === own
        ? { message: 'this filter chain lists the same twice', expected: 'each value once' }
        : {
            message: `this filter chain matches ${isWhole ? 'the same' : 'some of the same'} connections as the one at ${lineOf(fieldAt(other.chain))}`,
            expected: 'a distinct match',
          },
    );
  }
}

/** What a chain asks of each part of a connection; '' for a part that may be anything. */
type Match = readonly (readonly string[])[];

interface Chain {
  readonly chain: Message;
  readonly match: Match;
}

function matchOf(match: Message | undefined): Match {
  const ranges = (field: string): string[] => (match?.messages(field) ?? []).map(rangeKey);
  const lists = [
    [match?.text('destination_port') ?? ''],
    ranges('prefix_ranges'),
    // A wildcard is kept as the end that it asks for.
    match?.texts('server_names').map((name) => name.toLowerCase().replace(/^\*(?=\.)/, '')),
    [match?.text('transport_protocol') ?? ''],
    match?.texts('application_protocols'),
    ranges('direct_source_prefix_ranges'),
    [match?.enumName('source_type') ?? 'ANY'],
    ranges('source_prefix_ranges'),
    match?.texts('source_ports'),
  ];
  return lists.map((list) => (list === undefined || list.length === 0 ? [''] : list));
}

/** Equal for ranges of the same addresses, however they are written; one that cannot be read is equal to none. */
function rangeKey(range: Message): string {
  const [text = '', zone = ''] = (range.text('address_prefix') ?? '').split('%');
  const read = ipRange(text, Number(range.text('prefix_len') ?? 0));
  return read === undefined ? `? ${range.node}` : `${read.base}/${read.bits}/${read.length}%${zone}`;
}

/** The part of a connection by which most of the chains differ. */
function tellingPart(chains: readonly Chain[]): number {
  const parts = chains[0]?.match.map(
    (_, part) => new Set(chains.flatMap(({ match }) => match[part] ?? [])).size,
  );
  return parts === undefined ? 0 : parts.indexOf(Math.max(...parts));
}

function hasRepeats(match: Match): boolean {
  return match.some((list) => new Set(list).size < list.length);
}

function overlaps(a: Match, b: Match): boolean {
  return a.every((list, part) => {
    const other = new Set(b[part]);
    return list.some((item) => other.has(item));
  });
}

function isEqual(a: Match, b: Match): boolean {
  return a.every(
    (list, part) => list.length === b[part]?.length && list.every((item) => b[part]?.includes(item)),
  );
}
