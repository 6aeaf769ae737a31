// Faults that a route injects, and its answers to requests of other origins.

import type { Any } from '#any-json';
import type {
  CorsPolicy,
  HTTPFaultInjection,
  Percent,
} from '../../../envoy/generated/types/networking/v1/virtual_service.js';
import { typed } from '../context/extensions.js';
import { stringMatcher } from '../context/matchers.js';

/** A percentage, with four digits after the point. */
export function millionths({ value = 0 }: Percent): object {
  return { numerator: Math.trunc(value * 10_000), denominator: 'MILLION' };
}

/** A whole percentage. */
export function hundredths(value: number): object {
  return { numerator: value, denominator: 'HUNDRED' };
}

const GRPC_STATUSES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

/** A route's faults. */
export function faultConfig({ delay, abort }: HTTPFaultInjection): Any {
  return typed('envoy.extensions.filters.http.fault.v3.HTTPFault', {
    ...(delay?.fixed_delay !== undefined && {
      delay: {
        percentage: delay.percentage ? millionths(delay.percentage) : hundredths(delay.percent ?? 0),
        fixed_delay: delay.fixed_delay,
      },
    }),
    ...(abort !== undefined && abortOf(abort)),
  });
}

function abortOf(abort: NonNullable<HTTPFaultInjection['abort']>): object {
  const { http_status, grpc_status, percentage } = abort;
  const share = percentage && { percentage: millionths(percentage) };
  if (http_status !== undefined) return { abort: { ...share, http_status } };
  if (grpc_status === undefined) return {};
  return { abort: { ...share, grpc_status: Math.max(GRPC_STATUSES.indexOf(grpc_status), 0) } };
}

/** A route's answers to other origins. */
export function corsConfig(cors: CorsPolicy): Any {
  const { allow_origins, allow_origin, max_age, allow_credentials } = cors;
  const origins = allow_origins?.flatMap((origin) => stringMatcher(origin) ?? []) ?? exactAll(allow_origin);
  const joined = (field: string, items: readonly string[] | undefined): object =>
    items === undefined || items.length === 0 ? {} : { [field]: items.join(',') };
  return typed('envoy.extensions.filters.http.cors.v3.CorsPolicy', {
    forward_not_matching_preflights: cors.unmatched_preflights !== 'IGNORE',
    ...(origins !== undefined && origins.length > 0 && { allow_origin_string_match: origins }),
    filter_enabled: { default_value: hundredths(100) },
    ...(allow_credentials !== undefined && { allow_credentials }),
    ...joined('allow_headers', cors.allow_headers),
    ...joined('allow_methods', cors.allow_methods),
    ...joined('expose_headers', cors.expose_headers),
    ...(max_age !== undefined && { max_age: String(Math.trunc(Number.parseFloat(max_age))) }),
  });
}

function exactAll(origins: readonly string[] | undefined) {
  return origins?.map((exact) => ({ exact }));
}
