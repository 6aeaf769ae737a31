// The ways into a listener: for every connection that can be told from others, which filter chain it got and
// which it gets. Two chains are compared where one takes the other's connections, whatever they are called and
// wherever they stand.

import { memo } from '../../collections/memo.js';
import { oncePer } from '../../collections/once-per.js';
import { type IpAddress, type IpRange, samples } from '../../envoy/ip-ranges.js';
import { quoted } from '../../secrecy/quoted.js';
import { canonical } from '../meaning/canonical.js';
import { type Meaning, MessageMeaning } from '../meaning/meaning.js';
import type { TlsClass, TlsDifference } from '../tls/change.js';
import { GUARDS, type Guard, guardOf } from '../tls/guard.js';
import { aroundDifference, changesTrust, loosens } from '../tls/tls-difference.js';
import { type ChainMatch, chainsOf, chosenChain, type ListenerChains, type Seen } from './chain-match.js';
import { type Feeds, feedsOf } from './listener-feeds.js';
import { fieldOf, textOf } from './meanings.js';

/** Compares what two filter chains mean for trust. */
interface ChainComparer {
  differences(old: Meaning, now: Meaning): readonly TlsDifference[];
  /** Whether the two are compared already, where they stand. */
  isCompared(old: Meaning, now: Meaning): boolean;
}

/** A difference of ways, with the chains that it is of. */
interface WayDifference {
  readonly tls: TlsDifference;
  readonly old: Meaning | undefined;
  readonly new: Meaning | undefined;
}

/** What comparing the ways of two listeners found. */
interface ComparedWays {
  readonly differences: readonly WayDifference[];
  /** Chains that no connection goes from one to the other of; undefined where that was not looked into. */
  readonly isApart: (old: Meaning, now: Meaning) => boolean;
}

/** One side's listener. */
interface ListenerSide {
  readonly listener: Meaning;
  /** Whether it is of v2, or was. */
  readonly isV2: boolean;
}

const NOTHING: ComparedWays = { differences: [], isApart: () => false };

/** Compares the ways into two listeners. */
export function compareListenerWays(
  old: ListenerSide,
  now: ListenerSide,
  comparer: ChainComparer,
): ComparedWays {
  const [before, after] = [chainsOf(old.listener), chainsOf(now.listener)];
  const all = [...meaningsOf(before), ...meaningsOf(after)];
  if (all.every((chain) => guardOf(chain) === 0)) return NOTHING;
  const choice = new Choice(all);
  const [was, is] = [feedsOf(old.listener, old.isV2), feedsOf(now.listener, now.isV2)];
  const feeds = feedDifferences(was, is, choice, [before, after]);
  const [matcher, laterMatcher] = [old, now].map(({ listener }) => fieldOf(listener, 'filter_chain_matcher'));
  if (!before.isFollowed || !after.isFollowed) {
    const found =
      textKey(matcher) === textKey(laterMatcher)
        ? []
        : choice.differences('another filter chain may be chosen');
    return { differences: [...feeds, ...found], isApart: () => false };
  }
  const isFed = was.inspects !== is.inspects || was.original !== is.original;
  const isByMatcher = matcher !== undefined || laterMatcher !== undefined;
  if (!isFed && !isByMatcher && chainsKey(before) === chainsKey(after))
    return { differences: feeds, isApart: (one, other) => chainKey(one) !== chainKey(other) };
  const own = ownPlace(now.listener);
  const atoms = atomsOf([before, after], own.port);
  if (atoms === undefined)
    return {
      differences: [
        ...feeds,
        ...choice.differences('there are too many filter chains to decide which connections each one gets'),
      ],
      isApart: () => false,
    };
  const walk = new Walk(before, after, atoms, (seen) => [view(seen, was, is, own), view(seen, is, was, own)]);
  return { differences: [...feeds, ...walk.differences(comparer)], isApart: (a, b) => walk.isApart(a, b) };
}

function meaningsOf({ chains, fallback }: ListenerChains): Meaning[] {
  return [...chains.map(({ meaning }) => meaning), ...(fallback === undefined ? [] : [fallback])];
}

/** How unlike the chains are that may be chosen. */
class Choice {
  private readonly sockets: ReadonlySet<string>;
  private readonly guards: ReadonlySet<Guard>;

  constructor(chains: readonly Meaning[]) {
    this.sockets = new Set(chains.map((chain) => textKey(fieldOf(chain, 'transport_socket'))));
    this.guards = new Set(chains.map(guardOf));
  }

  get isAlike(): boolean {
    return this.sockets.size < 2;
  }

  /** What it means that the choice changes in a way that is not followed. */
  differences(message: string): WayDifference[] {
    if (this.isAlike) return [];
    return [around(this.guards.size > 1 ? 'loosened' : 'unknown', message)];
  }
}

function around(kind: TlsClass, message: string, old?: Meaning, now?: Meaning): WayDifference {
  return { tls: aroundDifference(kind, message), old, new: now };
}

function textKey(meaning: Meaning | undefined): string {
  return meaning === undefined ? '' : canonical(meaning);
}

/** What a listener learns in another way, beside what is followed for each connection. */
function feedDifferences(
  was: Feeds,
  is: Feeds,
  choice: Choice,
  sides: readonly [ListenerChains, ListenerChains],
): WayDifference[] {
  const found: WayDifference[] = [];
  if (choice.isAlike) return found;
  const matches = sides.flatMap((side) => side.matches);
  const isOpen = sides.some(({ isFollowed }) => !isFollowed);
  const bySource =
    isOpen ||
    matches.some(({ sources, sourceTypes, sourcePorts, ports, ranges }) =>
      [sources, sourceTypes, sourcePorts, ports, ranges].some((part) => part.length > 0),
    );
  if (was.claimed !== is.claimed && bySource)
    found.push(
      is.claimed
        ? around(
            'loosened',
            'clients now set their addresses with the PROXY protocol and so select a filter chain',
          )
        : around('unknown', 'addresses from the PROXY protocol no longer select the filter chain'),
    );
  if (
    was.http !== is.http &&
    (isOpen || matches.some(({ protocols }) => protocols.some((one) => /^h(?:2c|ttp\/)/.test(one))))
  )
    found.push(...choice.differences('plain text HTTP is inspected in another way'));
  if (!was.waits && is.waits && (is.inspects || is.original || is.claimed))
    found.push(...choice.differences('a client that sends nothing is served without inspection'));
  if (was.others !== is.others)
    found.push(
      ...choice.differences('a listener filter that may change the choice of a filter chain changes'),
    );
  return found;
}

interface OwnPlace {
  readonly port: string;
}

function ownPlace(listener: Meaning): OwnPlace {
  return { port: textOf(listener, 'address', 'socket_address', 'port_value') ?? '' };
}

/** What a side sees of a connection; what both sides learn in the same way may be anything. */
function view(seen: Seen, feeds: Feeds, others: Feeds, own: OwnPlace): Seen {
  const blind =
    feeds.inspects || others.inspects === feeds.inspects
      ? {}
      : { serverName: '', transport: 'raw_buffer', protocol: '' };
  const stays = feeds.original || others.original === feeds.original ? {} : { port: own.port };
  return { ...seen, ...blind, ...stays };
}

/** The name, the match and all else of a chain apart: what is left is what it does with a connection. */
const doing = oncePer((chain: Meaning): string => {
  if (!(chain instanceof MessageMeaning)) return canonical(chain);
  const parts: string[] = [];
  for (const name of chain.members.keys()) {
    if (name === 'name' || name === 'filter_chain_match') continue;
    const meaning = chain.get(name);
    if (meaning !== undefined) parts.push(`${name}:${canonical(meaning)}`);
  }
  return parts.sort().join();
});

/** A chain without its name. */
function chainKey(chain: Meaning): string {
  return `${textKey(fieldOf(chain, 'filter_chain_match'))} ${doing(chain)}`;
}

function chainsKey({ chains, fallback }: ListenerChains): string {
  const keys = chains.map(({ meaning }) => chainKey(meaning));
  return `${keys.sort().join('\n')}\n\n${fallback === undefined ? '' : doing(fallback)}`;
}

/** Connections that can be told from each other: where they go and come from, and what the client chooses of them. */
interface Atoms {
  readonly circumstances: readonly Partial<Seen>[];
  readonly choices: readonly Partial<Seen>[];
}

/** More looks at chains than this are not taken. */
const MOST_LOOKS = 4_000_000;

function atomsOf(sides: readonly ListenerChains[], ownPort: string): Atoms | undefined {
  const matches = sides.flatMap((side) => side.matches);
  const texts = (part: keyof ChainMatch, ...more: string[]): string[] => {
    const said = matches.flatMap((match) => match[part] as readonly string[]);
    return said.length === 0 ? more.slice(-1) : [...new Set([...said, ...more])];
  };
  const addresses = (part: 'ranges' | 'directSources' | 'sources'): (IpAddress | undefined)[] => {
    const ranges = uniqueRanges(matches.flatMap((match) => match[part]));
    return ranges.length === 0 ? [undefined] : samples(ranges);
  };
  const ports = texts('ports', ownPort, '0');
  const ips = addresses('ranges');
  const direct = addresses('directSources');
  const sources = addresses('sources');
  const types = matches.some(({ sourceTypes }) => sourceTypes.length > 0) ? [true, false] : [false];
  const names = texts('serverNames', '', 'other.invalid').map((name) =>
    name.replace(/^\*(?=\.|$)/, 'any-name'),
  );
  const protocols = texts('protocols', 'other', '');
  const sourcePorts = texts('sourcePorts', '0');
  const transports =
    texts('transports', 'raw_buffer', 'tls').length > 1
      ? texts('transports', 'raw_buffer', 'tls')
      : ['raw_buffer', 'tls'];
  const count = [ports, ips, direct, sources, types, names, protocols, sourcePorts, transports].reduce(
    (product, part) => product * part.length,
    1,
  );
  if (count * Math.max(1, matches.length) > MOST_LOOKS) return undefined;
  const circumstances = product(
    ports.map((port) => ({ port })),
    ips.map((ip) => ({ ip })),
    direct.map((directSource) => ({ directSource })),
    sources.map((source) => ({ source })),
    types.map((isLocal) => ({ isLocal })),
  );
  const choices = product(
    names.map((serverName) => ({ serverName })),
    transports.map((transport) => ({ transport })),
    protocols.map((protocol) => ({ protocol })),
    sourcePorts.map((sourcePort) => ({ sourcePort })),
  );
  return { circumstances, choices };
}

function uniqueRanges(ranges: readonly IpRange[]): IpRange[] {
  return [...new Map(ranges.map((one) => [`${one.bits} ${one.base} ${one.length}`, one])).values()];
}

function product(...parts: readonly (readonly Partial<Seen>[])[]): Partial<Seen>[] {
  return parts.reduce<Partial<Seen>[]>(
    (all, part) => all.flatMap((one) => part.map((other) => ({ ...one, ...other }))),
    [{}],
  );
}

/** A connection that only one side takes. */
interface NewWay {
  readonly chain: Meaning;
  /** The chains that can be reached on the other side in the same circumstances. */
  readonly reached: ReadonlySet<Meaning>;
  readonly seen: Seen;
}

/** Keeps one way of those that are alike. */
function keep(ways: Map<string, NewWay>, way: NewWay): void {
  const key = [way.chain, ...way.reached]
    .map(({ node, reader }) => `${node} ${reader.document.source.name}`)
    .join();
  if (!ways.has(key)) ways.set(key, way);
}

/** All connections, and the chains that they got and get. */
class Walk {
  private readonly moves = new Map<Meaning, Map<Meaning, Seen>>();
  private readonly partnersOfNow = new Map<Meaning, Set<Meaning>>();
  private readonly newWays = new Map<string, NewWay>();
  private readonly goneWays = new Map<string, NewWay>();

  /** The chains of the older side that any connection got. */
  private readonly reachable = new Set<Meaning>();

  constructor(
    before: ListenerChains,
    after: ListenerChains,
    { circumstances, choices }: Atoms,
    views: (seen: Seen) => readonly [Seen, Seen],
  ) {
    for (const where of circumstances) {
      const [reached, left] = [new Set<Meaning>(), new Set<Meaning>()];
      const opened: (readonly [Seen, Meaning])[] = [];
      const closed: (readonly [Seen, Meaning])[] = [];
      for (const chosen of choices) {
        const seen = { ...where, ...chosen } as Seen;
        const [then, later] = views(seen);
        const old = served(before, then, seen);
        const now = served(after, later, seen);
        if (old !== undefined) {
          reached.add(old);
          this.reachable.add(old);
        }
        if (now !== undefined) left.add(now);
        if (old !== undefined && now !== undefined) this.move(old, now, seen);
        else if (now !== undefined) opened.push([seen, now]);
        else if (old !== undefined) closed.push([seen, old]);
      }
      for (const [seen, chain] of opened) keep(this.newWays, { chain, reached, seen });
      for (const [seen, chain] of closed) keep(this.goneWays, { chain, reached: left, seen });
    }
  }

  private move(old: Meaning, now: Meaning, seen: Seen): void {
    const targets = memo(this.moves, old, () => new Map<Meaning, Seen>());
    if (!targets.has(now)) targets.set(now, seen);
    memo(this.partnersOfNow, now, () => new Set<Meaning>()).add(old);
  }

  /** Whether both chains have connections, and none of the one's goes to the other. */
  isApart(old: Meaning, now: Meaning): boolean {
    const [targets, partners] = [this.moves.get(old), this.partnersOfNow.get(now)];
    return targets !== undefined && partners !== undefined && !targets.has(now);
  }

  differences(comparer: ChainComparer): WayDifference[] {
    const found = new Map<string, WayDifference>();
    const add = (tls: TlsDifference, old: Meaning | undefined, now: Meaning | undefined): void => {
      const key = [tls.class, tls.message, old?.node ?? '', now?.node ?? ''].join('\0');
      if (!found.has(key)) found.set(key, { tls, old, new: now });
    };
    for (const [old, targets] of this.moves) {
      for (const [now, seen] of targets) {
        if (comparer.isCompared(old, now) || doing(old) === doing(now)) continue;
        for (const one of comparer.differences(old, now).filter(changesTrust))
          add(
            {
              ...one,
              field: '',
              message: `connections${wordsOf(seen)} now go to ${nameOf(now)}: ${one.message}`,
            },
            old,
            now,
          );
      }
    }
    for (const way of this.newWays.values()) {
      const tls = this.opened(way, comparer);
      if (tls !== undefined) add(tls, undefined, way.chain);
    }
    for (const { chain, reached, seen } of this.goneWays.values()) {
      const guard = guardOf(chain);
      if (reached.size > 0 && [...reached].every((one) => guardOf(one) > guard))
        add(
          aroundDifference('tightened', `connections${wordsOf(seen)} by ${GUARDS[guard]} are now refused`),
          chain,
          undefined,
        );
    }
    return [...found.values()];
  }

  /** What it means that connections are accepted that were not. */
  private opened({ chain, reached, seen }: NewWay, comparer: ChainComparer): TlsDifference | undefined {
    const guard = guardOf(chain);
    // Clients choose names and protocols as they like: what could be reached by one of them could be by all.
    const others = reached.size === 0 && guard > 0 ? [...this.reachable] : [...reached];
    // Where nobody had to show anything at other places, TLS lets nobody in who was kept out.
    if (reached.size === 0 && guard > 0 && others.some((one) => guardOf(one) === 0)) return undefined;
    const alike = others.filter((one) => guardOf(one) > 0 === guard > 0);
    const differences = alike.map((one) =>
      doing(one) === doing(chain) ? [] : comparer.differences(one, chain),
    );
    if (
      guard === 0
        ? alike.some((one) => doing(one) === doing(chain))
        : differences.some((all) => !all.some(loosens))
    )
      return undefined;
    const [nearest] = [...differences].sort((a, b) => a.length - b.length);
    const why = nearest?.find(loosens)?.message ?? `by ${GUARDS[guard]}`;
    const kind = nearest?.find(loosens)?.class;
    return {
      ...aroundDifference(
        'loosened',
        `connections${wordsOf(seen)} that were refused are now accepted: ${why}`,
      ),
      ...(kind !== undefined && kind !== 'loosened' && { also: [kind] }),
    };
  }
}

/** The chain that serves a connection; TLS does not serve plain text. */
function served(chains: ListenerChains, view: Seen, real: Seen): Meaning | undefined {
  const chain = chosenChain(chains, view);
  return chain !== undefined && real.transport === 'raw_buffer' && guardOf(chain) > 0 ? undefined : chain;
}

function nameOf(chain: Meaning): string {
  const name = textOf(chain, 'name');
  return name === undefined ? 'another filter chain' : `the filter chain ${quoted(name)}`;
}

/** Which connections, as far as something tells them from others. */
function wordsOf({ port, serverName, protocol }: Seen): string {
  const parts = [
    port !== '' && port !== '0' && ` to port ${port}`,
    serverName !== '' && serverName !== 'other.invalid' && ` for ${quoted(serverName)}`,
    protocol !== '' && protocol !== 'other' && ` with ${quoted(protocol)}`,
  ];
  return parts.filter(Boolean).join('');
}
