// What a listener listens with.

import type { Message } from '../../../envoy/message.js';

export type Transport = 'tcp' | 'udp' | 'quic';

/** What a listener listens with: its first address tells, and for UDP whether QUIC is spoken on it. */
export function transportOf(listener: Message): Transport {
  if (listener.has('internal_listener') || !isDatagram(listener.message('address'))) return 'tcp';
  return listener.message('udp_listener_config')?.has('quic_options') ? 'quic' : 'udp';
}

/** Whether an address is of UDP. */
export function isDatagram(address: Message | undefined): boolean {
  return address?.message('socket_address')?.enumName('protocol') === 'UDP';
}
