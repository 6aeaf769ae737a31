// gRPC sends call credentials only over a channel that it takes to be safe.

import { socketPath } from '../../istio/sockets.js';
import { appending } from '../mending.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const callCredentialsWithoutChannel: Rule = {
  code: 'call-credentials-without-channel',
  level: 'error',
  finds:
    'call credentials are to be sent over a channel without channel_credentials, or over a socket without local_credentials',
  why: 'gRPC does not send credentials over a channel it considers insecure, so every request for a secret fails.',
  source: 'envoy#3939, envoy#4578',
  remedy: 'add channel_credentials: {local_credentials: {}}',
  check({ surveys }, report) {
    for (const { grpcServices } of surveys) {
      for (const { message } of grpcServices) {
        const google = message.message('google_grpc');
        if (google === undefined || google.items('call_credentials').length === 0) continue;
        const isSocket = socketPath(google.text('target_uri') ?? '') !== undefined;
        if (!isSocket) {
          // A factory that is named makes its channel with TLS where nothing is said.
          if (google.has('channel_credentials') || google.has('credentials_factory_name')) continue;
          report(fieldAt(google, 'call_credentials'), {
            message: 'these credentials are never sent: the channel has no TLS',
            expected: 'channel_credentials: {ssl_credentials: …}',
            remedy: 'add channel_credentials with ssl_credentials and the root_certs of the server',
          });
          continue;
        }
        if (google.message('channel_credentials')?.has('local_credentials')) continue;
        report(fieldAt(google, 'call_credentials'), {
          message: 'these credentials are never sent over the socket',
          expected: 'channel_credentials: {local_credentials: {}}',
          // Other credentials were chosen for a reason.
          ...(google.has('channel_credentials')
            ? {}
            : appending(google, { channel_credentials: { local_credentials: {} } })),
        });
      }
    }
  },
};
