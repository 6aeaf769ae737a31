// Requests over HTTP/1.1, each with a deadline.

import { type Agent, request } from 'node:http';

/** A request. */
export interface Ask {
  readonly host: string;
  readonly port: number;
  readonly path?: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  /** Keeps connections where it is given. */
  readonly agent?: Agent;
}

/** A reply. */
export interface Reply {
  readonly status: number;
  readonly text: string;
}

/** Milliseconds that a reply may take. */
const PATIENCE = 5000;

/** Asks, and rejects where there is no reply in time. */
export function ask({ host, port, path = '/', method = 'GET', headers = {}, agent }: Ask): Promise<Reply> {
  return new Promise((done, failed) => {
    const asked = request(
      { host, port, path, method, headers, agent: agent ?? false, timeout: PATIENCE },
      (reply) => {
        let text = '';
        reply.setEncoding('utf8');
        reply.on('data', (part: string) => {
          text += part;
        });
        reply.on('end', () => done({ status: reply.statusCode ?? 0, text }));
        reply.on('error', failed);
        reply.on('aborted', () => failed(new Error('the reply was cut off')));
      },
    );
    asked.on('timeout', () => asked.destroy(new Error(`no reply within ${PATIENCE / 1000} s`)));
    asked.on('error', failed);
    asked.end();
  });
}
