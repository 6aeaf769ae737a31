// Routes. Source: the comments on deprecated fields in envoy/api/v2/route/route_components.proto of Envoy
// 1.14, and envoy/config/route/v3/route_components.proto.

import type { Fragment, MapBody } from '../../../source/fragment.js';
import type { Message } from '../../message.js';
import { type Entry, needless, renamed, together } from '../entry.js';
import type { Members, Subject } from '../subject.js';
import { ROUTE_CONFIGS, typedConfig } from './extension-points.js';
import { regexOf } from './matchers.js';

const CORS_FILTER = 'envoy.filters.http.cors';
const CORS_POLICY = 'envoy.extensions.filters.http.cors.v3.CorsPolicy';
const TYPED = 'typed_per_filter_config';

/** A CORS policy as the config of the filter for this route or host. */
function corsConfig(subject: Subject, policy: Message): void {
  const { tape } = subject;
  const map = subject.message.value(TYPED);
  if (map >= 0 && tape.get(map, CORS_FILTER) >= 0) return;
  const config = {
    [CORS_FILTER]: typedConfig(CORS_POLICY, subject.walk.body(policy) as MapBody | undefined),
  };
  if (map >= 0)
    subject.replace(TYPED, { [TYPED]: { ...(subject.moved(TYPED) as Members | undefined), ...config } });
  else subject.add(TYPED, config);
}

/** How often and whether redirects are followed inside Envoy. */
function internalRedirects(subject: Subject): void {
  const action = 'internal_redirect_action';
  const max = 'max_internal_redirects';
  const follows = subject.message.enumName(action) === 'HANDLE_INTERNAL_REDIRECT';
  for (const name of [action, max]) if (subject.has(name)) subject.remove(name);
  if (!follows || subject.has('internal_redirect_policy')) return;
  const limit = subject.moved(max);
  subject.replace(action, {
    internal_redirect_policy: limit === undefined ? {} : { max_internal_redirects: limit },
  });
}

/** How the client's grpc-timeout bounds the stream. */
function grpcTimeout(subject: Subject): void {
  const max = 'max_grpc_timeout';
  const offset = 'grpc_timeout_offset';
  const there = [max, offset].filter((name) => subject.has(name));
  const [first, ...rest] = there;
  if (first === undefined) return;
  for (const name of rest) subject.remove(name);
  // An offset alone had no effect.
  if (!subject.has(max) || subject.has('max_stream_duration')) {
    subject.remove(first);
    return;
  }
  const shift = subject.moved(offset);
  subject.replace(first, {
    max_stream_duration: {
      grpc_timeout_header_max: subject.moved(max) ?? '0s',
      ...(shift !== undefined && { grpc_timeout_header_offset: shift }),
    },
  });
}

/** Origins, by exact text and by regular expression, as matchers. */
function origins(subject: Subject): void {
  const { message } = subject;
  const matchers: Fragment[] = [
    ...message.texts('allow_origin').map((exact): Fragment => ({ exact })),
    ...message.texts('allow_origin_regex').map((regex): Fragment => ({ safe_regex: { regex } })),
  ];
  const there = ['allow_origin', 'allow_origin_regex'].filter((name) => message.has(name));
  const [first, ...rest] = there;
  if (first === undefined) return;
  for (const name of rest) subject.remove(name);
  const now = 'allow_origin_string_match';
  if (matchers.length === 0) subject.remove(first);
  else if (!subject.has(now)) subject.replace(first, { [now]: matchers });
  else {
    subject.replace(now, { [now]: [...((subject.moved(now) ?? []) as readonly Fragment[]), ...matchers] });
    subject.remove(first);
  }
}

const corsPolicy = {
  before: origins,
  fields: {
    allow_origin: together,
    allow_origin_regex: together,
    enabled(subject: Subject, name: string) {
      if (subject.isTrue(name) || subject.has('filter_enabled')) subject.remove(name);
      else
        subject.replace(name, {
          filter_enabled: { default_value: { numerator: 0, denominator: 'HUNDRED' } },
        });
    },
  },
};

export const ROUTES: readonly Entry[] = [
  {
    type: 'envoy.config.route.v3.VirtualHost',
    fields: { ...ROUTE_CONFIGS, cors: needless },
    before(subject) {
      const policy = subject.message.message('cors');
      if (policy !== undefined) corsConfig(subject, policy);
    },
  },
  {
    type: 'envoy.config.route.v3.Route',
    fields: ROUTE_CONFIGS,
    before(subject) {
      const policy = subject.message.message('route')?.message('cors');
      if (policy !== undefined) corsConfig(subject, policy);
    },
  },
  {
    type: 'envoy.config.route.v3.WeightedCluster',
    fields: {
      // Envoy refused a total that was not the sum, and takes the sum now.
      total_weight: needless,
    },
  },
  {
    type: 'envoy.config.route.v3.RouteMatch',
    fields: {
      regex: (subject, name) => subject.replace(name, { safe_regex: regexOf(subject, name) }),
    },
  },
  {
    type: 'envoy.config.route.v3.RouteAction',
    before(subject) {
      internalRedirects(subject);
      grpcTimeout(subject);
    },
    fields: {
      cors: needless,
      use_websocket(subject, name) {
        if (!subject.isTrue(name) || subject.has('upgrade_configs')) subject.remove(name);
        else subject.replace(name, { upgrade_configs: [{ upgrade_type: 'websocket' }] });
      },
      internal_redirect_action: together,
      max_internal_redirects: together,
      max_grpc_timeout: together,
      grpc_timeout_offset: together,
      request_mirror_policy(subject, name) {
        const now = 'request_mirror_policies';
        const policy = subject.moved(name);
        if (policy === undefined || subject.has(now)) subject.remove(name);
        else subject.replace(name, { [now]: [policy] });
      },
    },
  },
  {
    type: 'envoy.config.route.v3.RouteAction.RequestMirrorPolicy',
    fields: {
      runtime_key(subject, name) {
        const key = subject.text(name) ?? '';
        if (key === '' || subject.has('runtime_fraction')) subject.remove(name);
        else
          subject.replace(name, {
            runtime_fraction: { default_value: { numerator: 0, denominator: 'HUNDRED' }, runtime_key: key },
          });
      },
    },
  },
  {
    type: 'envoy.config.route.v3.VirtualCluster',
    fields: {
      pattern(subject, name) {
        const method = subject.message.enumName('method') ?? 'METHOD_UNSPECIFIED';
        subject.replace(name, {
          headers: [
            { name: ':path', string_match: { safe_regex: regexOf(subject, name) } },
            ...(method === 'METHOD_UNSPECIFIED'
              ? []
              : [{ name: ':method', string_match: { exact: method } }]),
          ],
        });
      },
      method: needless,
    },
  },
  { type: 'envoy.config.route.v3.CorsPolicy', ...corsPolicy },
  { type: CORS_POLICY, ...corsPolicy },
  {
    type: 'envoy.config.route.v3.RateLimit.Action',
    fields: {
      dynamic_metadata(subject, name) {
        const body = subject.moved(name) as MapBody | undefined;
        if (body !== undefined) subject.replace(name, { metadata: body });
      },
    },
  },
  {
    type: 'envoy.extensions.filters.http.dynamic_forward_proxy.v3.PerRouteConfig',
    fields: {
      host_rewrite: renamed('host_rewrite_literal'),
      auto_host_rewrite_header: renamed('host_rewrite_header'),
    },
  },
];
