// A socket is a path in one place and a URI in another.

import type { Message } from '../../envoy/message.js';
import { replacing } from '../mending.js';
import { fieldAt } from '../place.js';
import type { Report, Rule } from '../rule.js';

export const socketAddress: Rule = {
  code: 'socket-address',
  level: 'error',
  finds: 'a Unix socket is written as a path where a URI belongs, or as a URI where a path belongs',
  why: 'Envoy looks for a file of that very name, gRPC for a host: neither is there.',
  source: 'gateway#9018',
  remedy: 'write pipe.path as a path, and target_uri with unix: before the path',
  check({ surveys }, report) {
    for (const { pipes, grpcServices } of surveys) {
      for (const pipe of pipes) {
        const path = pipe.text('path') ?? '';
        if (path.startsWith('unix:'))
          wrong(report, pipe, 'path', "a pipe's path is no URI", path.replace(/^unix:(?:\/\/(?=\/))?/, ''));
      }
      for (const { message } of grpcServices) {
        const google = message.message('google_grpc');
        const uri = google?.text('target_uri') ?? '';
        if (google === undefined) continue;
        if (/^\.{0,2}\//.test(uri))
          wrong(
            report,
            google,
            'target_uri',
            'a path by itself is taken for the name of a host',
            `unix:${uri}`,
          );
        else if (/^unix:\/\/[^/]/.test(uri))
          wrong(
            report,
            google,
            'target_uri',
            'what follows unix:// is taken for a host',
            uri.replace('unix://', 'unix:/'),
          );
      }
    }
  },
};

function wrong(report: Report, holder: Message, field: string, message: string, expected: string): void {
  report(fieldAt(holder, field), { message, expected, ...replacing(holder, field, expected) });
}
