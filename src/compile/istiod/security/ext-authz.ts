// Checks by servers of their own: the providers that CUSTOM policies name (istiod 1.29's builder/extauthz.go).

import type { StringMatcher } from '../../../envoy/generated/types/envoy/type/matcher/v3/string.js';
import type { HttpStatus } from '../../../envoy/generated/types/envoy/type/v3/http_status.js';
import { StatusCode } from '../../../envoy/generated/types/envoy/type/v3/http_status.js';
import type {
  MeshConfig_ExtensionProvider_EnvoyExternalAuthorizationGrpcProvider as GrpcProvider,
  MeshConfig_ExtensionProvider_EnvoyExternalAuthorizationHttpProvider as HttpProvider,
  MeshConfig_ExtensionProvider as Provider,
  MeshConfig_ExtensionProvider_EnvoyExternalAuthorizationRequestBody as RequestBody,
} from '../../../envoy/generated/types/mesh/v1/config.js';
import type { Mesh } from '../../../mesh/istiod/model.js';
import { type FoundCluster, lookupCluster } from '../context/lookup.js';
import { metadataMatcher } from '../context/matchers.js';

/** The prefix of the names of rules that ask a provider. */
export const MATCH_PREFIX = 'istio-ext-authz';
/** The prefix of what the shadow rules of these policies say. */
export const SHADOW_PREFIX = 'istio_ext_authz_';

/** The checks of a provider. */
export interface ExtAuthz {
  readonly http: object;
  /** None of HTTP providers. */
  readonly tcp: object | undefined;
}

/** The checks of the one provider that some policies name; undefined where they cannot be made. */
export function extAuthz(mesh: Mesh, names: readonly string[]): ExtAuthz | undefined {
  const [name] = names;
  if (name === undefined || names.some((other) => other !== name)) return undefined;
  const candidates = mesh.settings.extension_providers.filter(
    ({ envoy_ext_authz_grpc, envoy_ext_authz_http }) => envoy_ext_authz_grpc ?? envoy_ext_authz_http,
  );
  const found = candidates.filter((provider) => provider.name === name);
  return found.length === 1 ? checksOf(mesh, found[0] as Provider) : undefined;
}

function checksOf(
  mesh: Mesh,
  { envoy_ext_authz_http: http, envoy_ext_authz_grpc: grpc }: Provider,
): ExtAuthz | undefined {
  const said = http ?? grpc ?? {};
  const port = said.port ?? 0;
  const cluster = lookupCluster(mesh, said.service ?? '', port);
  const status = statusOf(said.status_on_error);
  if (port < 1 || port > 65_535 || cluster === undefined || status === undefined) return undefined;
  if (http !== undefined)
    return isPossible(http) ? { http: httpCheck(http, cluster, status), tcp: undefined } : undefined;
  return grpc && grpcChecks(grpc, cluster, status);
}

function isPossible(http: HttpProvider): boolean {
  if (http.path_prefix && !http.path_prefix.startsWith('/')) return false;
  return ![
    http.include_request_headers_in_check,
    http.include_headers_in_check,
    http.headers_to_downstream_on_deny,
    http.headers_to_downstream_on_allow,
    http.headers_to_upstream_on_allow,
  ].some((headers) => headers?.includes('*'));
}

type Status = { readonly status_on_error?: HttpStatus };

/** The status of requests that could not be checked; undefined where HTTP has none of that number. */
function statusOf(text = ''): Status | undefined {
  if (text === '') return {};
  const code = STATUS_BY_NUMBER.get(Number(text));
  return code === undefined ? undefined : { status_on_error: { code } };
}

const STATUS_NUMBERS = [
  0, 100, 200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 307, 308, 400, 401,
  402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 423, 424, 426,
  428, 429, 431, 500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511,
];
const STATUS_BY_NUMBER: ReadonlyMap<number, StatusCode> = new Map(
  Object.values(StatusCode).map((name, index) => [STATUS_NUMBERS[index] ?? -1, name]),
);

function general(
  { fail_open, clear_route_cache: _unused }: HttpProvider | GrpcProvider,
  filter: string,
): object {
  return {
    transport_api_version: 'V3',
    ...(fail_open === true && { failure_mode_allow: true }),
    filter_enabled_metadata: metadataMatcher(filter, [`${SHADOW_PREFIX}shadow_effective_policy_id`], {
      string_match: { prefix: MATCH_PREFIX },
    }),
  };
}

const HTTP_RBAC = 'envoy.filters.http.rbac';
const TCP_RBAC = 'envoy.filters.network.rbac';
const DEFAULT_TIMEOUT = '600s';

function bodyOf(body: RequestBody | undefined): object {
  if (body === undefined) return {};
  const { max_request_bytes, allow_partial_message, pack_as_bytes } = body;
  return { with_request_body: { max_request_bytes, allow_partial_message, pack_as_bytes } };
}

function httpCheck(provider: HttpProvider, { host, cluster }: FoundCluster, status: Status): object {
  const {
    headers_to_upstream_on_allow: upstream = [],
    headers_to_downstream_on_deny: deny = [],
    headers_to_downstream_on_allow: allow = [],
    include_additional_headers_in_check: added = {},
  } = provider;
  const checked =
    patterns(provider.include_request_headers_in_check) ?? patterns(provider.include_headers_in_check);
  const response = {
    ...named('allowed_upstream_headers', patterns(upstream)),
    ...named('allowed_client_headers', patterns(deny)),
    ...named('allowed_client_headers_on_success', patterns(allow)),
  };
  const headers_to_add = Object.entries(added)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => ({ key, value }));
  return {
    ...general(provider, HTTP_RBAC),
    ...status,
    http_service: {
      ...(provider.path_prefix && { path_prefix: provider.path_prefix }),
      server_uri: { uri: `http://${host}`, cluster, timeout: provider.timeout ?? DEFAULT_TIMEOUT },
      ...(headers_to_add.length > 0 && { authorization_request: { headers_to_add } }),
      ...(Object.keys(response).length > 0 && { authorization_response: response }),
    },
    ...bodyOf(provider.include_request_body_in_check),
    ...named('allowed_headers', checked),
  };
}

function named(field: string, value: object | undefined): object {
  return value === undefined ? {} : { [field]: value };
}

function patterns(headers: readonly string[] | undefined): { patterns: StringMatcher[] } | undefined {
  if (headers === undefined || headers.length === 0) return undefined;
  return {
    patterns: headers.map((header) => {
      if (header.startsWith('*')) return { suffix: header.slice(1), ignore_case: true };
      if (header.endsWith('*')) return { prefix: header.slice(0, -1), ignore_case: true };
      return { exact: header, ignore_case: true };
    }),
  };
}

function grpcChecks(provider: GrpcProvider, { host, cluster }: FoundCluster, status: Status): ExtAuthz {
  const grpc_service = {
    envoy_grpc: { cluster_name: cluster, authority: host },
    timeout: provider.timeout ?? DEFAULT_TIMEOUT,
  };
  return {
    http: {
      ...general(provider, HTTP_RBAC),
      ...status,
      grpc_service,
      ...bodyOf(provider.include_request_body_in_check),
    },
    tcp: { ...general(provider, TCP_RBAC), stat_prefix: 'tcp.', grpc_service },
  };
}
