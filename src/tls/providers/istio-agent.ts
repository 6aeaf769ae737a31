// The agent in today's Istio proxy, reached through a cluster. It serves other files under the names that Istio has
// made of paths since 1.6.

import { ISTIO_AGENT_SOCKET } from '../../istio/sockets.js';
import { refusedByOthers, type ServerDescriptor } from './descriptor.js';
import { istioProvider } from './istio.js';

/** The agent in today's Istio proxy. */
export const istioAgent = {
  name: 'istio-agent',
  help: "today's Istio: envoy_grpc to the cluster sds-grpc",
  refuses: refusedByOthers('istio-agent'),
  server: {
    title: () => 'the Istio agent',
    address: () => ({ target: ISTIO_AGENT_SOCKET }),
    transport: () => 'envoy_grpc',
    cluster: 'sds-grpc',
    credentials: () => ({ kind: 'none' }),
    // Today's Istio makes Envoy wait for the workload's own secrets.
    waits: true,
  },
  pods: () => ({
    keeps: "the agent comes with today's Istio proxy: the injector of that Istio changes the pod",
  }),
  provider: (reached, options) => istioProvider('istio-agent', reached, options, true),
} as const satisfies ServerDescriptor;
