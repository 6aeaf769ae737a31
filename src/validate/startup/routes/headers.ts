// Headers that routes and others add and remove: not those that make up the request itself.

import type { Message } from '../../../envoy/message.js';
import { quoted } from '../../../secrecy/quoted.js';
import { atNode, fieldAt } from '../../place.js';
import type { Report } from '../../rule.js';
import type { StartupCheck } from '../check.js';

const ROUTE = 'envoy.config.route.v3';
const HTTP = 'envoy.extensions.filters.http';
const NETWORK = 'envoy.extensions.filters.network';

/** The fields of headers that are added, by the message that they are in; those of health checks are with clusters. */
const ADDING: Readonly<Record<string, readonly string[]>> = {
  [`${ROUTE}.RouteConfiguration`]: ['request_headers_to_add', 'response_headers_to_add'],
  [`${ROUTE}.VirtualHost`]: ['request_headers_to_add', 'response_headers_to_add'],
  [`${ROUTE}.Route`]: ['request_headers_to_add', 'response_headers_to_add'],
  [`${ROUTE}.WeightedCluster.ClusterWeight`]: ['request_headers_to_add', 'response_headers_to_add'],
  'envoy.config.common.mutation_rules.v3.HeaderMutation': ['append'],
  [`${NETWORK}.http_connection_manager.v3.ResponseMapper`]: ['headers_to_add'],
  [`${NETWORK}.tcp_proxy.v3.TcpProxy.TunnelingConfig`]: ['headers_to_add'],
  [`${HTTP}.local_ratelimit.v3.LocalRateLimit`]: [
    'request_headers_to_add_when_not_enforced',
    'response_headers_to_add',
  ],
  [`${HTTP}.ratelimit.v3.RateLimit`]: ['response_headers_to_add'],
};

/** The fields of names of headers that are removed. */
const REMOVING: Readonly<Record<string, readonly string[]>> = {
  [`${ROUTE}.RouteConfiguration`]: ['request_headers_to_remove', 'response_headers_to_remove'],
  [`${ROUTE}.VirtualHost`]: ['request_headers_to_remove', 'response_headers_to_remove'],
  [`${ROUTE}.Route`]: ['request_headers_to_remove', 'response_headers_to_remove'],
  [`${ROUTE}.WeightedCluster.ClusterWeight`]: ['request_headers_to_remove', 'response_headers_to_remove'],
};

/** Whether a header is part of the request or response itself. */
function isReserved(name: string): boolean {
  return name.startsWith(':') || name.toLowerCase() === 'host';
}

const reservedHeader: StartupCheck = {
  code: 'reserved-header',
  on: [...new Set([...Object.keys(ADDING), ...Object.keys(REMOVING)])],
  finds: 'a header that is added or removed is Host, or one that begins with a colon',
  refusal: ':-prefixed or host headers may not be modified',
  remedy: 'leave the header out; host_rewrite_literal and prefix_rewrite change host and path',
  check(at, report) {
    for (const option of added(at)) {
      const header = option.message('header');
      const name = header?.text('key') ?? '';
      if (header !== undefined && isReserved(name))
        report(fieldAt(header, 'key'), {
          message: `${quoted(name)} cannot be set here`,
          expected: 'a header that is neither Host nor begins with a colon',
        });
    }
    for (const field of REMOVING[at.type.name] ?? []) reservedNames(at, field, report);
  },
};

function reservedNames(at: Message, field: string, report: Report): void {
  for (const node of at.items(field)) {
    const name = at.reader.tape.string(node);
    if (isReserved(name))
      report(atNode(at, node, field), {
        message: `${quoted(name)} cannot be removed`,
        expected: 'a header that is neither Host nor begins with a colon',
      });
  }
}

const appendTwice: StartupCheck = {
  code: 'append-twice',
  on: Object.keys(ADDING),
  finds: 'a header that is added has both append and append_action',
  refusal: "Both append and append_action are set and it's not allowed",
  remedy: 'remove append, which is deprecated',
  check(at, report) {
    for (const option of added(at)) {
      const action = option.enumName('append_action') ?? DEFAULT_ACTION;
      if (option.has('append') && action !== DEFAULT_ACTION)
        report(fieldAt(option, 'append_action'), {
          message: 'append and append_action exclude each other',
          expected: 'append_action alone',
        });
    }
  },
};

const DEFAULT_ACTION = 'APPEND_IF_EXISTS_OR_ADD';

export const HEADER_CHECKS: readonly StartupCheck[] = [reservedHeader, appendTwice];

function added(at: Message): Message[] {
  return (ADDING[at.type.name] ?? []).flatMap((field) =>
    at.type.field(field)?.repeated ? at.messages(field) : (at.message(field) ?? []),
  );
}
