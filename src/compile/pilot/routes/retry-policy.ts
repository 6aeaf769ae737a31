// When a request is sent again (Pilot 1.1's route/retry).

import { STATUS_CODES } from 'node:http';
import type { RetryPolicy } from '../../../envoy/generated/types/envoy/api/v2/route/route_components.js';
import type { HTTPRetry } from '../../../envoy/generated/types/networking/v1alpha3/virtual_service.js';
import { normalDuration } from '../../../mesh/duration.js';

/** What outbound routes that say nothing have: failures after which it is safe to try another endpoint. */
export const DEFAULT_RETRY_POLICY: RetryPolicy = policy(
  2,
  undefined,
  'connect-failure,refused-stream,unavailable,cancelled,resource-exhausted,retriable-status-codes',
  [503],
);

/** A route's policy; none where it asks for no attempts. */
export function retryPolicy(retries: HTTPRetry | undefined): RetryPolicy | undefined {
  if (retries === undefined) return DEFAULT_RETRY_POLICY;
  const attempts = retries.attempts ?? 0;
  if (attempts <= 0) return undefined;
  const { per_try_timeout: timeout, retry_on: conditions } = retries;
  if (!conditions) {
    const { retry_on = '', retriable_status_codes = [] } = DEFAULT_RETRY_POLICY;
    return policy(attempts, timeout, retry_on, retriable_status_codes);
  }
  const parts = conditions.split(',').flatMap((part) => part.trim() || []);
  return policy(
    attempts,
    timeout,
    parts.filter((part) => !isStatusCode(part)).join(','),
    parts.filter(isStatusCode).map(Number),
  );
}

/** Status codes that Node has, and the Go of Istio 1.1 does not. */
const LATER_CODES: ReadonlySet<number> = new Set([103, 421, 425, 509]);

/** A condition that is a number is a status code, where HTTP has it. */
function isStatusCode(condition: string): boolean {
  const code = /^\+?\d+$/.test(condition) ? Number(condition) : 0;
  return STATUS_CODES[code] !== undefined && !LATER_CODES.has(code);
}

function policy(
  attempts: number,
  perTryTimeout: string | undefined,
  conditions: string,
  statusCodes: number[],
): RetryPolicy {
  return {
    ...(conditions !== '' && { retry_on: conditions }),
    num_retries: attempts,
    ...(perTryTimeout !== undefined && { per_try_timeout: normalDuration(perTryTimeout) }),
    // Another endpoint is looked for, a few times.
    retry_host_predicate: [{ name: 'envoy.retry_host_predicates.previous_hosts' }],
    host_selection_retry_max_attempts: '3',
    ...(statusCodes.length > 0 && { retriable_status_codes: statusCodes }),
  };
}
