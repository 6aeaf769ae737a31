// The configs of single extensions. Source: the deprecated fields of each in the v2 .proto files of Envoy 1.14
// and in today's v3 ones.

import { type Entry, leaveOut, needless } from '../entry.js';
import type { Members, Subject } from '../subject.js';

const FILTERS = 'envoy.extensions.filters';

export const ZIPKIN = 'envoy.config.trace.v3.ZipkinConfig';

/** What a config of Zipkin's has to say now: absent it was version 1, which no Envoy speaks any more. */
export const ZIPKIN_DEFAULTS = { collector_endpoint_version: 'HTTP_JSON' };

const REDIS = `${FILTERS}.network.redis_proxy.v3.RedisProxy`;

/** `cluster` or `catch_all_cluster` as the route for all keys. */
function catchAll(cluster: string): Members {
  return { catch_all_route: { cluster } };
}

/** A redis proxy's `cluster`, which was the route for what no prefix fits. */
function redisCluster(subject: Subject, name: string): void {
  const cluster = subject.text(name) ?? '';
  const routes = subject.message.message('prefix_routes');
  if (cluster === '' || routes?.has('catch_all_route') || routes?.has('catch_all_cluster')) {
    subject.remove(name);
    return;
  }
  const body = routes === undefined ? undefined : subject.walk.body(routes);
  if (routes === undefined) subject.replace(name, { prefix_routes: catchAll(cluster) });
  else {
    subject.replace('prefix_routes', { prefix_routes: body?.behind(catchAll(cluster)) ?? catchAll(cluster) });
    subject.remove(name);
  }
}

/** A TCP proxy's old routes: only one that fits every connection has a place today. */
function oldTcpRoutes(subject: Subject, name: string): void {
  const routes = subject.message.message(name)?.messages('routes') ?? [];
  const [first] = routes;
  const plain = first?.present.every((field) => field.name === 'cluster') ?? false;
  if (subject.has('cluster') || subject.has('weighted_clusters') || routes.length === 0) subject.remove(name);
  else if (plain) subject.replace(name, { cluster: first?.text('cluster') ?? '' });
  else
    subject.unknown(name, {
      message: 'routes of a TCP proxy that choose by address or port have no place in v3',
      remedy: 'make a filter chain of each, with a filter_chain_match',
    });
}

/** A log's format in the form that has all kinds of them. */
function logFormat(subject: Subject, name: string): void {
  const value = subject.moved(name);
  if (value === undefined || value === '' || subject.has('log_format')) {
    subject.remove(name);
    return;
  }
  subject.replace(name, {
    log_format: name === 'format' ? { text_format_source: { inline_string: value } } : { json_format: value },
  });
}

export const FILTER_CONFIGS: readonly Entry[] = [
  {
    type: `${FILTERS}.common.fault.v3.FaultDelay`,
    fields: { type: needless },
  },
  {
    type: `${FILTERS}.http.ext_authz.v3.ExtAuthz`,
    fields: { use_alpha: leaveOut('the server is asked in v3 of its protocol') },
  },
  {
    type: `${FILTERS}.http.lua.v3.Lua`,
    fields: {
      inline_code(subject, name) {
        const code = subject.moved(name);
        if (subject.has('default_source_code') || code === undefined) subject.remove(name);
        else subject.replace(name, { default_source_code: { inline_string: code } });
      },
    },
  },
  {
    type: 'envoy.extensions.access_loggers.file.v3.FileAccessLog',
    fields: { format: logFormat, typed_json_format: logFormat },
  },
  {
    type: REDIS,
    fields: {
      cluster: redisCluster,
      downstream_auth_password(subject, name) {
        const now = 'downstream_auth_passwords';
        const password = subject.moved(name);
        if (password === undefined || subject.has(now)) subject.remove(name);
        else subject.replace(name, { [now]: [password] });
      },
    },
  },
  {
    type: `${REDIS}.PrefixRoutes`,
    fields: {
      catch_all_cluster(subject, name) {
        const cluster = subject.text(name) ?? '';
        if (cluster === '' || subject.has('catch_all_route')) subject.remove(name);
        else subject.replace(name, catchAll(cluster));
      },
    },
  },
  {
    type: `${FILTERS}.network.tcp_proxy.v3.TcpProxy`,
    fields: { deprecated_v1: oldTcpRoutes },
  },
  {
    type: ZIPKIN,
    fields: {
      collector_endpoint_version(subject, name) {
        const version = subject.message.enumName(name);
        if (version === 'HTTP_JSON_V1') toVersion2(subject, name);
        subject.keep(name);
      },
    },
    after(subject) {
      if (!subject.has('collector_endpoint_version')) toVersion2(subject, undefined);
    },
  },
];

function toVersion2(subject: Subject, name: string | undefined): void {
  if (name === undefined)
    subject.add('collector_endpoint_version', ZIPKIN_DEFAULTS.collector_endpoint_version);
  else subject.setText(name, 'HTTP_JSON');
  const endpoint = subject.text('collector_endpoint') ?? '';
  if (/\/api\/v1\/spans\b/.test(endpoint))
    subject.setText('collector_endpoint', endpoint.replace('/api/v1/spans', '/api/v2/spans'));
  subject.note(
    'check-meaning',
    name,
    'spans go to the collector in version 2 of the Zipkin API: Envoy does not speak version 1 any more',
  );
}
