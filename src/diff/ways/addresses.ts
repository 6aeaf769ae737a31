// Addresses as text: where a listener is reached, and where an endpoint is.

import type { Meaning } from '../meaning/meaning.js';
import { fieldOf, itemsOf, textOf } from './meanings.js';

/** An address as text, the same for the same place; undefined where none is known. */
export function addressText(address: Meaning | undefined): string | undefined {
  const socket = fieldOf(address, 'socket_address');
  if (socket !== undefined) {
    const protocol = textOf(socket, 'protocol') === 'UDP' ? 'udp ' : '';
    const port = textOf(socket, 'port_value') ?? textOf(socket, 'named_port') ?? '0';
    return `${protocol}${hostText(textOf(socket, 'address') ?? '')}:${port}`;
  }
  const pipe = textOf(address, 'pipe', 'path');
  if (pipe !== undefined) return `unix:${pipe}`;
  const internal = fieldOf(address, 'envoy_internal_address');
  const listener = textOf(internal, 'server_listener_name');
  return listener === undefined ? undefined : `internal:${listener}`;
}

/** All hosts of a family have one name. */
function hostText(host: string): string {
  return host === '' ? '0.0.0.0' : host.toLowerCase();
}

/** Where a listener is reached; its name for one that other listeners hand connections to. */
export function listenerAddresses(listener: Meaning): string[] {
  if (fieldOf(listener, 'internal_listener') !== undefined)
    return [`internal:${textOf(listener, 'name') ?? ''}`];
  const addresses = [
    fieldOf(listener, 'address'),
    ...itemsOf(listener, 'additional_addresses').map((one) => fieldOf(one, 'address')),
  ];
  return addresses.flatMap((address) => addressText(address) ?? []);
}

/** Whether an address does not leave the host: a Unix socket, or the loopback interface. */
export function isLocal(address: string): boolean {
  return /^(?:unix:|internal:|127\.|\[?::1\]?:|localhost:)/.test(address);
}
