// Who trusts whom, as a picture: the ways into a proxy on its left, the ways out on its right, each drawn by how
// it is guarded. Hundreds are drawn as groups of those that are alike.

import { compareText } from '../../collections/compare-text.js';
import { grouped } from '../../collections/grouped.js';
import { plural } from '../../finding/plural.js';
import { GUARDS, type Guard } from '../../tls/guard.js';
import type { Way } from './inventory.js';

/** A line of the picture. */
interface PictureLine {
  readonly label: string;
  /** What the label leaves out. */
  readonly title: string;
  readonly style: string;
  readonly guarding: Guard;
  readonly y: number;
  readonly path: string;
}

/** The picture, ready to be written down as SVG. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly middle: number;
  readonly centre: string;
  readonly left: readonly PictureLine[];
  readonly right: readonly PictureLine[];
  /** What a reader of the page hears. */
  readonly summary: string;
}

/** More lines than this on a side are grouped. */
const MOST_LINES = 24;
const ROW = 26;
const WIDTH = 960;
const LABEL = 330;
const CENTRE = 150;

const STYLES: Readonly<Record<Guard, string>> = {
  'mutual TLS': 'mutual',
  TLS: 'tls',
  'unchecked TLS': 'unchecked',
  'plain text': 'plain',
};

/**
 * Draws ways; undefined where there are none.
 *
 * @param files the names of the inputs, after which proxies are called that have no id
 */
export function drawPicture(ways: readonly Way[], files: readonly string[]): Picture | undefined {
  if (ways.length === 0) return undefined;
  const [incoming, outgoing] = (['server', 'client'] as const).map((side) =>
    fewGroups(ways.filter((way) => way.side === side)),
  ) as [Group[], Group[]];
  const rows = Math.max(incoming.length, outgoing.length, 2);
  const height = rows * ROW + 56;
  const middle = height / 2;
  const lines = (groups: readonly Group[], isLeft: boolean): PictureLine[] =>
    groups.map(({ label, title, guarding }, i) => {
      const y = middle + (i - (groups.length - 1) / 2) * ROW;
      const [from, to] = isLeft
        ? [LABEL + 8, WIDTH / 2 - CENTRE / 2]
        : [WIDTH / 2 + CENTRE / 2, WIDTH - LABEL - 8];
      const half = (from + to) / 2;
      const [start, end] = isLeft ? [y, middle] : [middle, y];
      const path = `M${from} ${start}C${half} ${start} ${half} ${end} ${to} ${end}`;
      return { label: shortened(label), title, style: STYLES[guarding], guarding, y, path };
    });
  return {
    width: WIDTH,
    height,
    middle,
    centre: shortened(centreOf(ways, files), 20),
    left: lines(incoming, true),
    right: lines(outgoing, false),
    summary: summaryOf(ways),
  };
}

/** What stands in the middle: a proxy by its id, several by their number, others by their file or folder. */
function centreOf(ways: readonly Way[], files: readonly string[]): string {
  const proxies = [...new Set(ways.map(({ proxy }) => proxy).filter((proxy) => proxy !== ''))];
  const [proxy] = proxies;
  if (proxies.length > 1) return `${proxies.length} proxies`;
  // Istio's ids are `sidecar~ADDRESS~POD.NAMESPACE~DOMAIN`.
  if (proxy !== undefined) return proxy.split('~')[2] ?? proxy;
  const [first = [], ...rest] = files.map((file) => file.split('/'));
  if (rest.length === 0) return first.at(-1) ?? '';
  const apart = first.findIndex((part, i) => rest.some((other) => other[i] !== part));
  return first[apart - 1] || plural(files.length, 'file');
}

interface Group {
  readonly label: string;
  readonly title: string;
  readonly guarding: Guard;
}

/** Each by itself where there are few; else by domain and guard, the smallest groups together. */
function fewGroups(ways: readonly Way[]): Group[] {
  for (const keyOf of [(way: Way) => way.name, domainOf]) {
    const groups = groupBy(ways, keyOf);
    if (groups.length <= MOST_LINES) return groups.map(groupText);
    if (keyOf !== domainOf) continue;
    // The largest stand by themselves; of the rest there is a line for each guard.
    const sizes = groups.map(({ members }) => members.length).sort((a, b) => b - a);
    const least = sizes[MOST_LINES - GUARDS.length] ?? 0;
    const large = new Set(groups.filter(({ members }) => members.length > least).map(({ label }) => label));
    return groupBy(ways, (way) => (large.has(domainOf(way)) ? domainOf(way) : 'all others')).map(groupText);
  }
  return [];
}

interface Members {
  readonly label: string;
  readonly members: readonly Way[];
}

/** Groups by guard and key, the least guarded first. */
function groupBy(ways: readonly Way[], keyOf: (way: Way) => string): Members[] {
  const groups = grouped(ways, (way) => `${GUARDS.indexOf(way.guarding)} ${keyOf(way)}`);
  return [...groups]
    .sort(([a], [b]) => compareText(a, b))
    .map(([, members]) => ({ label: keyOf(members[0]), members }));
}

function groupText({ label, members }: Members): Group {
  const [first] = members as readonly [Way, ...Way[]];
  return {
    label: members.length === 1 && label !== 'all others' ? first.name : `${label} (${members.length})`,
    title: members
      .slice(0, 20)
      .map(({ name }) => name)
      .join('\n'),
    guarding: first.guarding,
  };
}

/** The namespace of a Kubernetes service, or the domain of a host, in a cluster's name. */
function domainOf({ name }: Way): string {
  const host = name.split('|').at(-1) ?? name;
  const [, namespace] = /^[^.]+\.([^.]+)\.svc\b/.exec(host) ?? [];
  if (namespace !== undefined) return `namespace ${namespace}`;
  const parts = host.split('.');
  return parts.length > 2 ? `*.${parts.slice(-2).join('.')}` : 'others';
}

function shortened(text: string, most = 44): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 16)}…${text.slice(-15)}`;
}

function summaryOf(ways: readonly Way[]): string {
  const say = (side: Way['side'], where: string): string => {
    const own = ways.filter((way) => way.side === side);
    const parts = GUARDS.toReversed().flatMap((guarding) => {
      const count = own.filter((way) => way.guarding === guarding).length;
      return count === 0 ? [] : [`${count} by ${guarding}`];
    });
    return `${plural(own.length, 'way')} ${where}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`;
  };
  return `${say('server', 'in')}; ${say('client', 'out')}`;
}
