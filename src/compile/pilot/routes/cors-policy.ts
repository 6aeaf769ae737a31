// Requests from other origins that a route allows (Pilot 1.1's translateCORSPolicy).

import type { CorsPolicy as EnvoyCorsPolicy } from '../../../envoy/generated/types/envoy/api/v2/route/route_components.js';
import type { CorsPolicy } from '../../../envoy/generated/types/networking/v1alpha3/virtual_service.js';
import { wholeSeconds } from '../../../mesh/duration.js';
import type { Context } from '../context/context.js';

/** Envoy's policy; proxies before 1.1 have an earlier switch to turn it on. */
export function corsPolicy({ proxy }: Context, cors: CorsPolicy): EnvoyCorsPolicy {
  const { allow_origin = [], allow_methods = [], allow_headers = [], expose_headers = [] } = cors;
  return {
    ...(allow_origin.length > 0 && { allow_origin }),
    ...(allow_methods.length > 0 && { allow_methods: allow_methods.join(',') }),
    ...(allow_headers.length > 0 && { allow_headers: allow_headers.join(',') }),
    ...(expose_headers.length > 0 && { expose_headers: expose_headers.join(',') }),
    ...(cors.max_age !== undefined && { max_age: String(wholeSeconds(cors.max_age)) }),
    ...(cors.allow_credentials !== undefined && { allow_credentials: cors.allow_credentials }),
    ...(proxy.isVersion11 ? { filter_enabled: { default_value: { numerator: 100 } } } : { enabled: true }),
  };
}
