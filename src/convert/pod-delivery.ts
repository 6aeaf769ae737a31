// What a provider means for pods: the socket and the token to mount, or why the mounted secret stays.

import { DEFAULT_DOMAIN } from '../istio/trust-domain.js';
import { WORKLOAD_CHAIN, WORKLOAD_KEY, WORKLOAD_ROOT } from '../istio/workload-files.js';
import type { PodDelivery, PodToken } from '../kubernetes/pod-sds.js';
import type { Provider } from '../tls/providers/provider.js';
import { ISTIO_TOKEN, KUBERNETES_TOKEN, socketPath } from '../tls/sds-source.js';
import { addressOf, credentialsOf, type DeliveryOptions, transportOf } from './delivery.js';

/** Options of a delivery, with what matters to pods alone. */
export interface PodDeliveryOptions extends DeliveryOptions {
  /** The audience of the projected token; by default the mesh's trust domain. */
  readonly trustDomain?: string;
  /** Whether pods keep the mounted secret beside SDS, for the time of the move. */
  readonly keepSecret?: boolean;
}

/** The volumes' names: for sidecars that of Istio's injector, for gateways that of its chart. */
const ISTIO_VOLUME = { sidecar: 'sds-uds-path', gateway: 'sdsudspath' };
const SPIRE_VOLUME = { sidecar: 'spire-agent-socket', gateway: 'spire-agent-socket' };

/** What pods need so that their proxies reach the provider's server. */
export function podDelivery(options: PodDeliveryOptions, provider: Provider): PodDelivery {
  const name = options.provider ?? 'istio';
  switch (name) {
    case 'files':
      return { keeps: 'the Secret files name files of the mounted secret, so the pod keeps it' };
    case 'istio-agent':
      return {
        keeps: "the agent comes with today's Istio proxy: the injector of that Istio changes the pod",
      };
    case 'custom':
      if (!servesWorkload(provider))
        return {
          keeps: "--secrets does not say that the server knows the workload's own certificate and root",
        };
  }
  const address = addressOf(name, options);
  const socket = 'target' in address ? socketPath(address.target) : undefined;
  if (socket === undefined || !socket.startsWith('/'))
    return {
      keeps: 'the SDS server is not reached by a socket on the node, so nothing is known of its mounts',
    };
  const keepsSecret = options.keepSecret ?? false;
  if (name === 'spire')
    return { sds: { socket, mounted: 'folder', volume: SPIRE_VOLUME, token: { kind: 'none' }, keepsSecret } };
  const direct = transportOf(name, options, 'target' in address ? address.target : '') === 'google_grpc';
  const token: PodToken = direct ? tokenOf(options) : { kind: 'none' };
  return { sds: { socket, mounted: 'socket', volume: ISTIO_VOLUME, token, keepsSecret } };
}

function servesWorkload(provider: Provider): boolean {
  const files = { chain: WORKLOAD_CHAIN, key: WORKLOAD_KEY, extras: {} };
  return 'name' in provider.nameCertificate(files, 'v2') && 'name' in provider.nameRoot(WORKLOAD_ROOT, 'v2');
}

function tokenOf(options: PodDeliveryOptions): PodToken {
  const credentials = credentialsOf(options.provider ?? 'istio', options);
  if (credentials.kind !== 'token') return { kind: 'none' };
  const { filename } = credentials;
  if (filename === KUBERNETES_TOKEN) return { kind: 'account' };
  if (filename !== ISTIO_TOKEN) return { kind: 'file', filename };
  const audience = options.trustDomain || options.mesh?.trustDomain || DEFAULT_DOMAIN;
  return { kind: 'projected', audience };
}
