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
