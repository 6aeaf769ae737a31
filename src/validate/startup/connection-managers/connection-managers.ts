// What Envoy asks of HTTP connection managers: an order of filters that ends with a router, and settings that do
// not exclude each other.

import { builtIn } from '../../../envoy/extensions/built-in.js';
import type { Message } from '../../../envoy/message.js';
import { typeName } from '../../../envoy/message-reader.js';
import { quoted } from '../../../secrecy/quoted.js';
import { atNode, fieldAt } from '../../place.js';
import type { Report } from '../../rule.js';
import type { Area, StartupCheck } from '../check.js';
import { checkOrder, HTTP_FILTERS } from '../filter-order.js';
import { checkIp } from '../ip-addresses.js';
import { isUnregistered, saidType } from '../registered.js';
import { integerOf, isOn } from '../values.js';

const HCM = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const UPGRADE = `${HCM}.UpgradeConfig`;

/** The filters of a connection manager, or of one of its upgrades. */
function filtersOf(at: Message): readonly Message[] {
  return at.messages(at.type.name === UPGRADE ? 'filters' : 'http_filters');
}

const httpFilterOrder: StartupCheck = {
  code: 'http-filter-order',
  on: [HCM, UPGRADE],
  finds: 'the router is not the last HTTP filter, or the last one is not a router',
  refusal: 'non-terminal filter named … of type … is the last filter in a http filter chain.',
  remedy: 'put envoy.filters.http.router at the end',
  check(at, report) {
    checkOrder(filtersOf(at), HTTP_FILTERS, builtIn('envoy.filters.http'), report);
  },
};

const disabledRouter: StartupCheck = {
  code: 'last-filter-disabled',
  on: [HCM, UPGRADE],
  finds: 'the last HTTP filter is disabled',
  refusal: 'the last (terminal) filter (…) in the chain cannot be disabled by default.',
  remedy: 'remove disabled',
  check(at, report) {
    const last = filtersOf(at).at(-1);
    if (last === undefined || !isOn(last, 'disabled')) return;
    report(fieldAt(last, 'disabled'), { message: 'the last filter ends the chain, and cannot be disabled' });
  },
};

const httpFilterDiscovery: StartupCheck = {
  code: 'http-filter-discovery',
  on: [HCM, UPGRADE],
  finds:
    'a discovered HTTP filter has no default configuration although it asks for one, or is of a type that Envoy does not have',
  refusal: 'filter config … applied without warming but has no default config.',
  remedy: 'correct config_discovery, or write the filter into typed_config',
  check(at, report) {
    const types = builtIn('envoy.filters.http');
    for (const filter of filtersOf(at)) {
      const discovery = filter.message('config_discovery');
      if (discovery === undefined) continue;
      if (isOn(discovery, 'apply_default_config_without_warming') && !discovery.has('default_config'))
        report(fieldAt(discovery, 'apply_default_config_without_warming'), {
          message: 'a default configuration is to be used, and there is none',
          expected: 'default_config',
        });
      const said = saidType(discovery, 'default_config');
      if (said !== undefined && isUnregistered(said.name, types))
        report(fieldAt(discovery, 'default_config'), {
          message: `${quoted(said.name)} is not the type of an HTTP filter`,
          expected: 'an HTTP filter',
        });
      for (const node of discovery.items('type_urls')) {
        const name = typeName(discovery.reader.tape.string(node));
        if (isUnregistered(name, types))
          report(atNode(discovery, node, 'type_urls'), {
            message: `${quoted(name)} is not the type of an HTTP filter`,
            expected: 'an HTTP filter',
          });
      }
    }
  },
};

const rdsSource: StartupCheck = {
  code: 'rds-source',
  on: ['envoy.extensions.filters.network.http_connection_manager.v3.Rds'],
  finds: 'rds does not say where the routes come from',
  refusal: "An RDS config must have either a 'config_source' or an xDS-TP based 'route_config_name'.",
  remedy: 'add a config_source',
  check(rds, report) {
    if (rds.has('config_source') || rds.text('route_config_name')?.startsWith('xdstp:')) return;
    report(rds.around === undefined ? fieldAt(rds) : fieldAt(rds.around, 'rds'), {
      message: 'this does not say where the routes come from',
      expected: 'config_source',
    });
  },
};

const upgradeTwice: StartupCheck = {
  code: 'upgrade-twice',
  on: [HCM, 'envoy.config.route.v3.RouteAction'],
  finds: 'an upgrade type is configured twice; case does not count',
  refusal: "Error: multiple upgrade configs with the same name: 'WEBSOCKET'",
  remedy: 'keep one of the two',
  check(at, report) {
    const seen = new Set<string>();
    for (const upgrade of at.messages('upgrade_configs')) {
      const type = upgrade.text('upgrade_type') ?? '';
      const key = type.toLowerCase();
      if (seen.has(key))
        report(fieldAt(upgrade, 'upgrade_type'), {
          message: `the upgrade type ${quoted(type)} is configured twice`,
          expected: 'each upgrade type once',
        });
      seen.add(key);
    }
  },
};

/** Settings of which Envoy takes one alone; what counts as set differs. */
const PAIRS: readonly {
  readonly field: string;
  readonly other: string;
  readonly isSet: (at: Message, field: string) => boolean;
}[] = [
  { field: 'original_ip_detection_extensions', other: 'use_remote_address', isSet: isOn },
  {
    field: 'original_ip_detection_extensions',
    other: 'xff_num_trusted_hops',
    isSet: (at, field) => (integerOf(at, field) ?? 0) > 0,
  },
  { field: 'strip_any_host_port', other: 'strip_matching_host_port', isSet: isOn },
  { field: 'access_log_options', other: 'access_log_flush_interval', isSet: (at, field) => at.has(field) },
  { field: 'access_log_options', other: 'flush_access_log_on_new_request', isSet: isOn },
];

const managerConflict: StartupCheck = {
  code: 'manager-conflict',
  on: [HCM],
  finds: 'two settings of a connection manager exclude each other',
  refusal: 'Original IP detection extensions and use_remote_address may not be mixed',
  remedy: 'keep one of the two',
  check(manager, report) {
    for (const { field, other, isSet } of PAIRS) {
      const isThere = field.startsWith('strip') ? isOn(manager, field) : manager.hasItems(field);
      if (!isThere || !isSet(manager, other)) continue;
      report(fieldAt(manager, field), {
        message: `${field} and ${other} exclude each other`,
        expected: `${field} or ${other}`,
      });
    }
  },
};

const trustedProxies: StartupCheck = {
  code: 'trusted-proxies',
  on: ['envoy.extensions.http.original_ip_detection.xff.v3.XffConfig'],
  finds: 'trusted proxies are set both by their number and by their addresses',
  refusal: 'Cannot set both xff_num_trusted_hops and xff_trusted_cidrs',
  remedy: 'keep one of the two',
  check(config, report) {
    if ((integerOf(config, 'xff_num_trusted_hops') ?? 0) === 0 || !config.has('xff_trusted_cidrs')) return;
    report(fieldAt(config, 'xff_num_trusted_hops'), {
      message: 'xff_num_trusted_hops and xff_trusted_cidrs exclude each other',
      expected: 'xff_num_trusted_hops or xff_trusted_cidrs',
    });
  },
};

const internalAddresses: StartupCheck = {
  code: 'internal-addresses',
  on: [`${HCM}.InternalAddressConfig`],
  finds: 'a range of internal addresses does not begin with an IP address',
  refusal: "invalid ip/mask combo '10.0.0.0/8/8' (format is <ip>/<# mask bits>)",
  remedy: 'write the address as address_prefix, and how many of its bits count as prefix_len',
  check(config, report) {
    for (const range of config.messages('cidr_ranges'))
      checkIp(range, 'address_prefix', 'an IP address without a length', report);
  },
};

const unsupportedSetting: StartupCheck = {
  code: 'manager-unsupported',
  on: [HCM],
  finds: 'a connection manager has a setting that is for clusters, or that the public binaries do not have',
  refusal: 'This Envoy binary does not support header validator extensions.',
  remedy: 'remove it',
  check(manager, report) {
    const validator = manager.message('typed_header_validation_config');
    const type = validator && saidType(validator)?.name;
    if (validator !== undefined && (type === undefined || type.startsWith('envoy.')))
      report(fieldAt(manager, 'typed_header_validation_config'), {
        message: 'the public binaries of Envoy have no header validators',
      });
    const common = manager.message('common_http_protocol_options');
    if (common?.has('max_response_headers_kb'))
      report(fieldAt(common, 'max_response_headers_kb'), {
        message: 'max_response_headers_kb is for clusters, not for connection managers',
      });
  },
};

const TRACING = `${HCM}.Tracing`;

const tracerTarget: StartupCheck = {
  code: 'tracer-target',
  on: [TRACING],
  finds: 'a tracer does not say in one way where its spans go',
  refusal: 'collector_cluster and collector_endpoint must be specified when not using collector_service',
  remedy:
    'for Zipkin set collector_cluster and collector_endpoint, or collector_service; for OpenTelemetry one of grpc_service and http_service',
  check(tracing, report) {
    const config = tracing.message('provider')?.message('typed_config');
    if (config === undefined) return;
    if (config.type.name === 'envoy.config.trace.v3.ZipkinConfig') zipkinTarget(config, report);
    if (config.type.name === 'envoy.config.trace.v3.OpenTelemetryConfig') {
      const ways = ['grpc_service', 'http_service', 'exporter'].filter((field) => config.has(field));
      if (ways.length !== 1)
        report(ways[1] === undefined ? fieldAt(tracing, 'provider') : fieldAt(config, ways[1]), {
          message:
            ways.length === 0
              ? 'this does not say where spans go'
              : `${ways.join(' and ')} exclude each other`,
          expected: 'grpc_service or http_service',
        });
    }
  },
};

function zipkinTarget(config: Message, report: Report): void {
  if (config.has('collector_service')) return;
  const missing = ['collector_cluster', 'collector_endpoint'].filter(
    (field) => (config.text(field) ?? '') === '',
  );
  if (missing.length > 0)
    report(fieldAt(config, 'collector_cluster'), {
      message: `this does not say where spans go: ${missing.join(' and ')} missing`,
      expected: 'collector_cluster and collector_endpoint, or collector_service',
    });
}

const inlineScopes: StartupCheck = {
  code: 'inline-scopes',
  on: ['envoy.extensions.filters.network.http_connection_manager.v3.ScopedRouteConfigurationsList'],
  finds: 'a scope that is written out names its routes instead of having them',
  refusal: 'Fetching routes via RDS (route_configuration_name) is not supported with inline scoped routes.',
  remedy: 'write the routes into route_configuration',
  check(list, report) {
    for (const scope of list.messages('scoped_route_configurations')) {
      const field = ['route_configuration_name'].find((name) => (scope.text(name) ?? '') !== '');
      if (field === undefined && scope.has('route_configuration')) continue;
      report(field === undefined ? fieldAt(scope) : fieldAt(scope, field), {
        message: 'a scope that is written out has its routes in itself',
        expected: 'route_configuration',
      });
    }
  },
};

/** The area. */
export const CONNECTION_MANAGERS: Area = {
  name: 'connection-managers',
  title: 'HTTP connection managers',
  checks: [
    httpFilterOrder,
    disabledRouter,
    httpFilterDiscovery,
    rdsSource,
    upgradeTwice,
    managerConflict,
    trustedProxies,
    internalAddresses,
    unsupportedSetting,
    tracerTarget,
    inlineScopes,
  ],
};
