// What Envoy asks of the fields that say how a cluster finds its endpoints.

import { isIP } from 'node:net';
import type { Message } from '../../../envoy/message.js';
import { durationNanos } from '../../../envoy/schema/well-known.js';
import { nearName } from '../../../finding/near-name.js';
import { quoted } from '../../../secrecy/quoted.js';
import { fieldAt } from '../../place.js';
import type { Report } from '../../rule.js';
import type { StartupCheck } from '../check.js';
import { isUnregistered, saidType } from '../registered.js';
import { CLUSTER } from '../types.js';
import { httpOptionsOf } from './http-options.js';
import { EXTENSION_NAMES, extensionConfig, kindOf, resolvesNames } from './kind.js';

const unknownClusterType: StartupCheck = {
  code: 'unknown-cluster-type',
  on: [CLUSTER],
  finds: 'a cluster_type is not a kind of cluster that Envoy has',
  refusal: "Didn't find a registered cluster factory implementation for name: '…'",
  remedy: 'correct the @type of its typed_config, by which Envoy finds it, or its name',
  check(cluster, report) {
    const extension = cluster.message('cluster_type');
    if (extension === undefined || kindOf(cluster) !== 'unknown') return;
    const said = saidType(extension);
    const name = extension.text('name') ?? '';
    const isByName = said === undefined || said.name.startsWith('google.protobuf.');
    const suggestion = isByName ? nearName(name, EXTENSION_NAMES) : undefined;
    report(isByName ? fieldAt(extension) : said.place, {
      message: isByName
        ? `Envoy has no kind of cluster ${quoted(name)}`
        : `${said.name} does not configure a kind of cluster`,
      expected: 'a kind of cluster',
      ...(suggestion !== undefined && { suggestion }),
    });
  },
};

/** The kinds of clusters, by name, whose configuration has to say something. */
const CONFIGURED: ReadonlySet<string> = new Set([
  'envoy.clusters.aggregate',
  'envoy.clusters.composite',
  'envoy.clusters.dynamic_modules',
  'envoy.clusters.mcp_multicluster',
  'envoy.clusters.reverse_connection',
]);

const clusterTypeConfig: StartupCheck = {
  code: 'cluster-type-config',
  on: [CLUSTER],
  finds: 'a cluster_type has no typed_config, and its kind of cluster needs one',
  refusal: 'Proto constraint validation failed (ClusterConfigValidationError.Clusters: …)',
  remedy: 'add typed_config, with the message of the cluster_type in @type',
  check(cluster, report) {
    const extension = cluster.message('cluster_type');
    if (extension === undefined || extension.has('typed_config')) return;
    const name = extension.text('name') ?? '';
    if (CONFIGURED.has(name))
      report(fieldAt(extension), {
        message: `${name} has to be configured, and this cluster_type has no typed_config`,
        expected: 'typed_config',
      });
  },
};

const edsConfig: StartupCheck = {
  code: 'eds-config',
  on: [CLUSTER],
  finds: 'an EDS cluster has no source, or another kind of cluster an eds_cluster_config',
  refusal: 'cannot create an EDS cluster without an EDS config; eds_cluster_config set in a non-EDS cluster',
  remedy: 'add eds_cluster_config with an eds_config to EDS clusters, and remove it from others',
  check(cluster, report) {
    const config = cluster.message('eds_cluster_config');
    const hasType = cluster.enumName('type') === 'EDS';
    if (config === undefined && kindOf(cluster) === 'EDS')
      report(fieldAt(cluster, hasType ? 'type' : 'cluster_type'), {
        message: 'an EDS cluster gets its endpoints from a source, and this one has none',
        expected: 'eds_cluster_config',
      });
    else if (config !== undefined && !hasType)
      report(fieldAt(cluster, 'eds_cluster_config'), {
        message: 'eds_cluster_config is for clusters of type EDS',
        expected: 'type: EDS, or no eds_cluster_config',
      });
    else if (config !== undefined && !config.has('eds_config'))
      report(fieldAt(cluster, 'eds_cluster_config'), {
        message: 'this eds_cluster_config has no source',
        expected: 'eds_config',
      });
  },
};

const originalDestination: StartupCheck = {
  code: 'original-destination',
  on: [CLUSTER],
  finds: 'an ORIGINAL_DST cluster has endpoints, an lb_policy of its own, or a header that it does not use',
  refusal:
    'ORIGINAL_DST clusters must have no load assignment configured; LB policy … is not valid for Cluster type ORIGINAL_DST',
  remedy:
    'set lb_policy: CLUSTER_PROVIDED, remove load_assignment, and set use_http_header for http_header_name',
  check(cluster, report) {
    if (kindOf(cluster) !== 'ORIGINAL_DST') return;
    if (cluster.has('load_assignment'))
      report(fieldAt(cluster, 'load_assignment'), {
        message: 'the endpoints of an ORIGINAL_DST cluster are where connections were going',
        expected: 'no load_assignment',
      });
    const policy = cluster.enumName('lb_policy') ?? 'ROUND_ROBIN';
    if (policy !== 'CLUSTER_PROVIDED')
      report(
        fieldAt(
          cluster,
          ['lb_policy', 'type', 'cluster_type'].find((field) => cluster.has(field)),
        ),
        {
          message: `an ORIGINAL_DST cluster balances no load, and the lb_policy is ${policy}`,
          expected: 'lb_policy: CLUSTER_PROVIDED',
        },
      );
    const config = cluster.message('original_dst_lb_config') ?? extensionConfig(cluster);
    if ((config?.text('http_header_name') ?? '') !== '' && config?.text('use_http_header') !== 'true')
      report(fieldAt(config as Message, 'http_header_name'), {
        message: 'this header is not used',
        expected: 'use_http_header: true next to it',
      });
  },
};

/** The rates at which failed lookups are repeated: in clusters, and in the extension that takes their place. */
const dnsFailureRate: StartupCheck = {
  code: 'dns-failure-refresh-rate',
  on: [CLUSTER],
  finds: 'the max_interval of dns_failure_refresh_rate is below its base_interval',
  refusal: 'dns_failure_refresh_rate must have max_interval greater than or equal to the base_interval',
  remedy: 'raise max_interval',
  check(cluster, report) {
    if (!resolvesNames(kindOf(cluster))) return;
    const rate = (extensionConfig(cluster) ?? cluster).message('dns_failure_refresh_rate');
    const base = durationNanos(rate?.text('base_interval') ?? '');
    const most = durationNanos(rate?.text('max_interval') ?? '');
    if (rate === undefined || base === undefined || most === undefined || most >= base) return;
    report(fieldAt(rate, 'max_interval'), {
      message: `max_interval is ${rate.text('max_interval')}, and base_interval ${rate.text('base_interval')}`,
      expected: 'a max_interval that is not below base_interval',
    });
  },
};

const DNS_PACKAGE = 'envoy.extensions.network.dns_resolver';

/** The resolvers of names that Envoy has; that of Apple is in builds for macOS. */
const DNS_RESOLVERS: ReadonlySet<string> = new Set(
  [
    'apple.v3.AppleDnsResolverConfig',
    'cares.v3.CaresDnsResolverConfig',
    'getaddrinfo.v3.GetAddrInfoDnsResolverConfig',
    'hickory.v3.HickoryDnsResolverConfig',
  ].map((name) => `${DNS_PACKAGE}.${name}`),
);

/** The messages that say how names are resolved. */
const RESOLVING: readonly string[] = [
  CLUSTER,
  'envoy.config.bootstrap.v3.Bootstrap',
  'envoy.extensions.clusters.dns.v3.DnsCluster',
  'envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig',
];

const dnsResolver: StartupCheck = {
  code: 'dns-resolver',
  on: RESOLVING,
  finds: 'a typed_dns_resolver_config is not a DNS resolver that Envoy has',
  refusal: "Didn't find a registered implementation for '…' with type URL: '…'",
  remedy: 'use the message of a DNS resolver, such as CaresDnsResolverConfig, as its @type',
  check(holder, report) {
    if (holder.type.name === CLUSTER && !resolvesNames(kindOf(holder))) return;
    const extension = holder.message('typed_dns_resolver_config');
    const said = extension === undefined ? undefined : saidType(extension);
    if (said === undefined || !isUnregistered(said.name, DNS_RESOLVERS)) return;
    report(fieldAt(holder, 'typed_dns_resolver_config'), {
      message: `${said.name} is not a DNS resolver`,
      expected: 'CaresDnsResolverConfig, GetAddrInfoDnsResolverConfig or HickoryDnsResolverConfig',
    });
  },
};

const dnsServer: StartupCheck = {
  code: 'dns-server',
  on: RESOLVING,
  finds: 'a DNS server is given by name',
  refusal: 'malformed IP address: …; DNS resolver … is not an IP address',
  remedy: 'give the IP address of the server',
  check(holder, report) {
    if (holder.type.name === CLUSTER && !resolvesNames(kindOf(holder))) return;
    const typed = holder.message('typed_dns_resolver_config')?.message('typed_config');
    for (const address of [
      ...(typed?.messages('resolvers') ?? []),
      ...(holder.message('dns_resolution_config')?.messages('resolvers') ?? []),
      ...holder.messages('dns_resolvers'),
    ]) {
      const socket = address.message('socket_address');
      const written = socket?.text('address') ?? '';
      if (socket !== undefined && (written === '' || isIP(written) !== 0)) continue;
      if (socket === undefined && !address.has('pipe')) continue;
      report(socket === undefined ? fieldAt(address, 'pipe') : fieldAt(socket, 'address'), {
        message: 'a DNS server is reached by its IP address, and this is none',
        expected: 'an IP address',
      });
    }
  },
};

const SELECTORS: ReadonlySet<string> = new Set([
  'envoy.config.upstream.local_address_selector.v3.DefaultLocalAddressSelector',
  'envoy.extensions.local_address_selectors.filter_state_override.v3.Config',
]);

const bindAddress: StartupCheck = {
  code: 'bind-address',
  on: [CLUSTER, 'envoy.config.bootstrap.v3.ClusterManager'],
  finds:
    'the source addresses of an upstream_bind_config are not IP addresses, or not one of each IP version',
  refusal:
    "malformed IP address: …; Cluster …'s upstream binding config has two same IP version source addresses",
  remedy: 'give IP addresses: source_address, and at most one more of the other IP version',
  check(holder, report) {
    const bind = holder.message('upstream_bind_config');
    if (bind === undefined) return;
    const source = bind.message('source_address');
    const extra = bind.messages('extra_source_addresses').map((one) => one.message('address'));
    const others = [...extra, ...bind.messages('additional_source_addresses')].filter(
      (one) => one !== undefined,
    );
    const addresses = source === undefined ? others : [source, ...others];
    const versions = addresses.map((one) => sourceVersion(one, report));
    const list = extra.length > 0 ? 'extra_source_addresses' : 'additional_source_addresses';
    const tell = (message: string, expected: string): void =>
      report(fieldAt(bind, list), { message, expected });
    if (bind.hasItems('extra_source_addresses') && bind.hasItems('additional_source_addresses'))
      report(fieldAt(bind, 'additional_source_addresses'), {
        message:
          'additional_source_addresses is the old name of extra_source_addresses, which is here as well',
        expected: 'one of the two',
      });
    else if (source === undefined && others.length > 0)
      tell('these are addresses beside source_address, which is not there', 'a source_address');
    else if (others.length > 1) tell(`there are ${others.length} more addresses`, 'one more address');
    else if (versions.length === 2 && versions[0] !== 0 && versions[0] === versions[1])
      report(fieldAt(others[0] as Message, 'address'), {
        message: `this is an IPv${versions[1]} address, as source_address is`,
        expected: 'an address of the other IP version',
      });
    const selector = bind.message('local_address_selector');
    const said = selector === undefined ? undefined : saidType(selector);
    if (said !== undefined && isUnregistered(said.name, SELECTORS))
      report(said.place, {
        message: `${said.name} does not select local addresses`,
        expected: 'DefaultLocalAddressSelector',
      });
  },
};

/** The IP version of a source address; 0, and a report, where it is none. */
function sourceVersion(socket: Message, report: Report): number {
  const written = socket.text('address') ?? '';
  const version = isIP(written);
  const resolver = socket.text('resolver_name') ?? '';
  const [field, message] =
    resolver !== '' && resolver !== 'envoy.ip'
      ? ['resolver_name', `Envoy has no address resolver ${quoted(resolver)}`]
      : socket.has('named_port')
        ? ['named_port', 'Envoy does not look up ports by name']
        : written !== '' && version === 0
          ? ['address', 'connections begin at an IP address, and this is none']
          : [];
  if (field !== undefined && message !== undefined)
    report(fieldAt(socket, field), { message, expected: 'an IP address with a port_value' });
  return version;
}

const statisticsTwice: StartupCheck = {
  code: 'endpoint-statistics',
  on: [CLUSTER],
  finds: 'per_endpoint_stats is set, and the cluster manager reports loads',
  refusal: 'Only one of cluster per_endpoint_stats and cluster manager load_stats_config can be specified',
  remedy: 'remove one of the two',
  check(cluster, report, { instance: { bootstrap } }) {
    const track = cluster.message('track_cluster_stats');
    if (track?.text('per_endpoint_stats') !== 'true') return;
    if (bootstrap?.message('cluster_manager')?.has('load_stats_config'))
      report(fieldAt(track, 'per_endpoint_stats'), {
        message: 'per_endpoint_stats does not go with load_stats_config of the cluster manager',
        expected: 'one of the two',
      });
  },
};

const forwardProxyOptions: StartupCheck = {
  code: 'forward-proxy-options',
  on: [CLUSTER],
  finds: 'a dynamic forward proxy cluster with HTTP options does not check the names of servers',
  refusal:
    'dynamic_forward_proxy cluster must have auto_sni and auto_san_validation true unless allow_insecure_cluster_options is set',
  remedy: 'set auto_sni and auto_san_validation in upstream_http_protocol_options',
  check(cluster, report) {
    if (kindOf(cluster) !== 'dynamic forward proxy') return;
    if (extensionConfig(cluster)?.text('allow_insecure_cluster_options') === 'true') return;
    const typed = httpOptionsOf(cluster);
    const options = (typed ?? cluster).message('upstream_http_protocol_options');
    if (typed === undefined && options === undefined) return;
    const missing = ['auto_sni', 'auto_san_validation'].filter((field) => options?.text(field) !== 'true');
    if (missing.length === 0) return;
    report(
      options === undefined
        ? fieldAt(cluster, 'typed_extension_protocol_options')
        : fieldAt(typed ?? cluster, 'upstream_http_protocol_options'),
      {
        message: `a dynamic forward proxy has to check whom it reaches, and ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not set`,
        expected: 'auto_sni: true and auto_san_validation: true',
      },
    );
  },
};

/** The checks of how endpoints are found. */
export const DISCOVERY_CHECKS: readonly StartupCheck[] = [
  unknownClusterType,
  clusterTypeConfig,
  edsConfig,
  originalDestination,
  dnsFailureRate,
  dnsResolver,
  dnsServer,
  bindAddress,
  statisticsTwice,
  forwardProxyOptions,
];
