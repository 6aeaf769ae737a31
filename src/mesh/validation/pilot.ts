// What Istio 1.1 asks of its resources beyond the names and types of their fields: what must be there, and
// which numbers make sense (Istio's own validation.go; what Pilot takes all the same is a warning).

import { COUNT, type MessageRule, PERCENT, PORT } from './message-rule.js';

/** A Unix socket has no number. */
const SOCKET_PORT: MessageRule = { required: ['protocol'], ranges: { number: { least: 0, most: 0 } } };

const NETWORKING = {
  DestinationRule: { required: ['host'] },
  Subset: { required: ['name'] },
  'TrafficPolicy.PortTrafficPolicy': { required: ['port'] },
  PortSelector: { oneOf: ['number', 'name'], ranges: { number: PORT } },
  'ConnectionPoolSettings.TCPSettings': { ranges: { max_connections: COUNT } },
  'ConnectionPoolSettings.HTTPSettings': {
    ranges: {
      http1_max_pending_requests: COUNT,
      http2_max_requests: COUNT,
      max_requests_per_connection: COUNT,
      max_retries: COUNT,
    },
  },
  OutlierDetection: {
    ranges: { consecutive_errors: COUNT, max_ejection_percent: PERCENT, min_health_percent: PERCENT },
  },
  VirtualService: { required: ['hosts'] },
  HTTPRoute: { oneOf: ['route', 'redirect'] },
  TCPRoute: { required: ['route'] },
  TLSRoute: { required: ['match', 'route'] },
  TLSMatchAttributes: { required: ['sni_hosts'], ranges: { port: PORT } },
  L4MatchAttributes: { ranges: { port: PORT } },
  HTTPMatchRequest: { ranges: { port: PORT } },
  HTTPRouteDestination: { required: ['destination'], ranges: { weight: PERCENT } },
  RouteDestination: { required: ['destination'], ranges: { weight: PERCENT } },
  Destination: { required: ['host'] },
  HTTPRetry: { ranges: { attempts: COUNT } },
  Percent: { ranges: { value: PERCENT } },
  'HTTPFaultInjection.Delay': { ranges: { percent: PERCENT } },
  'HTTPFaultInjection.Abort': { ranges: { percent: PERCENT, http_status: { least: 200, most: 599 } } },
  ServiceEntry: { required: ['hosts', 'ports'] },
  'ServiceEntry.Endpoint': { required: ['address'], ranges: { ports: PORT } },
  Port: { required: ['number', 'protocol'], ranges: { number: PORT } },
  Gateway: { required: ['servers'] },
  Server: { required: ['port', 'hosts'] },
  IstioEgressListener: { required: ['hosts'], onSocket: { port: SOCKET_PORT } },
  IstioIngressListener: { required: ['port', 'default_endpoint'], onSocket: { port: SOCKET_PORT } },
} satisfies { readonly [type: string]: MessageRule };

const AUTHENTICATION = {
  Jwt: { required: ['issuer'] },
  OriginAuthenticationMethod: { required: ['jwt'] },
  TargetSelector: { required: ['name'] },
  PortSelector: { oneOf: ['number', 'name'], ranges: { number: PORT } },
} satisfies { readonly [type: string]: MessageRule };

const RBAC = {
  ServiceRole: { required: ['rules'] },
  AccessRule: { required: ['services'] },
  'AccessRule.Constraint': { required: ['key', 'values'] },
  // Without subjects the binding has no effect, which may be temporary.
  ServiceRoleBinding: { required: ['subjects', 'roleRef'], level: 'warning' },
  RoleRef: { required: ['name'] },
} satisfies { readonly [type: string]: MessageRule };

/** The rules on fields, by the full names of messages. */
export const PILOT_RULES: ReadonlyMap<string, MessageRule> = new Map(
  Object.entries({
    'istio.networking.v1alpha3': NETWORKING,
    'istio.authentication.v1alpha1': AUTHENTICATION,
    'istio.rbac.v1alpha1': RBAC,
  }).flatMap(([prefix, rules]) =>
    Object.entries<MessageRule>(rules).map(([name, rule]) => [`${prefix}.${name}`, rule] as const),
  ),
);
