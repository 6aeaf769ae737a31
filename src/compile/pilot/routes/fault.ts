// Faults that a route injects (Pilot 1.1's translateFault).

import type { Route } from '../../../envoy/generated/types/envoy/api/v2/route/route_components.js';
import type { HTTPFault } from '../../../envoy/generated/types/envoy/config/filter/http/fault/v2/fault.js';
import type { FractionalPercent } from '../../../envoy/generated/types/envoy/type/percent.js';
import type {
  HTTPFaultInjection,
  Percent,
} from '../../../envoy/generated/types/networking/v1alpha3/virtual_service.js';
import { normalDuration } from '../../../mesh/duration.js';
import type { Context } from '../context/context.js';
import { isTyped } from '../context/extension.js';

const FAULT = 'envoy.fault';
const TYPE = 'envoy.config.filter.http.fault.v2.HTTPFault';

/** Percentages are given in parts of a million. */
const MILLION_PER_CENT = 10_000;

/** A route's fault in the field that the proxy reads; nothing where there is none that is supported. */
export function faultConfig(
  context: Context,
  fault: HTTPFaultInjection | undefined,
): Pick<Route, 'per_filter_config' | 'typed_per_filter_config'> {
  const config = fault === undefined ? undefined : httpFault(fault);
  if (config === undefined) return {};
  return isTyped(context)
    ? { typed_per_filter_config: { [FAULT]: { '@type': `type.googleapis.com/${TYPE}`, ...config } } }
    : { per_filter_config: { [FAULT]: config } };
}

/** Only delays of a fixed time and HTTP statuses are supported. */
function httpFault({ delay, abort }: HTTPFaultInjection): HTTPFault | undefined {
  const fault: HTTPFault = {
    ...(delay?.fixed_delay !== undefined && {
      delay: {
        fixed_delay: normalDuration(delay.fixed_delay),
        percentage: fraction(delay.percentage, delay.percent),
      },
    }),
    ...(abort?.http_status !== undefined && {
      abort: { http_status: abort.http_status, percentage: fraction(abort.percentage, abort.percent) },
    }),
  };
  return Object.keys(fault).length > 0 ? fault : undefined;
}

function fraction(percentage: Percent | undefined, percent: number | undefined): FractionalPercent {
  const value = percentage === undefined ? (percent ?? 0) : (percentage.value ?? 0);
  const numerator = Math.trunc(value * MILLION_PER_CENT);
  return { ...(numerator !== 0 && { numerator }), denominator: 'MILLION' };
}
