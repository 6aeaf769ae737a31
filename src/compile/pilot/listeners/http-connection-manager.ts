// The HTTP connection manager of listeners (Pilot 1.1's buildHTTPConnectionManager).

import type { RouteConfiguration } from '../../../envoy/generated/types/envoy/api/v2/route.js';
import type { HttpConnectionManager } from '../../../envoy/generated/types/envoy/config/filter/network/http_connection_manager/v2/http_connection_manager.js';
import type { Context } from '../context/context.js';
import { extension, isTyped, type NamedConfig } from '../context/extension.js';
import { accessLogField } from './access-log.js';
import { idleTimeoutField } from './network-filters.js';

const TYPE = 'envoy.config.filter.network.http_connection_manager.v2.HttpConnectionManager';

/** Fields that differ from listener to listener. */
export type ConnectionManagerFields = Pick<
  HttpConnectionManager,
  | 'http_protocol_options'
  | 'http2_protocol_options'
  | 'server_name'
  | 'forward_client_cert_details'
  | 'set_current_client_cert_details'
>;

/** What a listener wants of its connection manager. */
export interface HttpOptions {
  readonly statPrefix: string;
  /** The route's name for RDS, or the route itself. */
  readonly route: string | RouteConfiguration;
  readonly direction: 'INGRESS' | 'EGRESS';
  readonly useRemoteAddress: boolean;
  /** Filters before those that every listener has. */
  readonly filters: readonly NamedConfig[];
  readonly grpcWeb: boolean;
  readonly fields: ConnectionManagerFields;
}

/** The network filter that reads HTTP. */
export function httpConnectionManager(context: Context, options: HttpOptions): NamedConfig {
  const { environment, mesh } = context;
  const { fields, route } = options;
  const tracing = mesh.settings.enable_tracing === true;
  return extension(context, 'envoy.http_connection_manager', TYPE, {
    stat_prefix: options.statPrefix,
    ...(typeof route === 'string'
      ? { rds: { config_source: { ads: {} }, route_config_name: route } }
      : { route_config: route }),
    http_filters: [
      ...options.filters,
      ...(options.grpcWeb ? [{ name: 'envoy.grpc_web' }] : []),
      { name: 'envoy.cors' },
      { name: 'envoy.fault' },
      { name: 'envoy.router' },
    ],
    ...(tracing && {
      tracing: {
        ...(options.direction === 'EGRESS' && { operation_name: 'EGRESS' }),
        client_sampling: { value: 100 },
        random_sampling: environment.traceSampling === 0 ? {} : { value: environment.traceSampling },
        overall_sampling: { value: 100 },
      },
    }),
    ...(fields.http_protocol_options !== undefined && {
      http_protocol_options: fields.http_protocol_options,
    }),
    ...(fields.http2_protocol_options !== undefined && {
      http2_protocol_options: fields.http2_protocol_options,
    }),
    ...(fields.server_name !== undefined && { server_name: fields.server_name }),
    ...idleTimeoutField(context),
    // A Struct has the list that a message leaves out.
    ...(!isTyped(context) && { access_log: [] }),
    ...accessLogField(context),
    use_remote_address: options.useRemoteAddress,
    ...(tracing && { generate_request_id: true }),
    ...(fields.forward_client_cert_details !== undefined && {
      forward_client_cert_details: fields.forward_client_cert_details,
    }),
    ...(fields.set_current_client_cert_details !== undefined && {
      set_current_client_cert_details: fields.set_current_client_cert_details,
    }),
    upgrade_configs: [{ upgrade_type: 'websocket' }],
    stream_idle_timeout: '0s',
  });
}

/** `http_protocol_options` of a listener that may be asked in HTTP/1.0; nothing where it is not. */
export function http10Options({ environment, proxy }: Context): ConnectionManagerFields {
  return environment.http10 || proxy.metadata.HTTP10 === '1'
    ? { http_protocol_options: { accept_http_10: true } }
    : {};
}
