// gRPC sends call credentials only over a channel that it takes to be safe.

import { socketPath } from '../../istio/sockets.js';
import { appending } from '../mending.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const callCredentialsWithoutChannel: Rule = {
  code: 'call-credentials-without-channel',
  level: 'error',
  finds: 'call credentials are sent over a socket whose channel has no local_credentials',
  why: 'gRPC does not send credentials over a channel it considers insecure, so every request for a secret fails.',
  source: 'envoy#3939, envoy#4578',
  remedy: 'add channel_credentials: {local_credentials: {}}',
  check({ surveys }, report) {
    for (const { grpcServices } of surveys) {
      for (const { message } of grpcServices) {
        const google = message.message('google_grpc');
        if (google === undefined || google.items('call_credentials').length === 0) continue;
        if (socketPath(google.text('target_uri') ?? '') === undefined) continue;
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
