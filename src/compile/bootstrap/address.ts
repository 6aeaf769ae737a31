// Addresses as ProxyConfig has them, `HOST:PORT` (Go's net.SplitHostPort, which Istio's agent uses).

/** An address as Envoy has it. */
export interface SocketAddress {
  readonly address: string;
  readonly port_value: number;
}

/** What is expected of an address, in words. */
export const ADDRESS_FORM = 'HOST:PORT, with an IPv6 address in brackets';

/** Reads an address; undefined where the text is none. */
export function socketAddress(text: string): SocketAddress | undefined {
  const match = /^(?:\[([^[\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  const address = match?.[1] ?? match?.[2] ?? '';
  return match === null || address === '' || port > 65535 ? undefined : { address, port_value: port };
}
