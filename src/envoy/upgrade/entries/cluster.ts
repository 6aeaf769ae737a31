// Clusters and endpoints. Sources: the comments on deprecated fields in envoy/api/v2/cluster.proto of Envoy
// 1.14, and envoy/config/cluster/v3/cluster.proto.

import type { Fragment } from '../../../source/fragment.js';
import { Kind } from '../../../source/tape.js';
import { extensionOf } from '../../extensions/extension-config.js';
import { type Entry, needless, together } from '../entry.js';
import type { Members, Subject } from '../subject.js';
import { PROTOCOL_OPTIONS, typedConfig } from './extension-points.js';

const HTTP_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
const CARES = 'envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig';

/** `hosts` as a load assignment of one group of endpoints. */
function hosts(subject: Subject, name: string): void {
  if (subject.has('load_assignment') || subject.message.items(name).length === 0) {
    subject.remove(name);
    return;
  }
  const addresses = subject.moved(name) as readonly Fragment[];
  subject.replace(name, {
    load_assignment: {
      cluster_name: subject.text('name') ?? '',
      endpoints: [{ lb_endpoints: addresses.map((address) => ({ endpoint: { address } })) }],
    },
  });
}

/** `tls_context` as a transport socket; Envoy took no notice of it beside one. */
export function tlsContext(side: 'Upstream' | 'Downstream') {
  return (subject: Subject, name: string): void => {
    const context = subject.message.message(name);
    if (subject.has('transport_socket') || context === undefined) {
      subject.remove(name);
      return;
    }
    subject.replace(name, {
      transport_socket: {
        name: 'envoy.transport_sockets.tls',
        typed_config: typedConfig(
          `envoy.extensions.transport_sockets.tls.v3.${side}TlsContext`,
          subject.walk.body(context),
        ),
      },
    });
  };
}

const HTTP_FIELDS = [
  'upstream_http_protocol_options',
  'common_http_protocol_options',
  'max_requests_per_connection',
  'http_protocol_options',
  'http2_protocol_options',
  'protocol_selection',
] as const;

/** All that a cluster says of HTTP as one message of typed_extension_protocol_options. */
function httpOptions(subject: Subject): void {
  const there = HTTP_FIELDS.filter((name) => subject.has(name));
  if (there.length === 0) return;
  const typed = 'typed_extension_protocol_options';
  const { tape } = subject;
  const map = subject.message.value(typed);
  if (map >= 0 && tape.get(map, HTTP_OPTIONS) >= 0) {
    // Envoy took no notice of the others beside it.
    for (const name of there) subject.remove(name);
    return;
  }
  const selection = subject.message.enumName('protocol_selection');
  if (there.every((name) => name === 'protocol_selection') && selection !== 'USE_DOWNSTREAM_PROTOCOL') {
    subject.remove('protocol_selection');
    return;
  }
  const options = typedConfig(HTTP_OPTIONS, undefined) as Members;
  const value: Members = {
    ...options,
    ...carried(subject, 'common_http_protocol_options', commonOptions(subject)),
    ...carried(subject, 'upstream_http_protocol_options', upstreamOptions(subject)),
    ...protocol(subject, selection === 'USE_DOWNSTREAM_PROTOCOL'),
  };
  const [first, ...rest] = there;
  const entries = { ...(subject.moved(typed) as Members | undefined), [HTTP_OPTIONS]: value };
  subject.replace(map < 0 ? (first as string) : typed, { [typed]: entries });
  for (const name of map < 0 ? rest : there) subject.remove(name);
}

function carried(_: Subject, name: string, value: Fragment | undefined): Members {
  return value === undefined ? {} : { [name]: value };
}

/**
 * How server names are sent and checked. A dynamic forward proxy does both by default, but only while the cluster has no
 * HTTP options of its own. Source: ClusterFactory::createClusterWithConfig of Envoy's dynamic_forward_proxy cluster.
 */
function upstreamOptions(subject: Subject): Fragment | undefined {
  const name = 'upstream_http_protocol_options';
  const type = subject.message.message('cluster_type');
  const isForwardProxy = type !== undefined && extensionOf(type)?.name === FORWARD_PROXY;
  return subject.moved(name) ?? (isForwardProxy ? { auto_sni: true, auto_san_validation: true } : undefined);
}

const FORWARD_PROXY = 'envoy.clusters.dynamic_forward_proxy';

function commonOptions(subject: Subject): Fragment | undefined {
  const limit = subject.moved('max_requests_per_connection');
  const common = subject.message.message('common_http_protocol_options');
  const body = common === undefined ? undefined : subject.walk.body(common);
  if (limit === undefined || common?.has('max_requests_per_connection')) return body;
  const first = { max_requests_per_connection: limit };
  return body === undefined ? first : body.behind(first);
}

/** Which protocol is spoken: that of the client, or the one that options are given for; HTTP/2 won over HTTP/1. */
function protocol(subject: Subject, downstream: boolean): Members {
  const one = 'http_protocol_options';
  const two = 'http2_protocol_options';
  const first = subject.moved(one);
  const second = subject.moved(two);
  if (downstream) {
    return {
      use_downstream_protocol_config: { ...carried(subject, one, first), [two]: second ?? {} },
    };
  }
  return { explicit_http_config: second === undefined ? { [one]: first ?? {} } : { [two]: second } };
}

/** How names are looked up, as the config of a resolver. */
export function dnsResolver(subject: Subject): void {
  const resolvers = 'dns_resolvers';
  const tcp = 'use_tcp_for_dns_lookups';
  const there = [resolvers, tcp].filter((name) => subject.has(name));
  const [first, ...rest] = there;
  if (first === undefined) return;
  const addresses = (subject.moved(resolvers) ?? []) as readonly Fragment[];
  const overTcp = subject.isTrue(tcp);
  for (const name of rest) subject.remove(name);
  if ((addresses.length === 0 && !overTcp) || subject.has('typed_dns_resolver_config')) {
    subject.remove(first);
    return;
  }
  subject.replace(first, {
    typed_dns_resolver_config: {
      name: 'envoy.network.dns_resolver.cares',
      typed_config: {
        ...(typedConfig(CARES, undefined) as Members),
        ...(addresses.length > 0 && { resolvers: addresses }),
        ...(overTcp && { dns_resolver_options: { use_tcp_for_dns_lookups: true } }),
      },
    },
  });
}

export const CLUSTERS: readonly Entry[] = [
  {
    type: 'envoy.config.cluster.v3.Cluster',
    before(subject) {
      httpOptions(subject);
      dnsResolver(subject);
    },
    fields: {
      ...PROTOCOL_OPTIONS,
      ...Object.fromEntries(HTTP_FIELDS.map((name) => [name, together])),
      hosts,
      tls_context: tlsContext('Upstream'),
      dns_resolvers: together,
      use_tcp_for_dns_lookups: together,
      lb_policy(subject, name) {
        if (subject.message.enumName(name) === 'ORIGINAL_DST_LB') subject.setText(name, 'CLUSTER_PROVIDED');
        subject.keep(name);
      },
      track_timeout_budgets(subject, name) {
        if (!subject.isTrue(name) || subject.has('track_cluster_stats')) subject.remove(name);
        else subject.replace(name, { track_cluster_stats: { timeout_budgets: true } });
      },
    },
  },
  {
    type: 'envoy.config.cluster.v3.LoadBalancingPolicy.Policy',
    fields: {
      name(subject) {
        subject.unknown(undefined, { message: 'no Envoy of v2 had load balancing policies of this form' });
      },
      config: together,
      typed_config: together,
    },
  },
  {
    type: 'envoy.config.endpoint.v3.ClusterLoadAssignment.Policy',
    fields: {
      disable_overprovisioning(subject, name) {
        // Each priority is as healthy as its hosts, and no more.
        if (subject.isTrue(name) && !subject.has('overprovisioning_factor'))
          subject.replace(name, { overprovisioning_factor: 100 });
        else needless(subject, name);
      },
    },
  },
  {
    type: 'envoy.config.core.v3.Http2ProtocolOptions',
    fields: {
      stream_error_on_invalid_http_messaging(subject, name) {
        const now = 'override_stream_error_on_invalid_http_message';
        if (subject.has(now)) subject.remove(name);
        else subject.rename(name, now);
        subject.keep(name);
      },
    },
  },
  {
    type: 'envoy.config.core.v3.HealthCheck',
    fields: {
      event_log_path(subject, name) {
        const path = subject.text(name) ?? '';
        if (path === '' || subject.has('event_logger')) subject.remove(name);
        else
          subject.replace(name, {
            event_logger: [
              {
                name: 'envoy.health_check.event_sink.file',
                typed_config: {
                  '@type':
                    'type.googleapis.com/envoy.extensions.health_check.event_sinks.file.v3.HealthCheckEventFileSink',
                  event_log_path: path,
                },
              },
            ],
          });
      },
    },
  },
  {
    type: 'envoy.config.core.v3.HealthCheck.HttpHealthCheck',
    fields: {
      service_name(subject, name) {
        if (subject.has('service_name_matcher') || subject.text(name) === '') subject.remove(name);
        else subject.replace(name, { service_name_matcher: { prefix: subject.text(name) ?? '' } });
      },
      use_http2(subject, name) {
        if (subject.isTrue(name) && !subject.has('codec_client_type'))
          subject.replace(name, { codec_client_type: 'HTTP2' });
        else subject.remove(name);
      },
      receive(subject, name) {
        const body = subject.message.message(name);
        const payload = body === undefined ? undefined : subject.walk.body(body);
        if (payload !== undefined && subject.tape.kind(subject.message.value(name)) === Kind.Map)
          subject.replace(name, { receive: [payload] });
      },
    },
  },
];
