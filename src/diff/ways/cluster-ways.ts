// The ways out of a cluster: which socket each of its endpoints got, and which it gets.

import { quoted } from '../../secrecy/quoted.js';
import { canonical } from '../meaning/canonical.js';
import type { Meaning } from '../meaning/meaning.js';
import type { TlsDifference } from '../tls/change.js';
import { aroundDifference, changesTrust, loosens } from '../tls/tls-difference.js';
import { isLocal } from './addresses.js';
import { hostNameDifferences } from './host-names.js';
import { fieldOf, itemsOf } from './meanings.js';
import {
  type ClusterSide,
  type Criteria,
  criteriaAskedBy,
  criteriaIn,
  criteriaText,
  type Endpoint,
  entriesOf,
  isSocketChoiceFollowed,
  socketFor,
} from './socket-choice.js';

/** Compares what two transport sockets mean for trust. */
interface SocketComparer {
  differences(old: Meaning | undefined, now: Meaning | undefined): readonly TlsDifference[];
  /** Whether the two are compared already, where they stand. */
  isCompared(old: Meaning | undefined, now: Meaning | undefined): boolean;
}

/** What it means which sockets the endpoints of a cluster got and get. */
export function compareClusterWays(
  old: ClusterSide,
  now: ClusterSide,
  comparer: SocketComparer,
): TlsDifference[] {
  const found = new Map<string, TlsDifference>();
  const add = (one: TlsDifference): void => {
    found.set(`${one.class} ${one.message}`, one);
  };
  const matchers = [old, now].map(({ cluster }) => fieldOf(cluster, 'transport_socket_matcher'));
  const [matcher, later] = matchers.map((one) => (one === undefined ? '' : canonical(one)));
  if (matcher !== later && ![old, now].every(({ cluster }) => isSocketChoiceFollowed(cluster)))
    add(aroundDifference('unknown', 'endpoints may get other transport sockets'));
  if (entriesOf(old.cluster).length > 0 || entriesOf(now.cluster).length > 0) {
    for (const { was, is, who } of pairsOf(old, now)) {
      if (was === is || comparer.isCompared(was, is)) continue;
      for (const one of comparer.differences(was, is))
        if (changesTrust(one))
          add({ ...one, field: '', message: `${who} gets another transport socket: ${one.message}` });
    }
    for (const endpoint of addedEndpoints(old, now)) {
      const one = addedDifference(endpoint, old, now, comparer);
      if (one !== undefined) add(one);
    }
  }
  for (const one of hostNameDifferences(old, now)) add(one);
  const left = leavesHost(old, now);
  if (left !== undefined) add(left);
  return [...found.values()];
}

interface Pair {
  readonly was: Meaning | undefined;
  readonly is: Meaning | undefined;
  readonly who: string;
}

/** The sockets of endpoints that both sides have, and of all that there may be where some are not known. */
function pairsOf(old: ClusterSide, now: ClusterSide): Pair[] {
  const pairs: Pair[] = [];
  const before = new Map(old.endpoints.map((one) => [one.address, one]));
  for (const endpoint of now.endpoints) {
    const earlier = before.get(endpoint.address);
    if (earlier === undefined) continue;
    pairs.push({
      was: socketFor(old.cluster, earlier.own, earlier.locality),
      is: socketFor(now.cluster, endpoint.own, endpoint.locality),
      who: `the endpoint ${quoted(endpoint.address ?? '')}`,
    });
  }
  if (old.isOpen || now.isOpen || pairs.length === 0)
    for (const criteria of possibleCriteria(old.cluster, now.cluster))
      pairs.push({
        was: socketFor(old.cluster, criteria),
        is: socketFor(now.cluster, criteria),
        who: `an endpoint with ${criteria.size === 0 ? 'no metadata' : `the metadata ${quoted(criteriaText(criteria))}`}`,
      });
  pairs.push(...healthCheckPairs(old.cluster, now.cluster));
  return pairs;
}

function possibleCriteria(...clusters: readonly Meaning[]): Criteria[] {
  const all = clusters.flatMap(criteriaAskedBy);
  const distinct = new Map(all.map((criteria) => [criteriaText(criteria), criteria]));
  distinct.set('', new Map());
  return [...distinct.values()];
}

/** Health checks can say for themselves which socket they get. */
function healthCheckPairs(old: Meaning, now: Meaning): Pair[] {
  const [before, after] = [old, now].map((cluster) =>
    itemsOf(cluster, 'health_checks').map((check) => fieldOf(check, 'transport_socket_match_criteria')),
  );
  return (after ?? []).flatMap((criteria, i) => {
    const earlier = before?.[i];
    if (criteria === undefined && earlier === undefined) return [];
    const socket = (cluster: Meaning, given: Meaning | undefined): Meaning | undefined =>
      socketFor(cluster, criteriaIn(given));
    return [{ was: socket(old, earlier), is: socket(now, criteria), who: 'a health check' }];
  });
}

function addedEndpoints(old: ClusterSide, now: ClusterSide): Endpoint[] {
  const before = new Set(old.endpoints.map(({ address }) => address));
  return now.endpoints.filter(({ address }) => !before.has(address));
}

/** An endpoint that was not there gets a socket like one of those before, or it is another way out. */
function addedDifference(
  endpoint: Endpoint,
  old: ClusterSide,
  now: ClusterSide,
  comparer: SocketComparer,
): TlsDifference | undefined {
  const socket = socketFor(now.cluster, endpoint.own, endpoint.locality);
  const earlier = old.endpoints.map(({ own, locality }) => socketFor(old.cluster, own, locality));
  const all = new Set(earlier.length > 0 ? earlier : [fieldOf(old.cluster, 'transport_socket')]);
  const differences = [...all].map((one) => comparer.differences(one, socket));
  if (differences.some((some) => !some.some(loosens))) return undefined;
  const why = differences[0]?.find(loosens);
  return (
    why && {
      ...why,
      field: '',
      message: `the endpoint ${quoted(endpoint.address ?? '')} is added with a transport socket that no other has: ${why.message}`,
    }
  );
}

/** What went in plain text from process to process of one host goes over the network in plain text. */
function leavesHost(old: ClusterSide, now: ClusterSide): TlsDifference | undefined {
  const plain = ({ cluster, endpoints }: ClusterSide): string[] =>
    endpoints.flatMap(({ address, own, locality }) =>
      address !== undefined && guardOfSocket(socketFor(cluster, own, locality)) === 0 ? [address] : [],
    );
  const [before, after] = [plain(old), plain(now)];
  if (before.length === 0 || !before.every(isLocal)) return undefined;
  const [outside] = after.filter((address) => !isLocal(address));
  if (
    now.endpoints.length === 0 &&
    now.isOpen &&
    guardOfSocket(fieldOf(now.cluster, 'transport_socket')) === 0
  )
    return aroundDifference(
      'unknown',
      'plain text stayed on the host; where the endpoints are now is unknown',
    );
  return outside === undefined
    ? undefined
    : aroundDifference('loosened', `plain text stayed on the host and now goes to ${quoted(outside)}`);
}

function guardOfSocket(socket: Meaning | undefined): number {
  return socket === undefined ? 0 : 1;
}
