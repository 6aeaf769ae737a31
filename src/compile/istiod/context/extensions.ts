// Typed messages, and blocks that many resources have.

import type { TransportSocket } from '../../../envoy/generated/types/envoy/config/core/v3/base.js';
import { UNIX_PREFIX } from '../../../istio/sockets.js';

/** A message in an Any. */
export function typed<T extends object>(type: string, value: T): { readonly '@type': string } & T {
  return { '@type': `type.googleapis.com/${type}`, ...value };
}

/** A message whose type the proxy alone knows, in an Any. */
export function typedStruct(type: string, value: object): { readonly '@type': string } & object {
  return typed('udpa.type.v1.TypedStruct', { type_url: `type.googleapis.com/${type}`, value });
}

/** The exchange of metadata with the other end of a TCP connection. */
export const METADATA_EXCHANGE = {
  name: 'istio.metadata_exchange',
  typed_config: typedStruct('envoy.tcp.metadataexchange.config.MetadataExchange', {
    protocol: 'istio-peer-exchange',
    enable_discovery: true,
  }),
};

/** No encryption. */
export const RAW_BUFFER: TransportSocket = {
  name: 'envoy.transport_sockets.raw_buffer',
  typed_config: typed('envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer', {}),
};

/** A transport socket with TLS. */
export function tlsSocket(kind: 'Upstream' | 'Downstream', context: object) {
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: typed(`envoy.extensions.transport_sockets.tls.v3.${kind}TlsContext`, context),
  };
}

/** Resources that come over the same stream. */
export const FROM_ADS = { ads: {}, initial_fetch_timeout: '0s', resource_api_version: 'V3' } as const;

/** The address of a port, or of a Unix socket where there is no port. */
export function addressOf(address: string, port: number) {
  if (port !== 0) return { socket_address: { address, port_value: port } };
  return { pipe: { path: address.startsWith(UNIX_PREFIX) ? address.slice(UNIX_PREFIX.length) : address } };
}

/** The formatter that keeps the case of header names. */
export const PRESERVE_CASE = {
  header_key_format: {
    stateful_formatter: {
      name: 'preserve_case',
      typed_config: typed(
        'envoy.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig',
        {},
      ),
    },
  },
};
