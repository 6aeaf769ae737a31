// What a provider means for pods: the socket and the token to mount, or why the mounted secret stays.

import { socketPath } from '../istio/sockets.js';
import { ISTIO_TOKEN, KUBERNETES_TOKEN } from '../istio/tokens.js';
import { DEFAULT_DOMAIN } from '../istio/trust-domain.js';
import type { PodDelivery, PodToken } from '../kubernetes/pod-sds.js';
import type { SdsServer } from '../tls/providers/descriptor.js';
import type { Provider } from '../tls/providers/provider.js';
import { providerNamed } from '../tls/providers/providers.js';
import { addressOf, credentialsOf, type DeliveryOptions, transportOf } from './delivery.js';

/** Options of a delivery, with what matters to pods alone. */
export interface PodDeliveryOptions extends DeliveryOptions {
  /** The audience of the projected token; by default the mesh's trust domain. */
  readonly trustDomain?: string;
  /** Whether pods keep the mounted secret beside SDS, for the time of the move. */
  readonly keepSecret?: boolean;
}

/** What pods need so that their proxies reach the provider's server. */
export function podDelivery(options: PodDeliveryOptions, provider: Provider): PodDelivery {
  const descriptor = providerNamed(options.provider);
  if (descriptor.server === undefined) return descriptor.pods(provider);
  const { server } = descriptor;
  const mount = descriptor.pods(provider);
  if ('keeps' in mount) return mount;
  const address = addressOf(server, options);
  const target = 'target' in address ? address.target : '';
  const socket = socketPath(target);
  if (socket === undefined || !socket.startsWith('/'))
    return {
      keeps:
        'the SDS server is not reached over a socket on the node, so the mounts that pods need are unknown',
    };
  const direct = transportOf(server, options, target) === 'google_grpc';
  const token: PodToken = direct ? tokenOf(server, options) : { kind: 'none' };
  return { sds: { socket, ...mount, token, keepsSecret: options.keepSecret ?? false } };
}

function tokenOf(server: SdsServer, options: PodDeliveryOptions): PodToken {
  const credentials = credentialsOf(server, options);
  if (credentials.kind !== 'token') return { kind: 'none' };
  const { filename } = credentials;
  if (filename === KUBERNETES_TOKEN) return { kind: 'account' };
  if (filename !== ISTIO_TOKEN) return { kind: 'file', filename };
  const audience = options.trustDomain || options.mesh?.trustDomain || DEFAULT_DOMAIN;
  return { kind: 'projected', audience };
}
