// Which transport socket an endpoint of a cluster gets: Envoy tries the entries of `transport_socket_matches` in
// their order against the endpoint's metadata, then against its locality's, and takes the cluster's own socket
// where none fits.

import { oncePer } from '../../collections/once-per.js';
import { canonical } from '../meaning/canonical.js';
import type { Meaning } from '../meaning/meaning.js';
import { addressText } from './addresses.js';
import { type Matcher, readMatcher } from './matcher.js';
import { fieldOf, itemsOf, textOf, typeOf } from './meanings.js';

/** The metadata that entries are tried against: texts of values by key. */
export type Criteria = ReadonlyMap<string, string>;

/** An endpoint of a cluster. */
export interface Endpoint {
  readonly address: string | undefined;
  readonly own: Criteria;
  readonly locality: Criteria;
  readonly meaning: Meaning;
}

/** One side's cluster and the endpoints that are known of it. */
export interface ClusterSide {
  readonly cluster: Meaning;
  readonly endpoints: readonly Endpoint[];
  /** Whether there may be endpoints that are not known. */
  readonly isOpen: boolean;
}

const SOCKET_MATCH = 'envoy.transport_socket_match';
const NONE: Criteria = new Map();

/** Criteria in a Struct. */
export function criteriaIn(struct: Meaning | undefined): Criteria {
  return struct?.shape === 'map'
    ? new Map([...struct.members].map(([name, value]) => [name, canonical(value)]))
    : NONE;
}

/** The criteria of something with metadata. */
function criteriaOf(holder: Meaning): Criteria {
  return criteriaIn(fieldOf(holder, 'metadata', 'filter_metadata', SOCKET_MATCH));
}

/** Criteria as text, the same for the same. */
export function criteriaText(criteria: Criteria): string {
  return [...criteria]
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join();
}

/** The endpoints of a load assignment. */
export function endpointsIn(assignment: Meaning | undefined): Endpoint[] {
  return itemsOf(assignment, 'endpoints').flatMap((group) => {
    const locality = criteriaOf(group);
    return itemsOf(group, 'lb_endpoints').map((meaning) => ({
      address: addressText(fieldOf(meaning, 'endpoint', 'address')),
      own: criteriaOf(meaning),
      locality,
      meaning,
    }));
  });
}

/** The endpoints that a cluster names itself, also in v2's `hosts`. */
export function ownEndpoints(cluster: Meaning): Endpoint[] {
  const hosts = itemsOf(cluster, 'hosts').map((meaning) => ({
    address: addressText(meaning),
    own: NONE,
    locality: NONE,
    meaning,
  }));
  return [...hosts, ...endpointsIn(fieldOf(cluster, 'load_assignment'))];
}

/** The entries of a cluster's `transport_socket_matches`. */
export function entriesOf(cluster: Meaning): readonly Meaning[] {
  return itemsOf(cluster, 'transport_socket_matches');
}

/** The criteria that an entry asks for. */
function wantedBy(entry: Meaning): Criteria {
  return criteriaIn(fieldOf(entry, 'match'));
}

/** A cluster's `transport_socket_matcher`, which takes the place of the metadata that its entries ask for. */
const matcherOf = oncePer((cluster: Meaning): Matcher | undefined => {
  const matcher = declaredMatcher(cluster);
  return matcher && readMatcher(matcher, inputOf, (action) => textOf(action, 'name'));
});

function declaredMatcher(cluster: Meaning): Meaning | undefined {
  return fieldOf(cluster, 'transport_socket_matcher');
}

const OWN = 'own ';
const LOCALITY = 'locality ';

/** Only what is known of endpoints by the metadata for the choice of sockets is followed. */
function inputOf(input: Meaning | undefined): string | undefined {
  const keys = itemsOf(input, 'path').map((segment) => textOf(segment, 'key') ?? '');
  if (keys.length !== 1 || (textOf(input, 'filter') ?? SOCKET_MATCH) !== SOCKET_MATCH) return undefined;
  switch (typeOf(input)) {
    case 'EndpointMetadataInput':
      return `${OWN}${keys[0]}`;
    case 'LocalityMetadataInput':
      return `${LOCALITY}${keys[0]}`;
    default:
      return undefined;
  }
}

/** Whether it is known which socket each endpoint of a cluster gets. */
export function isSocketChoiceFollowed(cluster: Meaning): boolean {
  return declaredMatcher(cluster) === undefined || matcherOf(cluster) !== undefined;
}

/** The metadata that endpoints of a cluster may be told apart by. */
export function criteriaAskedBy(cluster: Meaning): Criteria[] {
  const matcher = matcherOf(cluster);
  if (matcher === undefined) return entriesOf(cluster).map(wantedBy);
  return matcher.asked.flatMap(({ input, texts }) =>
    input.startsWith(OWN)
      ? texts.map((text) => new Map([[input.slice(OWN.length), JSON.stringify(text)]]))
      : [],
  );
}

/** The socket for an endpoint with these criteria; undefined for none, which is plain text. */
export function socketFor(cluster: Meaning, own: Criteria, locality: Criteria = NONE): Meaning | undefined {
  const entries = entriesOf(cluster);
  const matcher = matcherOf(cluster);
  if (matcher !== undefined) {
    const name = matcher.choose((input) =>
      input.startsWith(OWN)
        ? plainText(own.get(input.slice(OWN.length)))
        : plainText(locality.get(input.slice(LOCALITY.length))),
    );
    const chosen = entries.find((entry) => textOf(entry, 'name') === name);
    return fieldOf(chosen ?? cluster, 'transport_socket');
  }
  const fits = (criteria: Criteria) => (entry: Meaning) =>
    [...wantedBy(entry)].every(([name, value]) => criteria.get(name) === value);
  const entry = entries.find(fits(own)) ?? (locality.size > 0 ? entries.find(fits(locality)) : undefined);
  return fieldOf(entry ?? cluster, 'transport_socket');
}

/** What a value of metadata is as text: criteria hold it as JSON. */
function plainText(value: string | undefined): string | undefined {
  return value?.startsWith('"') ? String(JSON.parse(value)) : value;
}

/** The name that a cluster's endpoints are asked for by. */
export function endpointsName(cluster: Meaning): string {
  return textOf(cluster, 'eds_cluster_config', 'service_name') ?? textOf(cluster, 'name') ?? '';
}

/** Whether a cluster's endpoints come from elsewhere than its own declaration. */
export function isDiscovered(cluster: Meaning): boolean {
  return fieldOf(cluster, 'eds_cluster_config') !== undefined || textOf(cluster, 'type') === 'EDS';
}
