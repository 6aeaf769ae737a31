// What Envoy asks of other filters for HTTP.

import type { Message } from '../../../envoy/message.js';
import type { NormalValue } from '../../../envoy/normal-value.js';
import { configurationsOf } from '../../../envoy/versions/extension-names.js';
import { quoted } from '../../../secrecy/quoted.js';
import { fieldAt, lineOf } from '../../place.js';
import type { Instance } from '../../run.js';
import type { StartupCheck } from '../check.js';
import { isForeign, saidType } from '../registered.js';
import { integerOf, isOn, secondsOf } from '../values.js';
import { isOfRoute } from './rate-limits.js';

export const healthCheckCache: StartupCheck = {
  code: 'health-check-cache',
  on: ['envoy.extensions.filters.http.health_check.v3.HealthCheck'],
  finds: 'answers to health checks are cached that are not passed through',
  refusal: 'cache_time_ms must not be set when path_through_mode is disabled',
  remedy: 'set pass_through_mode: true, or remove cache_time',
  check(filter, report) {
    const time = secondsOf(filter, 'cache_time');
    if (time !== undefined && time > 0 && !isOn(filter, 'pass_through_mode'))
      report(fieldAt(filter, 'cache_time'), { message: 'cache_time needs pass_through_mode: true' });
  },
};

const CRITERIA = 'envoy.extensions.filters.http.admission_control.v3.AdmissionControl.SuccessCriteria';

export const admissionCriteria: StartupCheck = {
  code: 'admission-criteria',
  on: [`${CRITERIA}.HttpCriteria`, `${CRITERIA}.GrpcCriteria`],
  finds: 'admission control takes for success what is not a status',
  refusal: 'invalid HTTP range: [400, 100)',
  remedy: 'write ranges between 100 and 600 that begin before they end, and gRPC statuses from 0 to 16',
  check(criteria, report) {
    if (criteria.type.name.endsWith('GrpcCriteria')) {
      if (criteria.texts('grpc_success_status').some((status) => Number(status) > 16))
        report(fieldAt(criteria, 'grpc_success_status'), {
          message: 'a gRPC status is at most 16',
          expected: '0 to 16',
        });
      return;
    }
    for (const range of criteria.messages('http_success_status')) {
      const [start, end] = [integerOf(range, 'start') ?? 0, integerOf(range, 'end') ?? 0];
      if (start <= end && start >= 100 && end <= 600) continue;
      report(fieldAt(range, range.has('start') ? 'start' : undefined), {
        message: `the statuses from ${start} up to but not including ${end} are not a range of HTTP statuses`,
        expected: 'a range between 100 and 600',
      });
    }
  },
};

export const admissionThreshold: StartupCheck = {
  code: 'admission-threshold',
  on: ['envoy.extensions.filters.http.admission_control.v3.AdmissionControl'],
  finds: 'the threshold of admission control is below one percent',
  refusal: 'Success rate threshold cannot be less than 1.0%.',
  remedy: 'write the threshold in percent, as in 95',
  check(filter, report) {
    const value = filter.message('sr_threshold')?.message('default_value');
    const percent = Number(value?.text('value') ?? Number.NaN);
    if (value !== undefined && percent < 1)
      report(fieldAt(value, 'value'), {
        message: 'sr_threshold is below 1 percent',
        expected: '1 to 100',
      });
  },
};

/** Envoy finds these by their names, and not by the types of their configurations. */
export const sessionState: StartupCheck = {
  code: 'session-state-name',
  on: ['envoy.extensions.filters.http.stateful_session.v3.StatefulSession'],
  finds: 'the state of sessions is called by a name that Envoy does not know, or that is not of its type',
  refusal: "Didn't find a registered implementation for name: '…'",
  remedy: 'write the name of the extension: Envoy finds it by its name, and not by the type',
  check(filter, report) {
    const state = filter.message('session_state');
    if (state === undefined || isForeign(state)) return;
    const name = state.text('name') ?? '';
    const type = saidType(state)?.name;
    const types = name.startsWith('envoy.http.stateful_session.') ? configurationsOf(name) : [];
    if (type === undefined || types.includes(type)) return;
    const kind = /\.stateful_session\.([a-z_]+)\.v3\./.exec(type)?.[1];
    report(fieldAt(state, 'name'), {
      message:
        types.length === 0
          ? `Envoy has no extension of the name ${quoted(name)}`
          : `${quoted(name)} is not configured by ${type}`,
      ...(kind !== undefined && { suggestion: `envoy.http.stateful_session.${kind}` }),
    });
  },
};

export const cdnId: StartupCheck = {
  code: 'cdn-id',
  on: ['envoy.extensions.filters.http.cdn_loop.v3.CdnLoopConfig'],
  finds: 'the name of a content delivery network is not one that a CDN-Loop header can have',
  refusal: 'Provided cdn_id "…" is not a valid CDN identifier',
  remedy: 'write a host name, with a port where it needs one, or another token (RFC 8586)',
  check(filter, report) {
    const id = filter.text('cdn_id') ?? '';
    if (id === '' || id.startsWith('[') || isToken(id)) return;
    report(fieldAt(filter, 'cdn_id'), {
      message: 'this cannot be the name of a network in a CDN-Loop header',
    });
  },
};

/** A token of HTTP, and a port behind a colon; addresses in brackets are not judged. */
function isToken(id: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?::\d*)?$/.test(id);
}

export const routeLimit: StartupCheck = {
  code: 'route-bandwidth',
  on: ['envoy.extensions.filters.http.bandwidth_limit.v3.BandwidthLimit'],
  finds: 'the bandwidth limit of a route has no limit',
  refusal: 'limit must be set for per route filter config',
  remedy: 'set limit_kbps',
  check(filter, report) {
    if (isOfRoute(filter) && !filter.has('limit_kbps'))
      report(fieldAt(filter), { message: 'the bandwidth limit of a route needs limit_kbps' });
  },
};

export const cacheStore: StartupCheck = {
  code: 'cache-store',
  on: [
    'envoy.extensions.filters.http.cache.v3.CacheConfig',
    'envoy.extensions.filters.http.cache_v2.v3.CacheV2Config',
  ],
  finds: 'the cache filter has no store and is not switched off',
  refusal: 'at least one of typed_config or disabled must be set',
  remedy: 'set typed_config with the configuration of a store, or disabled: true',
  check(filter, report) {
    if (!filter.has('typed_config') && !isOn(filter, 'disabled'))
      report(fieldAt(filter), { message: 'this cache has no store: typed_config is missing' });
  },
};

export const signingRegion: StartupCheck = {
  code: 'aws-region',
  on: ['envoy.extensions.filters.http.aws_request_signing.v3.AwsRequestSigning'],
  finds: 'requests are signed for several regions by an algorithm for one',
  refusal: 'SigV4 region string cannot contain wildcards or commas.',
  remedy: 'write one region, or set signing_algorithm: AWS_SIGV4A',
  check(filter, report) {
    const isSingle = (filter.enumName('signing_algorithm') ?? 'AWS_SIGV4') === 'AWS_SIGV4';
    if (isSingle && /[*,]/.test(filter.text('region') ?? ''))
      report(fieldAt(filter, 'region'), {
        message: 'AWS_SIGV4 signs for one region',
        expected: 'one region',
      });
  },
};

export const lambdaArn: StartupCheck = {
  code: 'lambda-arn',
  on: ['envoy.extensions.filters.http.aws_lambda.v3.Config'],
  finds: 'the name of a Lambda function is not an ARN',
  refusal: 'aws_lambda_filter: Invalid ARN: …',
  remedy: 'write the whole ARN, arn:aws:lambda:REGION:ACCOUNT:function:NAME',
  check(filter, report) {
    const arn = filter.text('arn') ?? '';
    if (arn !== '' && (!arn.startsWith('arn:') || arn.split(':').length < 7))
      report(fieldAt(filter, 'arn'), { message: 'this is not the ARN of a function' });
  },
};

/** The caches that were seen, of each instance. */
const caches = new WeakMap<Instance, Map<string, Message>>();

export const dnsCache: StartupCheck = {
  code: 'dns-caches-differ',
  on: ['envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig'],
  finds: 'two DNS caches of one name have different settings',
  refusal: "config specified DNS cache '…' with different settings",
  remedy: 'write the same settings in the filter and in the cluster, or give the caches different names',
  check(cache, report, { instance }) {
    const seen = caches.get(instance) ?? new Map<string, Message>();
    caches.set(instance, seen);
    const name = cache.text('name') ?? '';
    const first = seen.get(name);
    if (first === undefined) seen.set(name, cache);
    else if (settings(first.toValue()) !== settings(cache.toValue()))
      report(fieldAt(cache, 'name'), {
        message: `the DNS cache of the same name at ${lineOf(fieldAt(first, 'name'))} has other settings`,
      });
  },
};

/** What is set, in an order of its own; what may be a default counts as not set. */
function settings(value: NormalValue): string {
  return JSON.stringify(value, (_, one: unknown) => {
    if (typeof one !== 'object' || one === null || Array.isArray(one)) return one;
    const kept = Object.entries(one).filter(([, part]) => !isDefault(part));
    return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function isDefault(value: unknown): boolean {
  return (
    ['', '0', '0s', 'false', 'AUTO'].includes(String(value)) || (Array.isArray(value) && value.length === 0)
  );
}
