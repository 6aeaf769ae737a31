// A socket is a path in one place and a URI in another.

import type { Message } from '../../envoy/message.js';
import {
  hasUnixScheme,
  isSocketPath,
  namesUnixHost,
  UNIX_PREFIX,
  unixUri,
  withoutUnixScheme,
} from '../../istio/sockets.js';
import { replacing } from '../mending.js';
import { fieldAt } from '../place.js';
import type { Report, Rule } from '../rule.js';

export const socketAddress: Rule = {
  code: 'socket-address',
  level: 'error',
  finds: 'a Unix socket is written as a path where a URI is expected, or the other way round',
  why: 'Envoy looks for a file with exactly that name and gRPC looks for a host, and neither exists.',
  source: 'gateway#9018',
  remedy: 'write pipe.path as a path, and target_uri with unix: before the path',
  check({ surveys }, report) {
    for (const { pipes, grpcServices } of surveys) {
      for (const pipe of pipes) {
        const path = pipe.text('path') ?? '';
        if (hasUnixScheme(path))
          wrong(report, pipe, 'path', "a pipe's path is not a URI", withoutUnixScheme(path));
      }
      for (const { message } of grpcServices) {
        const google = message.message('google_grpc');
        const uri = google?.text('target_uri') ?? '';
        if (google === undefined) continue;
        if (isSocketPath(uri))
          wrong(
            report,
            google,
            'target_uri',
            'a path without unix: is interpreted as a host name',
            unixUri(uri),
          );
        else if (namesUnixHost(uri))
          wrong(
            report,
            google,
            'target_uri',
            'the part after unix:// is interpreted as a host',
            uri.replace(UNIX_PREFIX, unixUri('/')),
          );
      }
    }
  },
};

function wrong(report: Report, holder: Message, field: string, message: string, expected: string): void {
  report(fieldAt(holder, field), { message, expected, ...replacing(holder, field, expected) });
}
