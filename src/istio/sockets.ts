// The Unix sockets that Istio's agents serve SDS on, and how addresses name Unix sockets.

/** How gRPC target URIs name a Unix socket: `unix:` and its path. */
const UNIX_SCHEME = 'unix:';
/** How hosts in Istio's resources name a Unix socket: `unix://` and its path. */
export const UNIX_PREFIX = 'unix://';

/** The folder of the node agent's socket (Istio 1.1 to 1.5). */
export const NODE_AGENT_FOLDER = '/var/run/sds';
/** The node agent's socket. */
export const NODE_AGENT_SOCKET = `${NODE_AGENT_FOLDER}/uds_path`;
/** The node agent's socket as a target URI, Helm's default for `global.sds.udsPath`. */
export const NODE_AGENT_URI = UNIX_SCHEME + NODE_AGENT_SOCKET;
/** The socket of the agent beside an ingress gateway, as a target URI. */
export const INGRESS_GATEWAY_URI = `${UNIX_SCHEME}/var/run/ingress_gateway/sds`;
/** The socket of the agent in today's Istio proxy, from the proxy's folder. */
export const ISTIO_AGENT_SOCKET = './var/run/secrets/workload-spiffe-uds/socket';

/** The target URI of a socket. */
export function unixUri(path: string): string {
  return UNIX_SCHEME + path;
}

/** Whether an address has the scheme of Unix sockets. */
export function hasUnixScheme(address: string): boolean {
  return address.startsWith(UNIX_SCHEME);
}

/** Whether an address is the path of a socket by itself: `/run/x`, `./x` or `../x`. */
export function isSocketPath(address: string): boolean {
  return /^\.{0,2}\//.test(address);
}

/** Whether gRPC interprets what comes after `unix://` as a host: `unix://run/x`. */
export function namesUnixHost(address: string): boolean {
  return /^unix:\/\/[^/]/.test(address);
}

/** An address without the scheme of Unix sockets, where it has one: `unix:/run/x` and `unix:///run/x` are `/run/x`. */
export function withoutUnixScheme(address: string): string {
  return address.replace(/^unix:(?:\/\/(?=\/))?/, '');
}

/** The path of a Unix socket, given by itself or as a URI; undefined for other targets. */
export function socketPath(address: string): string | undefined {
  if (isSocketPath(address)) return address;
  return hasUnixScheme(address) ? withoutUnixScheme(address) || undefined : undefined;
}

/** A socket's address in the one spelling that is written: `unix:/run/x`. Other targets stay. */
export function targetUri(address: string): string {
  const path = socketPath(address);
  return path === undefined ? address : unixUri(path);
}

/** Whether an address is that of no host and of no socket: `unix:` alone, or a path such as `run/x`. */
export function isBrokenSocket(address: string): boolean {
  return /^unix:$|^(?![a-z][\w+.-]*:).*\//i.test(address) && socketPath(address) === undefined;
}
