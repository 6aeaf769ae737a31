// The clusters that a source of configuration is fetched through.

import type { Message } from '../envoy/message.js';

/** A cluster that leads to a server, by name, and where it is named. */
export interface SdsServer {
  readonly name: string;
  readonly message: Message;
  readonly field: string;
}

/** The clusters that a ConfigSource names. */
export function serversOf(source: Message): SdsServer[] {
  const api = source.message('api_config_source');
  return api === undefined ? [] : serversOfApi(api);
}

/** The clusters that an ApiConfigSource names. */
export function serversOfApi(api: Message): SdsServer[] {
  return [
    ...api.texts('cluster_names').map((name) => ({ name, message: api, field: 'cluster_names' })),
    ...api.messages('grpc_services').flatMap((service): SdsServer[] => {
      const envoy = service.message('envoy_grpc');
      const name = envoy?.text('cluster_name');
      return envoy === undefined || name === undefined
        ? []
        : [{ name, message: envoy, field: 'cluster_name' }];
    }),
  ];
}
