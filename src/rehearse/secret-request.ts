// Asks the agent for a certificate as Envoy does, with a token or without, to see what it answers.

import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { ISTIO_TOKEN_HEADER } from '../agent/authenticate.js';
import { V3 } from '../agent/protocol.js';

/** How long the agent may take, in milliseconds. */
const PATIENCE = 5000;

/** Whether the agent gives the certificate on a socket to whom shows this token. */
export function givesCertificate(socket: string, token: string | undefined): Promise<boolean> {
  const client = new Client(`unix:${socket}`, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
  });
  const headers = new Metadata();
  if (token !== undefined) headers.set(ISTIO_TOKEN_HEADER, Buffer.from(token));
  const { path, requestSerialize, responseDeserialize } = V3.fetch;
  const request = {
    versionInfo: '',
    node: { id: 'rehearsal' },
    resourceNames: ['default'],
    typeUrl: '',
    responseNonce: '',
    errorDetail: undefined,
  };
  return new Promise((done) => {
    client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      headers,
      { deadline: Date.now() + PATIENCE },
      (error: ServiceError | null) => {
        client.close();
        done(error === null);
      },
    );
  });
}
