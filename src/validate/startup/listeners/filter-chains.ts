// Filter chains: that there are some where connections come, what chooses among them, and what QUIC asks of them.

import { builtIn } from '../../../envoy/extensions/built-in.js';
import type { Message } from '../../../envoy/message.js';
import { quoted } from '../../../secrecy/quoted.js';
import { alternatives, COMMON, REQUIRE_CLIENT_CERTIFICATE, VALIDATION } from '../../../tls/fields.js';
import { fieldAt } from '../../place.js';
import type { StartupCheck } from '../check.js';
import { checkOrder, NETWORK_FILTERS } from '../filter-order.js';
import { checkIp } from '../ip-addresses.js';
import { saidType } from '../registered.js';
import { LISTENER } from '../types.js';
import { isOn } from '../values.js';
import { transportOf } from './transport.js';

const FILTER_CHAIN = 'envoy.config.listener.v3.FilterChain';

const noFilterChains: StartupCheck = {
  code: 'no-filter-chains',
  on: [LISTENER],
  finds: 'a listener for connections has no filter chain',
  refusal: "error adding listener '…': no filter chains specified",
  remedy: 'add filter_chains, or remove the listener',
  check(listener, report) {
    if (transportOf(listener) === 'udp' || listener.has('api_listener') || hasChains(listener)) return;
    report(listener.has('filter_chains') ? fieldAt(listener, 'filter_chains') : fieldAt(listener), {
      message: 'this listener has no filter chain, so it could serve no connection',
      expected: 'filter_chains or default_filter_chain',
    });
  },
};

const udpFilterChains: StartupCheck = {
  code: 'udp-filter-chains',
  on: [LISTENER],
  finds: 'a UDP listener without QUIC has filter chains',
  refusal: '1 filter chain(s) specified for connection-less UDP listener.',
  remedy: 'use listener_filters such as envoy.filters.udp_listener.udp_proxy, or quic_options for HTTP/3',
  check(listener, report) {
    if (transportOf(listener) !== 'udp' || !hasChains(listener)) return;
    const field = listener.hasItems('filter_chains') ? 'filter_chains' : 'default_filter_chain';
    report(fieldAt(listener, field), {
      message: 'UDP has no connections that a filter chain could serve',
      expected: 'listener_filters alone',
    });
  },
};

const quicChain: StartupCheck = {
  code: 'quic-chain',
  on: [LISTENER],
  finds:
    'a filter chain of a QUIC listener has no QUIC socket, or does not end with a connection manager for HTTP/3',
  refusal: 'no transport socket specified for connection oriented UDP listener',
  remedy:
    'give each chain envoy.transport_sockets.quic, and as its last filter a connection manager with codec_type: HTTP3',
  check(listener, report) {
    if (transportOf(listener) !== 'quic') return;
    if (listener.has('connection_balance_config'))
      report(fieldAt(listener, 'connection_balance_config'), {
        message: 'the connections of a QUIC listener are not balanced',
        remedy: 'remove connection_balance_config',
      });
    for (const chain of chainsOf(listener)) {
      const isDefault = chain.node === listener.value('default_filter_chain');
      if (!chain.has('transport_socket'))
        report(fieldAt(listener, isDefault ? 'default_filter_chain' : 'filter_chains'), {
          message: 'a filter chain of this QUIC listener has no transport socket',
          expected: 'envoy.transport_sockets.quic',
        });
      else if (isOtherSocket(chain))
        report(fieldAt(chain, 'transport_socket'), {
          message: 'this is not a QUIC socket, and the listener is one of QUIC',
          expected: 'envoy.transport_sockets.quic',
        });
      const last = chain.messages('filters').at(-1);
      const type = last && saidType(last)?.name;
      if (
        last === undefined ||
        (type !== undefined && type !== HCM && builtIn('envoy.filters.network').has(type))
      )
        report(last === undefined ? fieldAt(chain) : fieldAt(last), {
          message: 'the last filter of this QUIC chain is not a connection manager',
          expected: 'envoy.filters.network.http_connection_manager',
        });
    }
  },
};

const HCM = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const QUIC_SOCKET = 'envoy.extensions.transport_sockets.quic.v3.QuicDownstreamTransport';

const quicClients: StartupCheck = {
  code: 'quic-client-certificate',
  on: [QUIC_SOCKET],
  finds: 'a QUIC socket requires client certificates and has nothing to check them with',
  refusal:
    'QUIC downstream TLS context sets require_client_certificate but configures no validation context.',
  remedy: 'add a validation_context with a trusted_ca',
  check(socket, report) {
    const context = socket.message('downstream_tls_context');
    if (context === undefined || !isOn(context, REQUIRE_CLIENT_CERTIFICATE)) return;
    if (alternatives(VALIDATION).some((field) => context.message(COMMON)?.has(field))) return;
    report(fieldAt(context, REQUIRE_CLIENT_CERTIFICATE), {
      message: 'client certificates are required, and no validation context says which are accepted',
      expected: 'a validation_context',
    });
  },
};

const codecOfListener: StartupCheck = {
  code: 'codec-of-listener',
  on: [LISTENER],
  finds:
    'the codec of a connection manager is HTTP/3 on a listener without QUIC, or another one on a QUIC listener',
  refusal: 'HTTP/3 codec configured on non-QUIC listener.',
  remedy: 'set codec_type: HTTP3 where the listener has quic_options, and AUTO everywhere else',
  check(listener, report) {
    const isQuic = transportOf(listener) === 'quic';
    for (const filter of chainsOf(listener).flatMap((chain) => chain.messages('filters'))) {
      const manager = filter.message('typed_config');
      if (manager?.type.name !== HCM || (manager.enumName('codec_type') === 'HTTP3') === isQuic) continue;
      report(manager.has('codec_type') ? fieldAt(manager, 'codec_type') : fieldAt(filter), {
        message: isQuic ? 'QUIC carries HTTP/3 alone' : 'HTTP/3 comes over QUIC, and this listener has none',
        expected: isQuic ? 'HTTP3' : 'AUTO, HTTP1 or HTTP2',
      });
    }
  },
};

const chainNames: StartupCheck = {
  code: 'chain-names',
  on: [LISTENER],
  finds: 'a filter_chain_matcher chooses among chains without a name, or of which two have the same',
  refusal: '"name" field is required when using a listener matcher',
  remedy: 'give each filter chain a name of its own',
  check(listener, report) {
    if (!listener.has('filter_chain_matcher')) return;
    const names = new Set<string>();
    for (const chain of listener.messages('filter_chains')) {
      const name = chain.text('name') ?? '';
      if (name === '')
        report(fieldAt(chain), {
          message: 'the matcher of the listener chooses by name, and this filter chain has none',
          expected: 'a name',
        });
      else if (names.has(name))
        report(fieldAt(chain, 'name'), {
          message: `another filter chain of this listener is called ${quoted(name)}`,
          expected: 'a name of its own',
        });
      names.add(name);
    }
  },
};

const serverNamePattern: StartupCheck = {
  code: 'server-name-pattern',
  on: [FILTER_CHAIN],
  finds: 'a server name of a filter chain has a * that does not stand for its whole beginning',
  refusal: 'partial wildcards are not supported in "server_names"',
  remedy:
    "write whole labels, with '*.' in front for all names below; leave server_names out to match every name",
  check(chain, report) {
    const match = chosenBy(chain);
    for (const name of match?.texts('server_names') ?? []) {
      if (match === undefined || !name.includes('*') || name.startsWith('*.')) continue;
      report(fieldAt(match, 'server_names'), {
        message: `${quoted(name)} has a * that does not stand for the whole beginning of a name`,
        expected: "a name, or '*.' and a name",
      });
    }
  },
};

const RANGES = ['prefix_ranges', 'source_prefix_ranges', 'direct_source_prefix_ranges'];

const chainRange: StartupCheck = {
  code: 'chain-address-range',
  on: [FILTER_CHAIN],
  finds: 'a range of addresses of a filter chain does not begin with an IP address',
  refusal: 'malformed IP address: 192.168.300.0',
  remedy: 'write the address as address_prefix, and how many of its bits count as prefix_len',
  check(chain, report) {
    const match = chosenBy(chain);
    for (const range of RANGES.flatMap((field) => match?.messages(field) ?? []))
      checkIp(range, 'address_prefix', 'an IP address without a length', report);
  },
};

const addressSuffix: StartupCheck = {
  code: 'address-suffix',
  on: [FILTER_CHAIN],
  finds: 'a filter chain matches by the end of an address, which Envoy cannot',
  refusal: "filter chain '…' contains unimplemented fields",
  remedy: 'use prefix_ranges',
  check(chain, report) {
    const match = isChosen(chain) ? chain.message('filter_chain_match') : undefined;
    if (match === undefined) return;
    for (const field of ['address_suffix', 'suffix_len'])
      if (match.has(field) && match.text(field) !== '')
        report(fieldAt(match, field), { message: `${field} is in the API, but Envoy does not have it` });
  },
};

const networkFilterOrder: StartupCheck = {
  code: 'network-filter-order',
  on: [FILTER_CHAIN],
  finds: 'a network filter that ends its chain is not the last one, or the last one does not end it',
  refusal: 'non-terminal filter named … of type … is the last filter in a network filter chain.',
  remedy: 'put one filter that ends the chain at its end',
  check(chain, report) {
    checkOrder(chain.messages('filters'), NETWORK_FILTERS, builtIn('envoy.filters.network'), report);
  },
};

export const CHAIN_CHECKS: readonly StartupCheck[] = [
  noFilterChains,
  udpFilterChains,
  quicChain,
  quicClients,
  codecOfListener,
  chainNames,
  serverNamePattern,
  chainRange,
  addressSuffix,
  networkFilterOrder,
];

function hasChains(listener: Message): boolean {
  return listener.hasItems('filter_chains') || listener.has('default_filter_chain');
}

function chainsOf(listener: Message): readonly Message[] {
  const fallback = listener.message('default_filter_chain');
  return [...listener.messages('filter_chains'), ...(fallback === undefined ? [] : [fallback])];
}

/** Whether a chain is one that its listener chooses: the match of the default chain does not count. */
function isChosen(chain: Message): boolean {
  const listener = chain.around;
  return listener === undefined || chain.node !== listener.value('default_filter_chain');
}

/** The match by which a chain is chosen; undefined where it has none, or where something else chooses. */
function chosenBy(chain: Message): Message | undefined {
  if (!isChosen(chain) || chain.around?.has('filter_chain_matcher')) return undefined;
  return chain.message('filter_chain_match');
}

/** Whether a chain has a transport socket of Envoy's that is not one of QUIC. */
function isOtherSocket(chain: Message): boolean {
  const socket = chain.message('transport_socket');
  const type = socket && saidType(socket)?.name;
  return type !== undefined && type !== QUIC_SOCKET && type.startsWith('envoy.');
}
