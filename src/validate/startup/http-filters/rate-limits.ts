// What Envoy asks of local rate limits, in filters of connections and of requests, and of the actions that
// rate limit filters have themselves.

import type { Message } from '../../../envoy/message.js';
import { fieldAt, lineOf } from '../../place.js';
import type { Report } from '../../rule.js';
import type { StartupCheck } from '../check.js';
import { secondsOf } from '../values.js';

const HTTP_LOCAL = 'envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit';
const LOCAL = [HTTP_LOCAL, 'envoy.extensions.filters.network.local_ratelimit.v3.LocalRateLimit'];

export const fillInterval: StartupCheck = {
  code: 'fill-interval',
  on: LOCAL,
  finds: 'the bucket of a local rate limit is filled more often than every 50 ms',
  refusal: 'local rate limit token bucket fill timer must be >= 50ms',
  remedy: 'set fill_interval to 0.05s or more, with more tokens_per_fill',
  check(at, report) {
    lookAtBucket(at.message('token_bucket'), report);
    if (at.type.name !== HTTP_LOCAL) return;
    for (const descriptor of at.messages('descriptors'))
      lookAtBucket(descriptor.message('token_bucket'), report);
  },
};

function lookAtBucket(bucket: Message | undefined, report: Report): void {
  const interval = bucket === undefined ? undefined : secondsOf(bucket, 'fill_interval');
  if (bucket === undefined || interval === undefined || interval >= 0.05) return;
  report(fieldAt(bucket, 'fill_interval'), {
    message: 'the bucket of a local rate limit cannot be filled more often than every 50 ms',
    expected: 'at least 0.05s',
  });
}

export const bucketOfRoute: StartupCheck = {
  code: 'route-without-bucket',
  on: [HTTP_LOCAL],
  finds: 'a local rate limit of a route has no bucket',
  refusal: 'local rate limit token bucket must be set for per filter configs',
  remedy: 'add token_bucket',
  check(at, report) {
    if (isOfRoute(at) && !at.has('token_bucket'))
      report(fieldAt(at), {
        message: 'a local rate limit of a route needs a token_bucket of its own',
      });
  },
};

export const descriptorTwice: StartupCheck = {
  code: 'descriptor-twice',
  on: [HTTP_LOCAL],
  finds: 'two descriptors of a local rate limit are the same',
  refusal: 'duplicate descriptor in the local rate descriptor: …',
  remedy: 'remove one of the two',
  check(at, report) {
    const seen = new Map<string, Message>();
    for (const descriptor of at.messages('descriptors')) {
      const entries = descriptor
        .messages('entries')
        .map((one) => [one.text('key') ?? '', one.text('value') ?? '']);
      const key = JSON.stringify(entries);
      const first = seen.get(key);
      if (first === undefined) seen.set(key, descriptor);
      else
        report(fieldAt(descriptor, 'entries'), {
          message: `the descriptor at ${lineOf(fieldAt(first, 'entries'))} has the same entries`,
        });
    }
  },
};

export const localClusterLimit: StartupCheck = {
  code: 'no-local-cluster',
  on: [HTTP_LOCAL],
  finds: 'a rate limit is shared in the local cluster, and no cluster is local',
  refusal: 'local_cluster_rate_limit is set but no local cluster name is present',
  remedy: 'set cluster_manager.local_cluster_name in the bootstrap',
  check(at, report, { instance }) {
    if (!at.has('local_cluster_rate_limit') || instance.bootstrap === undefined) return;
    if (instance.bootstrap.message('cluster_manager')?.text('local_cluster_name')) return;
    report(fieldAt(at, 'local_cluster_rate_limit'), {
      message: 'local_cluster_rate_limit is set, and the bootstrap names no local cluster',
    });
  },
};

/** What the route's own rate limits take, and those of a filter do not. */
export const filterRateLimit: StartupCheck = {
  code: 'filter-rate-limit',
  on: [HTTP_LOCAL, 'envoy.extensions.filters.http.ratelimit.v3.RateLimitPerRoute'],
  finds: 'a rate limit of a filter has a field that only those of routes have',
  refusal: "'stage' field and 'disable_key' field are not supported",
  remedy: 'remove the field',
  check(at, report) {
    const unsupported =
      at.type.name === HTTP_LOCAL ? ['stage', 'disable_key', 'limit'] : ['stage', 'disable_key'];
    for (const limit of at.messages('rate_limits'))
      for (const field of unsupported)
        if (field === 'disable_key' ? (limit.text(field) ?? '') !== '' : limit.has(field))
          report(fieldAt(limit, field), { message: `rate limits of a filter take no ${field}` });
  },
};

/** Whether a configuration of a filter stands in a route, and not in a list of filters. */
export function isOfRoute(at: Message): boolean {
  const around = at.around?.type.name === 'envoy.config.route.v3.FilterConfig' ? at.around.around : at.around;
  return around?.type.field('typed_per_filter_config') !== undefined;
}
