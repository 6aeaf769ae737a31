// Settings of istiod's environment that change what it sends (pilot/pkg/features).

import { isTrue } from '../../../mesh/istiod/node-metadata.js';

/** Settings of istiod 1.29, each with the variable that it comes from. */
export interface Features {
  /** `CLUSTER_ID`: the cluster that istiod runs in. */
  readonly clusterId: string;
  /** `PILOT_HTTP10`: outbound listeners take HTTP/1.0. */
  readonly http10: boolean;
  /** `PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES`: endpoints of headless services come by EDS. */
  readonly edsForHeadless: boolean;
  /** `PILOT_SEND_UNHEALTHY_ENDPOINTS`: endpoints that are not ready are sent too. */
  readonly sendUnhealthy: boolean;
  /** `PILOT_FILTER_GATEWAY_CLUSTER_CONFIG`: gateways get clusters for what they route to alone. */
  readonly filterGatewayClusters: boolean;
  /** `PILOT_SCOPE_GATEWAY_TO_NAMESPACE`: Gateways select workloads of their own namespace alone. */
  readonly scopeGatewayToNamespace: boolean;
  /** `PILOT_SKIP_VALIDATE_TRUST_DOMAIN`: servers take clients of any trust domain. */
  readonly skipValidateTrustDomain: boolean;
  /** `DISABLE_SHADOW_HOST_SUFFIX`: mirrored requests keep their host. */
  readonly keepsMirroredHost: boolean;
  /** `PILOT_ENABLE_MONGO_FILTER`: connections of MongoDB are looked into. */
  readonly mongoFilter: boolean;
  /** `PILOT_ENABLE_REDIS_FILTER`: the same for Redis. */
  readonly redisFilter: boolean;
  /** `PILOT_ENABLE_MYSQL_FILTER`: the same for MySQL. */
  readonly mysqlFilter: boolean;
  /** `PILOT_SIDECAR_USE_REMOTE_ADDRESS`: sidecars take the address of who connects for the client's. */
  readonly useRemoteAddress: boolean;
  /** `PILOT_ENABLE_ALPN_FILTER`: clients tell servers what they carry. */
  readonly alpnFilter: boolean;
  /** `PILOT_DISABLE_MX_ALPN`: peers do not offer to exchange metadata. */
  readonly disableMxAlpn: boolean;
  /** `ENABLE_TLS_ON_SIDECAR_INGRESS`: ingress listeners of Sidecars may have TLS of their own. */
  readonly tlsOnSidecarIngress: boolean;
  /** `PILOT_SPAWN_UPSTREAM_SPAN_FOR_GATEWAY`: calls of gateways have spans of their own. */
  readonly spansOfGateways: boolean;
  /** `PILOT_TRACE_SAMPLING`: per cent of requests that are traced. */
  readonly traceSampling: number;
  /** `PILOT_JWT_ENABLE_REMOTE_JWKS`: who fetches the keys of tokens. */
  readonly jwksFetch: 'istiod' | 'hybrid' | 'envoy';
  /** `PREFER_DESTINATIONRULE_TLS_FOR_EXTERNAL_SERVICES`: rules win over a proxy's own certificate files. */
  readonly preferRulesForExternal: boolean;
  /** `PILOT_ENABLE_ABSOLUTE_FQDN_VHOST_DOMAIN`: hosts are domains with a dot at the end too. */
  readonly absoluteDomains: boolean;
  /** `PILOT_ENABLE_ROUTE_COLLAPSE_OPTIMIZATION`: hosts with the same routes share a virtual host. */
  readonly collapseRoutes: boolean;
  /** `MAX_CONNECTIONS_PER_SOCKET_EVENT_LOOP`: how many connections are accepted at once; 0 for all. */
  readonly maxConnectionsToAccept: number;
  /** `PILOT_DRAINING_LABEL`: endpoints with it are about to end. */
  readonly drainingLabel: string;
}

/** Reads settings; what is absent has istiod's defaults. */
export function istiodFeatures(environment: { readonly [name: string]: string }): Features {
  const flag = (name: string, fallback: boolean): boolean => {
    const text = environment[name] ?? '';
    return text === '' ? fallback : isTrue(text) || (fallback && !isFalse(text));
  };
  const number = (name: string, fallback: number): number => {
    const text = environment[name] ?? '';
    return text !== '' && Number.isFinite(Number(text)) ? Number(text) : fallback;
  };
  const sampling = number('PILOT_TRACE_SAMPLING', 1);
  return {
    clusterId: environment.CLUSTER_ID || 'Kubernetes',
    http10: flag('PILOT_HTTP10', false),
    edsForHeadless: flag('PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES', false),
    sendUnhealthy: flag('PILOT_SEND_UNHEALTHY_ENDPOINTS', false),
    filterGatewayClusters: flag('PILOT_FILTER_GATEWAY_CLUSTER_CONFIG', false),
    scopeGatewayToNamespace: flag('PILOT_SCOPE_GATEWAY_TO_NAMESPACE', false),
    skipValidateTrustDomain: flag('PILOT_SKIP_VALIDATE_TRUST_DOMAIN', false),
    keepsMirroredHost: flag('DISABLE_SHADOW_HOST_SUFFIX', true),
    mongoFilter: flag('PILOT_ENABLE_MONGO_FILTER', true),
    redisFilter: flag('PILOT_ENABLE_REDIS_FILTER', false),
    mysqlFilter: flag('PILOT_ENABLE_MYSQL_FILTER', false),
    useRemoteAddress: flag('PILOT_SIDECAR_USE_REMOTE_ADDRESS', false),
    alpnFilter: flag('PILOT_ENABLE_ALPN_FILTER', true),
    disableMxAlpn: flag('PILOT_DISABLE_MX_ALPN', false),
    tlsOnSidecarIngress: flag('ENABLE_TLS_ON_SIDECAR_INGRESS', false),
    spansOfGateways: flag('PILOT_SPAWN_UPSTREAM_SPAN_FOR_GATEWAY', true),
    traceSampling: sampling >= 0 && sampling <= 100 ? sampling : 1,
    jwksFetch: jwksFetch(environment.PILOT_JWT_ENABLE_REMOTE_JWKS ?? ''),
    preferRulesForExternal: flag('PREFER_DESTINATIONRULE_TLS_FOR_EXTERNAL_SERVICES', true),
    absoluteDomains: flag('PILOT_ENABLE_ABSOLUTE_FQDN_VHOST_DOMAIN', true),
    collapseRoutes: flag('PILOT_ENABLE_ROUTE_COLLAPSE_OPTIMIZATION', true),
    maxConnectionsToAccept: number('MAX_CONNECTIONS_PER_SOCKET_EVENT_LOOP', 1),
    drainingLabel: environment.PILOT_DRAINING_LABEL ?? 'istio.io/draining',
  };
}

/** What Go's strconv.ParseBool takes for no; other texts leave the default. */
function isFalse(text: string): boolean {
  return /^(?:0|f|F|FALSE|false|False)$/.test(text);
}

function jwksFetch(text: string): Features['jwksFetch'] {
  if (text === 'hybrid' || text === 'true') return 'hybrid';
  return text === 'envoy' ? 'envoy' : 'istiod';
}
