// The ways out of a gRPC service: through a cluster of Envoy, or by a channel that gRPC makes itself.

import type { Fragment } from '../../source/fragment.js';
import { plainFragment } from '../meaning/fragment.js';
import type { Meaning } from '../meaning/meaning.js';
import type { TlsDifference } from '../tls/change.js';
import {
  allChannelDifferences,
  type Channel,
  channelOf,
  grpcCluster,
  metadataOf,
  rankOf,
} from '../tls/grpc-channel.js';
import { aroundDifference } from '../tls/tls-difference.js';
import type { References } from './references.js';
import type { ReferenceComparer } from './route-ways.js';

/** Headers by which a client may show who it is. */
const PROVES_IDENTITY = /auth|token|cookie|secret|key|credential|jwt|bearer|password|signature/;

/**
 * What two gRPC services differ in.
 *
 * @param configures whether they deliver configuration, which may be another one for another client
 */
export function grpcDifferences(
  old: Meaning,
  now: Meaning,
  configures: boolean,
  comparer: ReferenceComparer,
): readonly TlsDifference[] {
  const [was, is] = [plainFragment(old), plainFragment(now)];
  const [asked, asks] = [was, is].map((one) =>
    metadataOf(one, (key) => configures || PROVES_IDENTITY.test(key)),
  );
  const found = serverDifferences(was, is, comparer);
  if (asked === asks) return found;
  const client = configures
    ? aroundDifference('unknown', 'another client asks for configuration; what it is given is unknown')
    : aroundDifference('identity', 'calls to a gRPC server present other credentials');
  return [...found, client];
}

/** What two services differ in but for the headers of their calls. */
function serverDifferences(
  was: Fragment | undefined,
  is: Fragment | undefined,
  comparer: ReferenceComparer,
): readonly TlsDifference[] {
  const [before, after] = [channelOf(was), channelOf(is)];
  if (before !== undefined && after !== undefined) return allChannelDifferences(before, after);
  const [cluster, later] = [grpcCluster(was), grpcCluster(is)];
  if (cluster !== undefined && later !== undefined)
    return cluster === later ? [] : comparer.replaced(reference(cluster), reference(later));
  const [channel, through] = before === undefined ? [after, cluster] : [before, later];
  if (channel?.target.startsWith('unix:') && comparer.addresses(through ?? '').join() === channel.target)
    return [];
  if (before !== undefined && later !== undefined)
    return between(rank(before), comparer.guard(reference(later)));
  if (after !== undefined && cluster !== undefined)
    return between(comparer.guard(reference(cluster)), rank(after));
  return [];
}

function reference(cluster: string): References {
  return { clusters: [cluster], open: [] };
}

/** A channel's security among those of clusters. */
function rank({ security }: Channel): number {
  return [0, 3, 2, 2][rankOf(security)] as number;
}

/** Between a cluster and a channel only how they are kept can be told. */
function between(old: number | undefined, now: number | undefined): TlsDifference[] {
  if (old !== undefined && now !== undefined && now < old)
    return [aroundDifference('loosened', 'a gRPC server is no longer checked')];
  if (old === 0 && now === 0) return [];
  return [aroundDifference('unknown', 'a gRPC server is reached in another way and may not be the same one')];
}
