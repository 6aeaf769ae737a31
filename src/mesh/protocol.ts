// Protocols of service ports as Istio 1.1 knows them (model.ParseProtocol), and which kinds of listener
// they make.

/** What a port speaks. `Unsupported` is whatever Istio has no name for. */
export type Protocol =
  | 'GRPC'
  | 'GRPCWeb'
  | 'HTTP'
  | 'HTTP2'
  | 'HTTPS'
  | 'TCP'
  | 'TLS'
  | 'UDP'
  | 'Mongo'
  | 'Redis'
  | 'MySQL'
  | 'Unsupported';

const PROTOCOLS: ReadonlyMap<string, Protocol> = new Map<string, Protocol>([
  ['tcp', 'TCP'],
  ['udp', 'UDP'],
  ['grpc', 'GRPC'],
  ['grpc-web', 'GRPCWeb'],
  ['http', 'HTTP'],
  ['http2', 'HTTP2'],
  ['https', 'HTTPS'],
  ['tls', 'TLS'],
  ['mongo', 'Mongo'],
  ['redis', 'Redis'],
  ['mysql', 'MySQL'],
]);

/** A protocol by its name, in any case. */
export function parseProtocol(name: string): Protocol {
  return PROTOCOLS.get(name.toLowerCase()) ?? 'Unsupported';
}

/** A Kubernetes port's protocol: UDP, or what the name says before its first dash, else TCP. */
export function protocolOfPort(name: string, transport: string): Protocol {
  if (transport === 'UDP') return 'UDP';
  if (transport !== 'TCP') return 'TCP';
  if (name.toLowerCase().startsWith('grpc-web')) return 'GRPCWeb';
  const dash = name.indexOf('-');
  const protocol = parseProtocol(dash < 0 ? name : name.slice(0, dash));
  return protocol === 'UDP' || protocol === 'Unsupported' ? 'TCP' : protocol;
}

/** Whether the proxy reads the requests. */
export function isHttp(protocol: Protocol): boolean {
  return protocol === 'HTTP' || protocol === 'HTTP2' || protocol === 'GRPC' || protocol === 'GRPCWeb';
}

/** Whether clusters of this protocol speak HTTP/2. */
export function isHttp2(protocol: Protocol): boolean {
  return protocol === 'HTTP2' || protocol === 'GRPC' || protocol === 'GRPCWeb';
}

/** Whether the proxy forwards bytes. */
export function isTcp(protocol: Protocol): boolean {
  switch (protocol) {
    case 'TCP':
    case 'HTTPS':
    case 'TLS':
    case 'Mongo':
    case 'Redis':
    case 'MySQL':
      return true;
    default:
      return false;
  }
}

/** Whether the application itself does TLS, so that the server's name is in sight. */
export function isTls(protocol: Protocol): boolean {
  return protocol === 'HTTPS' || protocol === 'TLS';
}

/** Which kind of listener a protocol makes; undefined for none. */
export function listenerKind(protocol: Protocol): 'HTTP' | 'TCP' | undefined {
  if (isHttp(protocol)) return 'HTTP';
  return isTcp(protocol) ? 'TCP' : undefined;
}
