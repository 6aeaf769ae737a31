// When a request is sent again (istiod 1.29's route/retry).

import { STATUS_CODES } from 'node:http';
import type { RetryPolicy } from '../../../envoy/generated/types/envoy/config/route/v3/route_components.js';
import type { HTTPRetry } from '../../../envoy/generated/types/networking/v1/virtual_service.js';
import { typed } from '../context/extensions.js';

const RETRY_ON = 'connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes';

const OTHER_HOSTS: RetryPolicy['retry_host_predicate'] = [
  {
    name: 'envoy.retry_host_predicates.previous_hosts',
    typed_config: typed('envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate', {}),
  },
];

const OTHER_LOCALITIES: RetryPolicy['retry_priority'] = {
  name: 'envoy.retry_priorities.previous_priorities',
  typed_config: typed('envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig', {
    update_frequency: 2,
  }),
};

/**
 * A retry policy; none where no attempts are wanted.
 *
 * @param isHashed whether endpoints are chosen by a hash: then the same one is tried again
 */
export function retryPolicy(retries: HTTPRetry | undefined, isHashed: boolean): RetryPolicy | undefined {
  const policy: RetryPolicy = {
    num_retries: 2,
    retry_on: RETRY_ON,
    host_selection_retry_max_attempts: '5',
    ...(!isHashed && { retry_host_predicate: OTHER_HOSTS }),
  };
  if (retries === undefined) return policy;
  const { attempts = 0, retry_on = '', per_try_timeout, retry_ignore_previous_hosts: others } = retries;
  if (attempts <= 0) return undefined;
  policy.num_retries = attempts;
  if (retry_on !== '') Object.assign(policy, conditions(retry_on));
  if (per_try_timeout !== undefined) policy.per_try_timeout = per_try_timeout;
  if (others === true) policy.retry_host_predicate = OTHER_HOSTS;
  if (others === false) delete policy.retry_host_predicate;
  if (retries.retry_remote_localities === true) policy.retry_priority = OTHER_LOCALITIES;
  if (retries.backoff !== undefined) policy.retry_back_off = { base_interval: retries.backoff };
  return policy;
}

/** Numbers among conditions are status codes. */
function conditions(text: string): Pick<RetryPolicy, 'retry_on' | 'retriable_status_codes'> {
  const parts = text.split(',').flatMap((part) => part.trim() || []);
  const codes = parts.filter(isStatusCode).map(Number);
  const others = parts.filter((part) => !isStatusCode(part)).join(',');
  if (codes.length === 0) return { retry_on: others };
  return {
    retry_on: others.includes('retriable-status-codes') ? others : `${others},retriable-status-codes`,
    retriable_status_codes: codes,
  };
}

/** The status codes that Node has and Go has not. */
const ONLY_IN_NODE: ReadonlySet<number> = new Set([509]);

function isStatusCode(part: string): boolean {
  const code = /^\+?\d+$/.test(part) ? Number(part) : 0;
  return STATUS_CODES[code] !== undefined && !ONLY_IN_NODE.has(code);
}
