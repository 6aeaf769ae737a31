// Which filter chain a connection gets. Envoy looks at one part of the match after the other, takes the chains
// whose value is the most specific, and does not go back: where those that are left do not match further on,
// the default filter chain serves the connection, or nothing does (FilterChainMatch in Envoy's API).

import { type IpAddress, type IpRange, ipRange, isIn } from '../../envoy/ip-ranges.js';
import type { Meaning } from '../meaning/meaning.js';
import { type Matcher, namesFor, readMatcher } from './matcher.js';
import { fieldOf, itemsOf, textOf, textsOf, typeOf } from './meanings.js';

/** What a listener sees of a connection. */
export interface Seen {
  readonly port: string;
  readonly ip: IpAddress | undefined;
  readonly serverName: string;
  readonly transport: string;
  readonly protocol: string;
  readonly directSource: IpAddress | undefined;
  readonly isLocal: boolean;
  readonly source: IpAddress | undefined;
  readonly sourcePort: string;
}

/** A match; an empty list fits all. */
export interface ChainMatch {
  readonly ports: readonly string[];
  readonly ranges: readonly IpRange[];
  readonly serverNames: readonly string[];
  readonly transports: readonly string[];
  readonly protocols: readonly string[];
  readonly directSources: readonly IpRange[];
  readonly sourceTypes: readonly string[];
  readonly sources: readonly IpRange[];
  readonly sourcePorts: readonly string[];
}

/** A filter chain with its match. */
interface Chain {
  readonly meaning: Meaning;
  readonly match: ChainMatch;
}

/** The filter chains of a listener, and the one for all other connections. */
export interface ListenerChains {
  readonly chains: readonly Chain[];
  readonly fallback: Meaning | undefined;
  /** What connections are told apart by: the matches of the chains, or what the listener's matcher asks for. */
  readonly matches: readonly ChainMatch[];
  /** The listener's `filter_chain_matcher`, which takes the place of the matches. */
  readonly matcher: Matcher | undefined;
  /** Whether it is known what the matcher does. */
  readonly isFollowed: boolean;
}

/** Reads a listener's filter chains. */
export function chainsOf(listener: Meaning): ListenerChains {
  const declared = fieldOf(listener, 'filter_chain_matcher');
  const matcher = declared && readMatcher(declared, inputOf, (action) => textOf(action, 'value'));
  const chains = itemsOf(listener, 'filter_chains').map((meaning) => ({
    meaning,
    match: matchOf(fieldOf(meaning, 'filter_chain_match')),
  }));
  return {
    chains,
    fallback: fieldOf(listener, 'default_filter_chain'),
    matches: declared === undefined ? chains.map(({ match }) => match) : matcher ? [askedBy(matcher)] : [],
    matcher,
    isFollowed: declared === undefined || matcher !== undefined,
  };
}

/** The inputs of connections, each by the part of a match that is of the same. */
const INPUTS: ReadonlyMap<string, keyof ChainMatch> = new Map<string, keyof ChainMatch>([
  ['DestinationPortInput', 'ports'],
  ['DestinationIPInput', 'ranges'],
  ['ServerNameInput', 'serverNames'],
  ['TransportProtocolInput', 'transports'],
  ['ApplicationProtocolInput', 'protocols'],
  ['DirectSourceIPInput', 'directSources'],
  ['SourceTypeInput', 'sourceTypes'],
  ['SourceIPInput', 'sources'],
  ['SourcePortInput', 'sourcePorts'],
]);

function inputOf(input: Meaning | undefined): keyof ChainMatch | undefined {
  return INPUTS.get(typeOf(input) ?? '');
}

function askedBy({ asked }: Matcher): ChainMatch {
  const match: { -readonly [Part in keyof ChainMatch]: ChainMatch[Part] } = { ...matchOf(undefined) };
  for (const { input, texts, ranges } of asked) {
    const part = input as keyof ChainMatch;
    if (part === 'ranges' || part === 'directSources' || part === 'sources') match[part] = ranges;
    // Protocols come in quotes, several of them with commas.
    else match[part] = part === 'protocols' ? texts.map((text) => text.replace(/^'(.*)'$/, '$1')) : texts;
  }
  return match;
}

/** What an input reads of a connection. */
function valueIn(seen: Seen, input: keyof ChainMatch): string | IpAddress | undefined {
  const said = (text: string): string | undefined => (text === '' ? undefined : text);
  switch (input) {
    case 'ports':
      return seen.port;
    case 'ranges':
      return seen.ip;
    case 'serverNames':
      return said(seen.serverName);
    case 'transports':
      return said(seen.transport);
    case 'protocols':
      return seen.protocol === '' ? undefined : `'${seen.protocol}'`;
    case 'directSources':
      return seen.directSource;
    case 'sourceTypes':
      return seen.isLocal ? 'local' : undefined;
    case 'sources':
      return seen.source;
    case 'sourcePorts':
      return seen.sourcePort;
  }
}

function matchOf(match: Meaning | undefined): ChainMatch {
  const one = (text: string | undefined): string[] => (text === undefined || text === '' ? [] : [text]);
  const port = textOf(match, 'destination_port');
  const type = textOf(match, 'source_type');
  return {
    ports: port === '0' ? [] : one(port),
    ranges: rangesOf(match, 'prefix_ranges'),
    serverNames: textsOf(match, 'server_names').map((name) => name.toLowerCase()),
    transports: one(textOf(match, 'transport_protocol')),
    protocols: textsOf(match, 'application_protocols'),
    directSources: rangesOf(match, 'direct_source_prefix_ranges'),
    sourceTypes: type === undefined || type === 'ANY' ? [] : [type],
    sources: rangesOf(match, 'source_prefix_ranges'),
    sourcePorts: textsOf(match, 'source_ports'),
  };
}

function rangesOf(match: Meaning | undefined, name: string): IpRange[] {
  return itemsOf(match, name).flatMap(
    (range) => ipRange(textOf(range, 'address_prefix') ?? '', Number(textOf(range, 'prefix_len') ?? 0)) ?? [],
  );
}

/** The chain that a connection gets; undefined where none takes it. */
export function chosenChain({ chains, fallback, matcher }: ListenerChains, seen: Seen): Meaning | undefined {
  if (matcher !== undefined) {
    const name = matcher.choose((input) => valueIn(seen, input as keyof ChainMatch));
    if (name === undefined) return fallback;
    return chains.find(({ meaning }) => textOf(meaning, 'name') === name)?.meaning;
  }
  let left = chains;
  for (const step of STEPS) {
    left = step(left, seen);
    if (left.length === 0) return fallback;
  }
  return left[0]?.meaning ?? fallback;
}

type Step = (chains: readonly Chain[], seen: Seen) => readonly Chain[];

/** In the order in which Envoy looks. */
const STEPS: readonly Step[] = [
  exact('ports', ({ port }) => port),
  range('ranges', ({ ip }) => ip),
  byServerName,
  exact('transports', ({ transport }) => transport),
  exact('protocols', ({ protocol }) => protocol),
  range('directSources', ({ directSource }) => directSource),
  bySourceType,
  range('sources', ({ source }) => source),
  exact('sourcePorts', ({ sourcePort }) => sourcePort),
];

type Texts = 'ports' | 'transports' | 'protocols' | 'sourcePorts';

function exact(part: Texts, of: (seen: Seen) => string): Step {
  return (chains, seen) => {
    if (chains.every(({ match }) => match[part].length === 0)) return chains;
    const value = of(seen);
    const fitting = chains.filter(({ match }) => match[part].includes(value));
    return fitting.length > 0 ? fitting : chains.filter(({ match }) => match[part].length === 0);
  };
}

function range(
  part: 'ranges' | 'directSources' | 'sources',
  of: (seen: Seen) => IpAddress | undefined,
): Step {
  return (chains, seen) => {
    if (chains.every(({ match }) => match[part].length === 0)) return chains;
    const address = of(seen);
    const lengths = chains.map(({ match }) => {
      if (match[part].length === 0) return -1;
      const fitting = address === undefined ? [] : match[part].filter((one) => isIn(one, address));
      return fitting.length === 0 ? -2 : Math.max(...fitting.map(({ length }) => length));
    });
    const longest = Math.max(...lengths);
    return longest === -2 ? [] : chains.filter((_, i) => lengths[i] === longest);
  };
}

/** The whole name, then the longest wildcard, then no name. */
function byServerName(chains: readonly Chain[], { serverName }: Seen): readonly Chain[] {
  if (chains.every(({ match }) => match.serverNames.length === 0)) return chains;
  for (const name of namesFor(serverName)) {
    const fitting = chains.filter(({ match }) => match.serverNames.includes(name));
    if (fitting.length > 0) return fitting;
  }
  return chains.filter(({ match }) => match.serverNames.length === 0);
}

function bySourceType(chains: readonly Chain[], { isLocal }: Seen): readonly Chain[] {
  const wanted = isLocal ? /^(?:SAME_IP_OR_LOOPBACK|LOCAL)$/ : /^EXTERNAL$/;
  const fitting = chains.filter(({ match }) => match.sourceTypes.some((type) => wanted.test(type)));
  return fitting.length > 0 ? fitting : chains.filter(({ match }) => match.sourceTypes.length === 0);
}
