// What istiod 1.29 asks of its resources beyond the names and types of fields: what has to be there, which
// numbers make sense, and the checks of each message (Istio's pkg/config/validation).

import { CLIENT_POLICIES } from './client-policies.js';
import { MESH_SETTINGS } from './mesh-settings.js';
import { COUNT, type MessageRule, PERCENT, PORT, type Range } from './message-rule.js';
import type { Check } from './problems.js';
import { ROUTES } from './routes.js';
import { SECURITY, SELECTORS, TELEMETRY } from './security.js';
import { SERVERS } from './servers.js';

const ANY_PORT: Range = { least: 0, most: 65535 };

const NETWORKING: { readonly [type: string]: MessageRule } = {
  DestinationRule: { required: ['host'] },
  Subset: { required: ['name'] },
  'TrafficPolicy.PortTrafficPolicy': { required: ['port'] },
  'TrafficPolicy.TunnelSettings': {
    required: ['target_host', 'target_port'],
    ranges: { target_port: PORT },
  },
  PortSelector: { required: ['number'], ranges: { number: PORT } },
  'ConnectionPoolSettings.TCPSettings': { ranges: { max_connections: COUNT } },
  'ConnectionPoolSettings.HTTPSettings': {
    ranges: {
      http1_max_pending_requests: COUNT,
      http2_max_requests: COUNT,
      max_requests_per_connection: COUNT,
      max_retries: COUNT,
      max_concurrent_streams: COUNT,
    },
  },
  ConnectionPoolSettings: { oneOf: ['tcp', 'http'] },
  OutlierDetection: { ranges: { max_ejection_percent: PERCENT, min_health_percent: PERCENT } },
  'LoadBalancerSettings.ConsistentHashLB': {
    oneOf: ['http_header_name', 'http_cookie', 'use_source_ip', 'http_query_parameter_name'],
  },
  'LoadBalancerSettings.ConsistentHashLB.HTTPCookie': { required: ['name'] },
  'LocalityLoadBalancerSetting.Distribute': { required: ['from', 'to'] },
  'LocalityLoadBalancerSetting.Failover': { required: ['from', 'to'] },
  TLSRoute: { required: ['match', 'route'] },
  TCPRoute: { required: ['route'] },
  TLSMatchAttributes: { required: ['sni_hosts'], ranges: { port: ANY_PORT } },
  L4MatchAttributes: { ranges: { port: ANY_PORT } },
  HTTPMatchRequest: { ranges: { port: ANY_PORT } },
  HTTPRouteDestination: { required: ['destination'], ranges: { weight: COUNT } },
  RouteDestination: { required: ['destination'], ranges: { weight: COUNT } },
  HTTPMirrorPolicy: { required: ['destination'] },
  Destination: { required: ['host'] },
  Delegate: { required: ['name'] },
  HTTPRetry: { ranges: { attempts: COUNT } },
  HTTPRoute: { ranges: { mirror_percent: PERCENT } },
  ServiceEntry: { required: ['hosts'] },
  ServicePort: { required: ['number'], ranges: { number: PORT, target_port: ANY_PORT } },
  Gateway: { required: ['servers'] },
  Server: { required: ['port', 'hosts'] },
  Port: { required: ['protocol'], ranges: { number: ANY_PORT } },
  IstioEgressListener: { required: ['hosts'] },
  IstioIngressListener: { required: ['port'] },
  SidecarPort: { ranges: { number: ANY_PORT } },
};

const SECURITY_RULES: { readonly [type: string]: MessageRule } = {
  JWTRule: { required: ['issuer'] },
  JWTHeader: { required: ['name'] },
  ClaimToHeader: { required: ['header', 'claim'] },
  Condition: { required: ['key'] },
};

const TELEMETRY_RULES: { readonly [type: string]: MessageRule } = {
  ProviderRef: { required: ['name'] },
};

/** The rules on fields, by the full names of messages. */
export const ISTIOD_RULES: ReadonlyMap<string, MessageRule> = byFullName({
  'istio.networking.v1': NETWORKING,
  'istio.security.v1': SECURITY_RULES,
  'istio.telemetry.v1': TELEMETRY_RULES,
});

/** The checks of messages, by their full names. */
export const ISTIOD_CHECKS: ReadonlyMap<string, Check> = byFullName<Check>({
  'istio.networking.v1': { ...CLIENT_POLICIES, ...SERVERS, ...ROUTES },
  'istio.security.v1': SECURITY,
  'istio.type.v1': SELECTORS,
  'istio.telemetry.v1': TELEMETRY,
  'istio.mesh.v1': MESH_SETTINGS,
});

function byFullName<T>(packages: {
  readonly [name: string]: { readonly [type: string]: T };
}): ReadonlyMap<string, T> {
  return new Map(
    Object.entries(packages).flatMap(([prefix, types]) =>
      Object.entries(types).map(([name, one]) => [`${prefix}.${name}`, one] as const),
    ),
  );
}
