// The TLS of gRPC clients that are no clusters (`google_grpc`): of control planes, authorization and the like.

import type { Difference, Path } from '../meaning/compare.js';
import { MessageMeaning } from '../meaning/meaning.js';
import type { TlsDifference } from './change.js';
import { aroundDifference } from './tls-difference.js';

/** What a change of channel credentials means; undefined where it is not in them. */
export function grpcCredentialsDifference({ path, old, new: now }: Difference): TlsDifference | undefined {
  const below = fieldBelow(path, '.ssl_credentials');
  if (below === '.root_certs') return aroundDifference('root', 'another root is trusted for a gRPC server');
  if (below !== undefined && below !== '')
    return aroundDifference('identity', 'another certificate is presented to a gRPC server');
  const holds =
    below === '' ||
    (path?.step === '.channel_credentials' &&
      [old, now].some((one) => one instanceof MessageMeaning && one.get('ssl_credentials') !== undefined));
  if (!holds) return undefined;
  return now === undefined
    ? aroundDifference('loosened', 'a gRPC server is no longer checked')
    : aroundDifference('tightened', 'a gRPC server is checked now');
}

/** The step below another one: empty at that one itself, undefined outside of it. */
function fieldBelow(path: Path | undefined, step: string): string | undefined {
  let below = '';
  for (let at = path; at !== undefined; below = at.step, at = at.above) if (at.step === step) return below;
  return undefined;
}
