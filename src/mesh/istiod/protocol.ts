// Protocols of ports (istiod 1.29's protocol.Instance and kube.ConvertProtocol).

/** What a port carries. `Unsupported` ports are sniffed. */
export type Protocol =
  | 'TCP'
  | 'UDP'
  | 'GRPC'
  | 'GRPC-Web'
  | 'HTTP'
  | 'HTTP_PROXY'
  | 'HTTP2'
  | 'HTTPS'
  | 'TLS'
  | 'Mongo'
  | 'Redis'
  | 'MySQL'
  | 'Unsupported';

const NAMES: ReadonlyMap<string, Protocol> = new Map<string, Protocol>(
  (
    [
      'TCP',
      'UDP',
      'GRPC',
      'GRPC-Web',
      'HTTP',
      'HTTP_PROXY',
      'HTTP2',
      'HTTPS',
      'TLS',
      'Mongo',
      'Redis',
      'MySQL',
    ] as const
  ).map((protocol) => [protocol.toLowerCase(), protocol]),
);

/** The protocol of a name in any case. */
export function parseProtocol(name: string): Protocol {
  return NAMES.get(name.toLowerCase()) ?? 'Unsupported';
}

/** `appProtocol` values that Kubernetes itself defines. */
const KUBERNETES_NAMES: ReadonlyMap<string, Protocol> = new Map<string, Protocol>([
  ['kubernetes.io/h2c', 'HTTP2'],
  ['kubernetes.io/ws', 'HTTP'],
  ['kubernetes.io/wss', 'HTTPS'],
]);

/** Ports whose protocols wait for the server to speak first: they are never sniffed. */
const SERVER_FIRST = new Set([25, 53, 3306, 27017]);

/** The protocol of a Kubernetes service's port: by its `appProtocol`, else by its name. */
export function servicePortProtocol(
  port: number,
  name: string,
  transport: string,
  appProtocol: string | undefined,
): Protocol {
  if (transport === 'UDP') return 'UDP';
  const known = appProtocol === undefined ? undefined : KUBERNETES_NAMES.get(appProtocol);
  if (known !== undefined) return known;
  const text = appProtocol ?? name;
  if (/^grpc-web/i.test(text)) return 'GRPC-Web';
  const dash = text.indexOf('-');
  const protocol = parseProtocol(dash < 0 ? text : text.slice(0, dash));
  return protocol === 'Unsupported' && SERVER_FIRST.has(port) ? 'TCP' : protocol;
}

/** Whether a protocol is HTTP/2. */
export function isHttp2(protocol: Protocol): boolean {
  return protocol === 'HTTP2' || protocol === 'GRPC' || protocol === 'GRPC-Web';
}

/** Whether a protocol is HTTP of any version. */
export function isHttp(protocol: Protocol): boolean {
  return protocol === 'HTTP' || protocol === 'HTTP_PROXY' || isHttp2(protocol);
}

/** Whether a protocol is gRPC. */
export function isGrpc(protocol: Protocol): boolean {
  return protocol === 'GRPC' || protocol === 'GRPC-Web';
}

/** Whether a protocol is TLS, whatever is inside. */
export function isTls(protocol: Protocol): boolean {
  return protocol === 'HTTPS' || protocol === 'TLS';
}

/** Whether a protocol is handled as plain bytes. */
export function isTcp(protocol: Protocol): boolean {
  return (
    protocol === 'TCP' ||
    isTls(protocol) ||
    protocol === 'Mongo' ||
    protocol === 'Redis' ||
    protocol === 'MySQL'
  );
}

/** Whether a port is sniffed. */
export function isSniffed(protocol: Protocol): boolean {
  return protocol === 'Unsupported';
}

/** The protocol inside TLS once it is terminated. */
export function afterTermination(protocol: Protocol): Protocol {
  return protocol === 'HTTPS' ? 'HTTP' : protocol === 'TLS' ? 'TCP' : protocol;
}
