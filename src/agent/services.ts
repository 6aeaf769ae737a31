// What is served on a socket: the secret discovery service in v3 and v2, or as Istio 1.1's node agent has it.

import type { Server, ServerDuplexStream, ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import type { ServedSocket } from './authenticate.js';
import { serveDelta } from './delta-stream.js';
import { serveFetch } from './fetch.js';
import type { NodeAgent } from './istio-1.1/node-agent.js';
import { type DeltaRequest, type DeltaResponse, type Request, type Response, V2, V3 } from './protocol.js';
import type { Service } from './session.js';
import { serveStream } from './state-stream.js';

/** Adds the service in both versions. */
export function addSecretDiscovery(server: Server, common: Omit<Service, 'api'>): void {
  for (const api of [V3, V2]) {
    const service = { ...common, api };
    const { stream, fetch, delta } = api;
    server.addService(
      { stream, fetch },
      {
        stream: (call: ServerDuplexStream<Request, Response>) => serveStream(call, service),
        fetch: (call: ServerUnaryCall<Request, Response>, reply: sendUnaryData<Response>) =>
          serveFetch(call, reply, service),
      },
    );
    if (delta === undefined) continue;
    server.addService(
      { delta },
      { delta: (call: ServerDuplexStream<DeltaRequest, DeltaResponse>) => serveDelta(call, service) },
    );
  }
}

/** Adds the service as the node agent has it. */
export function addNodeAgent(server: Server, agent: NodeAgent, socket: ServedSocket): void {
  const { stream, fetch } = V2;
  server.addService(
    { stream, fetch },
    {
      stream: (call: ServerDuplexStream<Request, Response>) => agent.stream(call, socket),
      fetch: (call: ServerUnaryCall<Request, Response>, reply: sendUnaryData<Response>) =>
        agent.fetch(call, reply, socket),
    },
  );
}
