// What Envoy asks of filters for connections: of proxies for TCP, Redis and Thrift.

import type { Message } from '../../../envoy/message.js';
import { quoted } from '../../../secrecy/quoted.js';
import { fieldAt } from '../../place.js';
import type { Area, StartupCheck } from '../check.js';
import { isOn, secondsOf } from '../values.js';

const TCP = 'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy';
const REDIS = 'envoy.extensions.filters.network.redis_proxy.v3.RedisProxy';
const THRIFT = 'envoy.extensions.filters.network.thrift_proxy.v3';

const tunnelPath: StartupCheck = {
  code: 'tunnel-path',
  on: [`${TCP}.TunnelingConfig`],
  finds: 'a tunnel has a path to post to, and does not post',
  refusal: "Can't set a post path when POST method isn't used",
  remedy: 'set use_post: true, or remove post_path',
  check(tunnel, report) {
    if ((tunnel.text('post_path') ?? '') !== '' && !isOn(tunnel, 'use_post'))
      report(fieldAt(tunnel, 'post_path'), { message: 'post_path needs use_post: true' });
  },
};

const earlyData: StartupCheck = {
  code: 'early-data',
  on: [TCP],
  finds: 'a TCP proxy waits before it connects, and may keep nothing that comes in the meantime',
  refusal: 'max_early_data_bytes must be set when upstream_connect_mode is not IMMEDIATE',
  remedy: 'set max_early_data_bytes',
  check(proxy, report) {
    if (proxy.has('max_early_data_bytes')) return;
    if ((proxy.enumName('upstream_connect_mode') ?? 'IMMEDIATE') === 'IMMEDIATE') return;
    report(fieldAt(proxy, 'upstream_connect_mode'), {
      message: 'a proxy that does not connect at once needs max_early_data_bytes',
    });
  },
};

const proxyBackoff: StartupCheck = {
  code: 'tcp-backoff',
  on: [TCP],
  finds: 'the longest pause between attempts to connect is shorter than the first',
  refusal: 'max_backoff_interval must be greater or equal to base_backoff_interval',
  remedy: 'raise max_interval, or lower base_interval',
  check(proxy, report) {
    const options = proxy.message('backoff_options');
    const base = options && secondsOf(options, 'base_interval');
    const most = options && secondsOf(options, 'max_interval');
    if (options === undefined || base === undefined || most === undefined || most >= base) return;
    report(fieldAt(options, 'max_interval'), { message: 'max_interval is below base_interval' });
  },
};

const tlvValue: StartupCheck = {
  code: 'proxy-tlv',
  on: [TCP],
  finds: 'what is sent with the PROXY protocol has no value, or two',
  refusal: "Invalid TLV configuration: one of 'value' or 'format_string' must be set.",
  remedy: 'set one of value and format_string',
  check(proxy, report) {
    for (const entry of proxy.messages('proxy_protocol_tlvs')) {
      const hasValue = (entry.text('value') ?? '') !== '';
      if (hasValue !== entry.has('format_string')) continue;
      report(fieldAt(entry, hasValue ? 'format_string' : 'type'), {
        message: hasValue ? 'value is set as well' : 'this entry has no value',
        expected: 'one of value and format_string',
      });
    }
  },
};

const redisRoutes: StartupCheck = {
  code: 'redis-routes',
  on: [REDIS],
  finds: 'a Redis proxy has no route, or two routes for one prefix',
  refusal: 'prefix `…` already exists.; cannot configure a redis-proxy without any upstream',
  remedy: 'add a route with a prefix of its own, or a catch_all_route',
  check(proxy, report) {
    const routes = proxy.message('prefix_routes');
    const prefixes = routes?.messages('routes') ?? [];
    if (prefixes.length === 0 && !routes?.has('catch_all_route')) {
      report(fieldAt(proxy, proxy.has('prefix_routes') ? 'prefix_routes' : undefined), {
        message: 'this Redis proxy has no route',
      });
      return;
    }
    const folds = routes !== undefined && isOn(routes, 'case_insensitive');
    const seen = new Set<string>();
    for (const route of prefixes) {
      const written = route.text('prefix') ?? '';
      const prefix = folds ? written.toLowerCase() : written;
      if (seen.has(prefix))
        report(fieldAt(route, route.has('prefix') ? 'prefix' : 'cluster'), {
          message: `an earlier route has the prefix ${quoted(written)}, too`,
        });
      seen.add(prefix);
    }
  },
};

const thriftMatch: StartupCheck = {
  code: 'thrift-match',
  on: [`${THRIFT}.RouteMatch`],
  finds: 'a Thrift route matches all but what has no name',
  refusal: 'Cannot have an empty method name with inversion enabled',
  remedy: 'name the method or service, or remove invert',
  check(match, report) {
    if (!isOn(match, 'invert')) return;
    for (const field of ['method_name', 'service_name'])
      if (match.has(field) && match.text(field) === '')
        report(fieldAt(match, field), { message: `with invert, ${field} cannot be empty` });
  },
};

const thriftRoutes: StartupCheck = {
  code: 'thrift-routes-twice',
  on: [`${THRIFT}.ThriftProxy`],
  finds: 'a Thrift proxy has its routes in itself and by discovery',
  refusal: 'both trds and route_config is present in ThriftProxy',
  remedy: 'keep one of trds and route_config',
  check(proxy: Message, report) {
    if (proxy.has('trds') && proxy.has('route_config'))
      report(fieldAt(proxy, 'route_config'), { message: 'trds is set as well' });
  },
};

/** The area. */
export const NETWORK_FILTERS: Area = {
  name: 'network-filters',
  title: 'Network filters',
  checks: [tunnelPath, earlyData, proxyBackoff, tlvValue, redisRoutes, thriftMatch, thriftRoutes],
};
