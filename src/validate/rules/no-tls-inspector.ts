// What a filter chain is chosen by is read from the first bytes of a connection, and nobody reads them.

import type { Message } from '../../envoy/message.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const noTlsInspector: Rule = {
  code: 'no-tls-inspector',
  level: 'warning',
  finds: 'filter chains match on server names or protocols, but no listener filter detects them',
  why: 'Such a chain is never chosen: connections are closed, or served by a chain that was meant for others.',
  source: 'envoy#20642, envoy#4775, envoy#14404',
  remedy: 'add envoy.filters.listener.tls_inspector to listener_filters',
  check({ surveys }, report) {
    for (const { config, listeners } of surveys) {
      // The Envoys that read v2 add the filter by themselves.
      if (config.detected.api === 'v2') continue;
      for (const listener of listeners) {
        const asked = listener.messages('filter_chains').map(detectedField).find(Boolean);
        if (asked === undefined || isQuic(listener)) continue;
        const filters = listener.messages('listener_filters');
        // What is discovered may be the filter.
        if (filters.some((filter) => filter.has('config_discovery') || detects(filter, asked.field)))
          continue;
        report(fieldAt(asked.match, asked.field), {
          message: `without a TLS inspector, ${asked.field} never matches`,
          expected: 'envoy.filters.listener.tls_inspector in listener_filters',
        });
      }
    }
  },
};

interface Detected {
  readonly match: Message;
  readonly field: string;
}

/** The field of a chain's match that a listener filter has to find out; undefined where there is none. */
function detectedField(chain: Message): Detected | undefined {
  const match = chain.message('filter_chain_match');
  if (match === undefined) return undefined;
  if (match.hasItems('server_names')) return { match, field: 'server_names' };
  if (match.text('transport_protocol') === 'tls') return { match, field: 'transport_protocol' };
  return match.hasItems('application_protocols') ? { match, field: 'application_protocols' } : undefined;
}

/** Whether a listener filter finds out what a field is matched with. */
function detects(filter: Message, field: string): boolean {
  const type = filter.message('typed_config')?.type.name ?? filter.text('name') ?? '';
  if (/TlsInspector$|tls_inspector$/.test(type)) return true;
  return field === 'application_protocols' && /HttpInspector$|http_inspector$/.test(type);
}

/** QUIC carries TLS itself, and its server name with it. */
function isQuic(listener: Message): boolean {
  return listener.message('udp_listener_config')?.has('quic_options') ?? false;
}
