// Listeners. Sources: envoy/api/v2/listener.proto and listener_components.proto of Envoy 1.14; what old
// Envoys added by themselves: ListenerImpl of Envoy 1.14, and the version histories of 1.14 and 1.17.

import { quoted } from '../../../secrecy/quoted.js';
import type { Fragment } from '../../../source/fragment.js';
import type { Message } from '../../message.js';
import { type Entry, together } from '../entry.js';
import type { Subject } from '../subject.js';
import { tlsContext } from './cluster.js';
import { typedConfig } from './extension-points.js';

const FILTERS = 'envoy.extensions.filters.listener';

function listenerFilter(short: string, type: string): Fragment {
  return {
    name: `envoy.filters.listener.${short}`,
    typed_config: typedConfig(`${FILTERS}.${short}.v3.${type}`, undefined),
  };
}

/** The names of a listener's filters, without what comes before the last dot. */
function filterNames(listener: Message): string[] {
  return listener
    .messages('listener_filters')
    .map((filter) => (filter.text('name') ?? '').replace(/^.*\./, ''));
}

/**
 * Listener filters that old Envoys added by themselves: one that looks for SNI and ALPN where filter chains
 * ask for them, and, for a filter chain's `use_proxy_proto`, one that reads the PROXY protocol.
 */
function impliedFilters(listener: Message): Fragment[] {
  const names = filterNames(listener);
  const chains = listener.messages('filter_chains');
  const filters: Fragment[] = [];
  // The first chain decided for all.
  if (chains[0]?.text('use_proxy_proto') === 'true' && !names.includes('proxy_protocol'))
    filters.push(listenerFilter('proxy_protocol', 'ProxyProtocol'));
  const asks = chains.some((chain) => {
    const match = chain.message('filter_chain_match');
    if (match === undefined) return false;
    const transport = match.text('transport_protocol') ?? '';
    const names = match.items('server_names').length + match.items('application_protocols').length;
    return transport === 'tls' || (transport === '' && names > 0);
  });
  if (asks && !names.includes('tls_inspector')) filters.push(listenerFilter('tls_inspector', 'TlsInspector'));
  return filters;
}

export const LISTENERS: readonly Entry[] = [
  {
    type: 'envoy.config.listener.v3.Listener',
    fields: {
      deprecated_v1(subject, name) {
        const old = subject.message.message(name);
        const bind = old?.text('bind_to_port');
        if (bind === 'false' && !subject.has('bind_to_port')) subject.replace(name, { bind_to_port: false });
        else subject.remove(name);
      },
      reuse_port(subject, name) {
        if (subject.has('enable_reuse_port')) subject.remove(name);
        else subject.replace(name, { enable_reuse_port: subject.isTrue(name) });
      },
    },
    before(subject) {
      subject.walk.notes.delete(EGRESS);
      const added = impliedFilters(subject.message);
      if (added.length === 0) return;
      const there = (subject.moved('listener_filters') ?? []) as readonly Fragment[];
      // What is read first on a connection is the PROXY protocol's header.
      const filters = [...added, ...there];
      if (subject.has('listener_filters')) subject.replace('listener_filters', { listener_filters: filters });
      else subject.add('listener_filters', filters);
    },
    after(subject) {
      // Since 1.12 the listener says whether its requests are traced as outgoing.
      if (subject.walk.notes.has(EGRESS) && !subject.has('traffic_direction'))
        subject.add('traffic_direction', 'OUTBOUND');
    },
  },
  {
    type: 'envoy.config.listener.v3.FilterChain',
    fields: {
      tls_context: tlsContext('Downstream'),
      // The listener has a filter for it.
      use_proxy_proto: (subject, name) => subject.remove(name),
    },
  },
  {
    type: 'envoy.config.listener.v3.UdpListenerConfig',
    fields: {
      udp_listener_name(subject, name) {
        const listener = subject.text(name) ?? '';
        if (/quic/.test(listener)) subject.replace(name, { quic_options: {} });
        else if (listener === '' || listener === 'raw_udp_listener') subject.remove(name);
        else subject.unknown(name, { message: `v3 has no UDP listener ${quoted(listener)}` });
      },
      config: together,
      typed_config: together,
    },
  },
  {
    type: 'envoy.config.listener.v3.QuicProtocolOptions',
    fields: {
      max_concurrent_streams: (subject, name) =>
        subject.replace(name, {
          quic_protocol_options: { max_concurrent_streams: subject.moved(name) ?? 100 },
        }),
    },
  },
];

/** Set where an HTTP connection manager of the listener traces its requests as outgoing. */
const EGRESS = 'egress';

/** Notes that the listener's requests are traced as outgoing. */
export function noteEgress(subject: Subject): void {
  subject.walk.notes.set(EGRESS, true);
}
