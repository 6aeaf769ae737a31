// What Envoy asks of the sources that resources come from by discovery: secrets, endpoints, routes, and so on.

import type { Message } from '../../../envoy/message.js';
import { SDS_CONFIG } from '../../../tls/fields.js';
import { fieldAt } from '../../place.js';
import type { Report } from '../../rule.js';
import type { Area, Scene, StartupCheck } from '../check.js';

const SECRETS = 'envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig';
const DYNAMIC = 'envoy.config.bootstrap.v3.Bootstrap.DynamicResources';

/** The messages with sources that Envoy subscribes to when it makes what they are for, and the sources' fields. */
const SOURCES: ReadonlyMap<string, readonly string[]> = new Map([
  [SECRETS, [SDS_CONFIG]],
  [DYNAMIC, ['cds_config', 'lds_config']],
  ['envoy.config.bootstrap.v3.RuntimeLayer.RtdsLayer', ['rtds_config']],
  ['envoy.config.cluster.v3.Cluster.EdsClusterConfig', ['eds_config']],
  ['envoy.config.core.v3.ExtensionConfigSource', ['config_source']],
  ['envoy.config.route.v3.Vhds', ['config_source']],
  ['envoy.extensions.filters.network.http_connection_manager.v3.Rds', ['config_source']],
  ['envoy.extensions.filters.network.http_connection_manager.v3.ScopedRds', ['scoped_rds_config_source']],
]);
const HOLDERS = [...SOURCES.keys()];

/** Looks at each source that a message has. */
function eachSource(
  look: (source: Message, report: Report, scene: Scene, holder: Message) => void,
): StartupCheck['check'] {
  return (holder, report, scene) => {
    for (const field of SOURCES.get(holder.type.name) ?? []) {
      const source = holder.message(field);
      if (source !== undefined) look(source, report, scene, holder);
    }
  };
}

/** Looks at each description of a server that is asked: those of sources, and that of ADS. */
function eachServer(
  look: (api: Message, report: Report, use: { readonly isSecrets: boolean; readonly isAds: boolean }) => void,
): StartupCheck['check'] {
  const inSources = eachSource((source, report, _, holder) => {
    const api = source.message('api_config_source');
    if (api !== undefined) look(api, report, { isSecrets: holder.type.name === SECRETS, isAds: false });
  });
  return (holder, report, scene) => {
    inSources(holder, report, scene);
    const ads = holder.type.name === DYNAMIC ? holder.message('ads_config') : undefined;
    if (ads !== undefined) look(ads, report, { isSecrets: false, isAds: true });
  };
}

/** The way in which a server is asked; the value 0 of the enum stands for none. */
function apiType(api: Message): string {
  return api.enumName('api_type') ?? '';
}

function isGrpc(api: Message): boolean {
  return apiType(api).endsWith('GRPC');
}

const sourceServers: StartupCheck = {
  code: 'source-servers',
  on: HOLDERS,
  finds: 'a source does not name one server, in the way that its api_type has',
  refusal:
    'API configs must have either a gRPC service or a cluster name defined; …GRPC must have no more than 1 gRPC services specified; must have a singleton cluster name specified',
  remedy: 'give one grpc_services for GRPC and DELTA_GRPC, and one of cluster_names for REST',
  check: eachServer((api, report, { isSecrets }) => {
    const services = api.items('grpc_services').length;
    const names = api.items('cluster_names').length;
    const type = apiType(api);
    const tell = (field: string | undefined, message: string, expected: string): void =>
      report(field === undefined ? placeOf(api) : fieldAt(api, field), { message, expected });
    if (services === 0 && names === 0)
      tell(undefined, 'this source names no server', type === 'REST' ? 'cluster_names' : 'grpc_services');
    else if (isGrpc(api)) {
      if (names > 0)
        tell('cluster_names', `cluster_names is for REST, and this source is ${type}`, 'grpc_services');
      else if (services > 1)
        tell('grpc_services', `a source has one gRPC service, and this one has ${services}`, 'one service');
    } else if (type === 'REST') {
      // For secrets Envoy looks at the first cluster name alone, and crashes where there is none.
      if (services > 0 && !(isSecrets && names > 0))
        tell('grpc_services', 'grpc_services is for GRPC, and this source is REST', 'cluster_names');
      else if (names > 1 && !isSecrets)
        tell('cluster_names', `a REST source has one cluster name, and this one has ${names}`, 'one name');
    }
  }),
};

/** Where a message as a whole is: its field in the message around. */
function placeOf(at: Message): ReturnType<typeof fieldAt> {
  const { around } = at;
  const field = around?.present.find(({ name }) => around.value(name) === at.node)?.name;
  return around === undefined || field === undefined ? fieldAt(at) : fieldAt(around, field);
}

const refreshDelay: StartupCheck = {
  code: 'rest-without-refresh-delay',
  on: HOLDERS,
  finds: 'a REST source has no refresh_delay',
  refusal: 'refresh_delay is required for REST API configuration sources',
  remedy: 'add a refresh_delay, such as 30s',
  check: eachServer((api, report) => {
    if (apiType(api) === 'REST' && !api.has('refresh_delay'))
      report(placeOf(api), {
        message: 'a REST source is asked again and again, and this one has no refresh_delay',
        expected: 'refresh_delay',
      });
  }),
};

const sourceType: StartupCheck = {
  code: 'source-without-type',
  on: HOLDERS,
  finds: 'an api_config_source has no api_type',
  refusal: 'Using the default now-deprecated value DEPRECATED_AND_UNAVAILABLE_DO_NOT_USE for enum',
  remedy: 'set api_type: GRPC, DELTA_GRPC or REST',
  check: eachServer((api, report) => {
    if (!['', 'DEPRECATED_AND_UNAVAILABLE_DO_NOT_USE'].includes(apiType(api))) return;
    report(api.has('api_type') ? fieldAt(api, 'api_type') : placeOf(api), {
      message: 'this source has no api_type',
      expected: 'api_type: GRPC, DELTA_GRPC or REST',
    });
  }),
};

const aggregatedSource: StartupCheck = {
  code: 'aggregated-source',
  on: HOLDERS,
  finds: 'a source of one kind of resource is AGGREGATED_GRPC, or ads_config is not GRPC or DELTA_GRPC',
  refusal: 'Unsupported config source AGGREGATED_GRPC; type must be of non-aggregated gRPC',
  remedy: 'use ads: {} for what comes over ADS, and GRPC or DELTA_GRPC in ads_config and elsewhere',
  check: eachServer((api, report, { isAds }) => {
    const type = apiType(api);
    if (!(type.startsWith('AGGREGATED_') || (isAds && type === 'REST'))) return;
    report(fieldAt(api, 'api_type'), {
      message: `${type} is not an api_type of ${isAds ? 'ads_config' : 'a single source'}`,
      expected: isAds ? 'GRPC or DELTA_GRPC' : 'ads: {} instead of an api_config_source',
    });
  }),
};

const transportV2: StartupCheck = {
  code: 'v2-transport',
  on: HOLDERS,
  finds: 'a source asks in v2',
  refusal: 'V2 xDS transport protocol version is deprecated',
  remedy: 'set transport_api_version: V3',
  check: eachServer((api, report) => {
    if (api.enumName('transport_api_version') === 'V2')
      report(fieldAt(api, 'transport_api_version'), {
        message: 'Envoy does not ask in v2 any more',
        expected: 'V3',
      });
  }),
};

const selfSource: StartupCheck = {
  code: 'self-source',
  on: HOLDERS,
  finds: 'a source is self, where nothing around it comes by discovery',
  refusal: 'Missing config source specifier in envoy::config::core::v3::ConfigSource',
  remedy: 'use ads, api_config_source or path_config_source',
  check: eachSource((source, report) => {
    if (source.has('self'))
      report(fieldAt(source, 'self'), {
        message: 'Envoy does not read self here',
        expected: 'ads, api_config_source or path_config_source',
      });
  }),
};

const adsWithoutConfig: StartupCheck = {
  code: 'ads-without-config',
  on: HOLDERS,
  finds: 'a source is ads, and the bootstrap has no ads_config',
  refusal: 'ADS must be configured to support an ADS config source: the server ends when it has started',
  remedy: 'add ads_config to dynamic_resources, or another source',
  check: eachSource((source, report, { instance: { bootstrap } }) => {
    if (bootstrap === undefined || !source.has('ads')) return;
    if (bootstrap.message('dynamic_resources')?.has('ads_config')) return;
    report(fieldAt(source, 'ads'), {
      message: 'this comes over ADS, and the bootstrap has no ads_config',
      expected: 'an ads_config in dynamic_resources',
    });
  }),
};

/** The area. */
export const DISCOVERY: Area = {
  name: 'sources',
  title: 'Sources of discovery',
  checks: [
    sourceServers,
    sourceType,
    refreshDelay,
    aggregatedSource,
    transportV2,
    selfSource,
    adsWithoutConfig,
  ],
};
