// Addresses as text: where a listener is reached, and where an endpoint is.

import { ipAddress } from '../../envoy/ip-ranges.js';
import type { Meaning } from '../meaning/meaning.js';
import { fieldOf, isOn, itemsOf, textOf } from './meanings.js';

/** An address as text, the same for the same place; undefined where none is known. */
export function addressText(address: Meaning | undefined): string | undefined {
  const socket = fieldOf(address, 'socket_address');
  if (socket !== undefined) return socketText(socket, hostText(textOf(socket, 'address') ?? ''));
  const pipe = textOf(address, 'pipe', 'path');
  if (pipe !== undefined) return `unix:${pipe}`;
  const internal = fieldOf(address, 'envoy_internal_address');
  const listener = textOf(internal, 'server_listener_name');
  return listener === undefined ? undefined : `internal:${listener}`;
}

function socketText(socket: Meaning, host: string): string {
  const protocol = textOf(socket, 'protocol') === 'UDP' ? 'udp ' : '';
  const port = textOf(socket, 'port_value') ?? textOf(socket, 'named_port') ?? '0';
  return `${protocol}${host}:${port}`;
}

const ALL_V4 = '0.0.0.0';
const ALL_V6 = '[::]';

/** All spellings of a host are one: an IPv6 address that stands for one of IPv4 is that one. */
function hostText(host: string): string {
  if (host === '') return ALL_V4;
  if (!host.includes(':')) return host.toLowerCase();
  const address = ipAddress(host);
  if (address === undefined) return host.toLowerCase();
  if (address.base >> 32n !== 0xffffn) return new URL(`http://[${host}]`).hostname;
  return [24n, 16n, 8n, 0n].map((shift) => (address.base >> shift) & 0xffn).join('.');
}

/** Where a listener is reached; its name for one that other listeners hand connections to. */
export function listenerAddresses(listener: Meaning): string[] {
  if (fieldOf(listener, 'internal_listener') !== undefined)
    return [`internal:${textOf(listener, 'name') ?? ''}`];
  const addresses = [
    fieldOf(listener, 'address'),
    ...itemsOf(listener, 'additional_addresses').map((one) => fieldOf(one, 'address')),
  ];
  return addresses.flatMap((address) => {
    const text = addressText(address);
    if (text === undefined) return [];
    const socket = fieldOf(address, 'socket_address');
    // Such a socket takes the connections of both families.
    const isOfBoth = isOn(socket, 'ipv4_compat') && text.includes(`${ALL_V6}:`);
    return isOfBoth && socket !== undefined ? [text, socketText(socket, ALL_V4)] : [text];
  });
}

/** The address of all hosts of a family and port that takes what no listener at the address itself does. */
export function addressOfAll(address: string): string | undefined {
  const [, protocol, host, port] = /^((?:udp )?)(\[.*\]|\d+(?:\.\d+){3}):(\d+)$/.exec(address) ?? [];
  if (host === undefined) return undefined;
  const all = `${protocol}${host.startsWith('[') ? ALL_V6 : ALL_V4}:${port}`;
  return all === address ? undefined : all;
}

/** Whether an address does not leave the host: a Unix socket, or the loopback interface. */
export function isLocal(address: string): boolean {
  return /^(?:udp )?(?:unix:|internal:|127\.|\[::1\]:|localhost:)/.test(address);
}
