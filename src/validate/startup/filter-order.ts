// The order of filters: the last one ends the chain, and no other does.

import type { Message } from '../../envoy/message.js';
import { typeName } from '../../envoy/message-reader.js';
import { fieldAt } from '../place.js';
import type { Report } from '../rule.js';
import { saidType } from './registered.js';
import { isOn } from './values.js';

const NETWORK = 'envoy.extensions.filters.network';
const HTTP = 'envoy.extensions.filters.http';

/** Which filters end a chain. */
export interface FilterKind {
  readonly noun: string;
  /** The types of those that always end it. */
  readonly terminal: ReadonlySet<string>;
  /** The types of those that may. */
  readonly open: ReadonlySet<string>;
  /** One that does, as an example. */
  readonly example: string;
}

export const NETWORK_FILTERS: FilterKind = {
  noun: 'network filter',
  terminal: new Set([
    `${NETWORK}.direct_response.v3.Config`,
    `${NETWORK}.dubbo_proxy.v3.DubboProxy`,
    `${NETWORK}.echo.v3.Echo`,
    `${NETWORK}.generic_proxy.v3.GenericProxy`,
    `${NETWORK}.http_connection_manager.v3.HttpConnectionManager`,
    `${NETWORK}.redis_proxy.v3.RedisProxy`,
    `${NETWORK}.reverse_tunnel.v3.DrainAwareHttpConnectionManager`,
    `${NETWORK}.reverse_tunnel.v3.ReverseTunnel`,
    `${NETWORK}.tcp_proxy.v3.TcpProxy`,
    `${NETWORK}.thrift_proxy.v3.ThriftProxy`,
  ]),
  open: new Set(),
  example: 'envoy.filters.network.tcp_proxy or envoy.filters.network.http_connection_manager',
};

export const HTTP_FILTERS: FilterKind = {
  noun: 'HTTP filter',
  terminal: new Set([`${HTTP}.mcp_router.v3.McpRouter`, `${HTTP}.router.v3.Router`]),
  // What is in them decides.
  open: new Set([
    'envoy.extensions.common.matching.v3.ExtensionWithMatcher',
    `${HTTP}.composite.v3.Composite`,
    `${HTTP}.file_server.v3.FileServerConfig`,
    `${HTTP}.filter_chain.v3.FilterChainConfig`,
  ]),
  example: 'envoy.filters.http.router',
};

/** Reports filters that end the chain although others follow, and a last one that does not end it. */
export function checkOrder(
  filters: readonly Message[],
  kind: FilterKind,
  built: ReadonlySet<string>,
  report: Report,
): void {
  for (const [index, filter] of filters.entries()) {
    const isLast = index === filters.length - 1;
    const ends = isTerminal(filter, kind, built);
    if (ends === undefined || ends === isLast) continue;
    report(fieldAt(filter), {
      message: isLast
        ? `the last ${kind.noun} does not end the chain`
        : `this ${kind.noun} ends the chain, and others follow it`,
      expected: isLast ? `a filter like ${kind.example} at the end` : 'it as the last one',
      remedy: isLast ? `add ${kind.example} as the last filter` : 'move it to the end, or remove it',
    });
  }
}

/** Whether a filter ends the chain; undefined where that is not known. */
function isTerminal(
  filter: Message,
  { terminal, open }: FilterKind,
  built: ReadonlySet<string>,
): boolean | undefined {
  const discovery = filter.message('config_discovery');
  const config = discovery?.message('default_config') ?? filter.message('typed_config');
  const name =
    discovery === undefined
      ? saidType(filter)?.name
      : discovery.has('default_config') && saidType(discovery, 'default_config')?.name;
  if (name === undefined || name === false || !built.has(typeName(name)) || open.has(name)) return undefined;
  // Modules that are loaded say it themselves.
  return terminal.has(name) || (config !== undefined && isOn(config, 'terminal_filter'));
}
