// A request with a JSON body over HTTP or HTTPS, with roots of one's own, which fetch() does not have.

import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';

/** A request. */
export interface JsonRequest {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** PEM of the roots that the server's certificate is checked by; the usual ones where absent. */
  readonly tlsRoots: string | undefined;
  /** The name in the server's certificate, where that is not the host of the URL. */
  readonly serverName: string | undefined;
  readonly signal: AbortSignal;
}

/** A response. */
export interface JsonResponse {
  readonly status: number;
  /** Undefined where the body is not JSON. */
  readonly body: unknown;
}

/** Bodies that are longer are cut off and are then not JSON. */
const LONGEST_BODY = 1 << 20;

/** Sends a request; rejects where no response comes. */
export function requestJson({
  url,
  method,
  headers,
  body,
  tlsRoots,
  serverName,
  signal,
}: JsonRequest): Promise<JsonResponse> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const options = {
    method,
    headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
    signal,
    ...(tlsRoots !== undefined && { ca: tlsRoots }),
    ...(serverName !== undefined && { servername: serverName }),
  };
  const send = url.protocol === 'http:' ? overHttp : overHttps;
  return new Promise((done, failed) => {
    const request = send(url, options, (response) => {
      let received = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        if (received.length < LONGEST_BODY) received += part;
      });
      response.on('error', failed);
      response.on('end', () => done({ status: response.statusCode ?? 0, body: parsed(received) }));
    });
    request.on('error', failed);
    request.end(text);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
