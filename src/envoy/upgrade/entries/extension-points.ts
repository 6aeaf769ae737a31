// Where a configuration names extensions: `config` Structs become `typed_config`, old names today's names, and
// what only had a name gets its config, since Envoy finds extensions by the type of their config since 1.22.
// Source: "Deprecated" in the version histories of Envoy 1.10, 1.14 and 1.22.

import type { Fragment, MapBody } from '../../../source/fragment.js';
import { isTrue } from '../../../source/plain-kind.js';
import { Kind } from '../../../source/tape.js';
import { type MessageInfo, message as messageType } from '../../api-table.js';
import type { Category } from '../../extensions/categories.js';
import { type Extension, extensionNamed } from '../../extensions/extensions.js';
import type { Message } from '../../message.js';
import { plainValue } from '../../normal-value.js';
import { isV3, successorOf } from '../correspondence.js';
import { type Entry, type FieldRule, together } from '../entry.js';
import { type Members, Subject } from '../subject.js';
import { ZIPKIN, ZIPKIN_DEFAULTS } from './filters.js';
import { compressorConfig } from './gzip.js';

/** A field of type Any for a config: the type's URL, and the config's members behind it. */
export function typedConfig(type: string, body: MapBody | undefined): Fragment {
  const url = { '@type': `type.googleapis.com/${type}` };
  return body === undefined ? url : body.behind(url);
}

/** The v3 message of an extension's config. */
function typeOf({ type, config }: Extension): string | undefined {
  return type ?? (config === undefined ? undefined : successorOf(config)?.name);
}

/** An extension that is known only by where it stands. */
type Resolve = (subject: Subject, name: string) => Extension | undefined;

/**
 * An extension point with a `name`, and a `config` or `typed_config`.
 *
 * @param nameField the field that names the extension
 * @param required whether Envoy wants a config even where there is nothing to say
 */
function point(type: string, category: Category, nameField = 'name', resolve?: Resolve): Entry {
  return {
    type,
    fields: { config: together },
    before: (subject) => settle(subject, category, nameField, resolve),
  };
}

function settle(subject: Subject, category: Category, nameField: string, resolve: Resolve | undefined): void {
  const name = subject.text(nameField) ?? '';
  const extension = resolve?.(subject, name) ?? extensionNamed(category, name);
  if (extension?.gone !== undefined) {
    subject.unknown(undefined, { message: `${name}: ${extension.gone}` });
    subject.keep('typed_config');
    return;
  }
  if (extension !== undefined && extension.name !== name && nameField === 'name' && subject.has(nameField))
    subject.setText(nameField, extension.name);
  const type = extension === undefined ? undefined : typeOf(extension);
  const { message } = subject;
  if (message.has('config')) {
    if (message.has('typed_config')) subject.remove('config');
    else if (isOfV1(subject)) {
      subject.unknown(undefined, {
        message: `the config of ${JSON.stringify(name)} is in API v1, which Envoy 1.9 was the last to read`,
      });
    } else if (type === undefined || extension === undefined) {
      subject.unknown(undefined, {
        message: `${JSON.stringify(name)} is no extension of Envoy that is known here, and its config says no type`,
        expected: 'an extension of Envoy, or a typed_config',
      });
    } else subject.replace('config', { typed_config: typedStruct(subject, extension, type, 'config') });
    if (extension?.remark !== undefined)
      subject.note('check-meaning', nameField, `${name}: ${extension.remark}`);
    return;
  }
  if (subject.has('config_discovery')) return;
  const typed = message.value('typed_config');
  if (type === undefined) {
    if (typed < 0 && !isV3(message.type.name) && !FOUND_BY_NAME.has(category)) {
      subject.unknown(undefined, {
        message: `${JSON.stringify(name)} is no extension of Envoy that is known here, and it has no config to say its type`,
        expected: 'an extension of Envoy, or a typed_config: Envoy finds extensions by it since 1.22',
      });
    }
    return;
  }
  if (typed < 0) subject.add('typed_config', emptyConfig(type));
  // v2 took an Any that says no type for an empty config.
  else if (isEmptyMap(subject, typed)) subject.replace('typed_config', { typed_config: emptyConfig(type) });
}

/** What a config that says nothing says in v3: the defaults of Zipkin's have changed. */
function emptyConfig(type: string): Fragment {
  const config = typedConfig(type, undefined) as Members;
  return type === ZIPKIN ? { ...config, ...ZIPKIN_DEFAULTS } : config;
}

/** Extensions that Envoy still finds by their names. */
const FOUND_BY_NAME: ReadonlySet<Category> = new Set(['grpc-credentials', 'private-key']);

/** Whether a config says of itself that it is of the first API, and stands in its `value`. */
function isOfV1({ message, tape }: Subject): boolean {
  const flag = tape.get(message.value('config'), 'deprecated_v1');
  return flag >= 0 && tape.kind(flag) === Kind.Bool && isTrue(tape.string(flag));
}

function isEmptyMap({ tape }: Subject, node: number): boolean {
  return tape.kind(node) === Kind.Map && tape.links[node] === node + 1;
}

/** A Struct as the config of an extension, in an Any. */
function typedStruct(subject: Subject, extension: Extension, type: string, field: string): Fragment {
  const config = messageType(extension.config ?? type) ?? messageType(type);
  const read = config === undefined ? undefined : subject.message.openAs(config, field);
  return typedConfig(type, read === undefined ? undefined : subject.walk.body(read));
}

/** TLS sockets: which context their Struct is, the cluster or filter chain around tells. */
const tlsSocket: Resolve = ({ message }, name) => {
  if (!/^(?:envoy\.transport_sockets\.)?tls$/.test(name)) return undefined;
  const side = isDownstream(message) ? 'Downstream' : 'Upstream';
  const known = extensionNamed('transport-socket', name) as Extension;
  return { ...known, config: `envoy.api.v2.auth.${side}TlsContext` };
};

function isDownstream(message: Message): boolean {
  for (let at: Message | undefined = message; at !== undefined; at = at.around) {
    if (/\.(?:FilterChain|Listener)$/.test(at.type.name)) return true;
    if (/\.Cluster$/.test(at.type.name)) return false;
  }
  return false;
}

/** The rules of a map of configs by extension, and of its typed sibling. */
function configMap(category: Category, untyped: string, typed: string): NonNullable<Entry['fields']> {
  return {
    [untyped]: (subject, name) => {
      const { known, kept } = structEntries(subject, category, name);
      const all = { ...known, ...(subject.moved(typed) as Members | undefined) };
      const isKept = Object.keys(kept).length > 0;
      subject.replace(name, {
        ...((Object.keys(all).length > 0 || !isKept) && { [typed]: all }),
        ...(isKept && { [untyped]: kept }),
      });
      if (subject.has(typed)) subject.remove(typed);
    },
    [typed]: (subject, name) => renameKeys(subject, category, name),
  };
}

function structEntries(
  subject: Subject,
  category: Category,
  field: string,
): { readonly known: Members; readonly kept: Members } {
  const { tape } = subject;
  const map = subject.message.value(field);
  const known: Record<string, Fragment> = {};
  const kept: Record<string, Fragment> = {};
  for (let key = map + 1; key < (tape.links[map] as number); key = tape.next(key + 1)) {
    const name = tape.name(key);
    const extension = extensionNamed(category, name);
    const config = perRoute(extension);
    const to = config === undefined ? undefined : successorOf(config)?.name;
    const node = tape.resolve(key + 1);
    const type = config === undefined ? undefined : messageType(config);
    const read =
      type === undefined || tape.kind(node) !== Kind.Map
        ? undefined
        : subject.message.reader.read(type, node);
    if (extension?.gone !== undefined || to === undefined || read === undefined) {
      subject.unknown(field, {
        message: `${field} of ${JSON.stringify(name)}: ${extension?.gone ?? 'no extension of Envoy that is known here'}`,
      });
      if (subject.walk.onUnknown === 'keep') kept[name] = plainValue(tape, node);
      continue;
    }
    known[extension?.name ?? name] = typedConfig(to, subject.walk.body(read));
  }
  return { known, kept };
}

/** Filters whose config for a route is another message than their own. */
const PER_ROUTE: ReadonlyMap<string, string> = new Map([
  ['envoy.filters.http.buffer', 'envoy.config.filter.http.buffer.v2.BufferPerRoute'],
  ['envoy.filters.http.ext_authz', 'envoy.config.filter.http.ext_authz.v2.ExtAuthzPerRoute'],
  ['envoy.filters.http.rbac', 'envoy.config.filter.http.rbac.v2.RBACPerRoute'],
  [
    'envoy.filters.http.dynamic_forward_proxy',
    'envoy.config.filter.http.dynamic_forward_proxy.v2alpha.PerRouteConfig',
  ],
  ['envoy.filters.http.aws_lambda', 'envoy.config.filter.http.aws_lambda.v2alpha.PerRouteConfig'],
  [
    'envoy.filters.http.grpc_http1_reverse_bridge',
    'envoy.config.filter.http.grpc_http1_reverse_bridge.v2alpha1.FilterConfigPerRoute',
  ],
]);

function perRoute(extension: Extension | undefined): string | undefined {
  return extension === undefined ? undefined : (PER_ROUTE.get(extension.name) ?? extension.config);
}

/** The keys of a map of configs are names of filters; what the configs are, their types say. */
function renameKeys(subject: Subject, category: Category, field: string): void {
  const { tape } = subject;
  const map = subject.message.value(field);
  for (let key = map + 1; key < (tape.links[map] as number); key = tape.next(key + 1)) {
    const extension = extensionNamed(category, tape.name(key));
    if (extension !== undefined && extension.gone === undefined && extension.name !== tape.name(key))
      subject.renameKey(key, extension.name, map);
  }
}

/** The name of a custom cluster type or the like, beside its typed config. */
const nameOf =
  (category: Category): FieldRule =>
  (subject, name) => {
    const extension = extensionNamed(category, subject.text(name) ?? '');
    if (extension !== undefined && extension.name !== subject.text(name))
      subject.setText(name, extension.name);
  };

/** The rules of a route's map of configs. */
export const ROUTE_CONFIGS = configMap('http', 'per_filter_config', 'typed_per_filter_config');

/** The rules of a cluster's map of protocol options. */
export const PROTOCOL_OPTIONS = configMap(
  'protocol-options',
  'extension_protocol_options',
  'typed_extension_protocol_options',
);

const CORE = 'envoy.config.core.v3';
const ROUTE = 'envoy.config.route.v3';
const HCM = 'envoy.extensions.filters.network.http_connection_manager.v3';

const httpFilter = point(`${HCM}.HttpFilter`, 'http');

/** Makes the gzip filter a compressor; whether it was one. */
function gzipFilter(subject: Subject): boolean {
  const name = subject.text('name') ?? '';
  const gzip = extensionNamed('http', 'envoy.gzip') as Extension;
  const typed = subject.message.message('typed_config');
  const isGzip =
    typed === undefined ? extensionNamed('http', name) === gzip : /\.Gzip$/.test(typed.type.name);
  if (!isGzip) return false;
  const config = typed ?? subject.message.openAs(messageType(gzip.config as string) as MessageInfo, 'config');
  const compressor = compressorConfig(
    config === undefined ? undefined : new Subject(config, undefined, subject.walk),
  );
  if (subject.has('name')) subject.setText('name', 'envoy.filters.http.compressor');
  const [there] = ['typed_config', 'config'].filter((field) => subject.has(field));
  if (there === undefined) subject.add('typed_config', compressor);
  else subject.replace(there, { typed_config: compressor });
  return true;
}

export const EXTENSION_POINTS: readonly Entry[] = [
  point(`${CORE}.TransportSocket`, 'transport-socket', 'name', tlsSocket),
  point('envoy.config.listener.v3.Filter', 'network'),
  point('envoy.config.listener.v3.ListenerFilter', 'listener', 'name', (_, name) =>
    extensionNamed('udp', name),
  ),
  { ...httpFilter, before: (subject) => gzipFilter(subject) || httpFilter.before?.(subject) },
  point('envoy.config.accesslog.v3.AccessLog', 'access-log'),
  point('envoy.config.accesslog.v3.ExtensionFilter', 'access-log-filter'),
  point('envoy.config.metrics.v3.StatsSink', 'stats-sink'),
  point('envoy.config.trace.v3.Tracing.Http', 'tracer'),
  point('envoy.config.overload.v3.ResourceMonitor', 'resource-monitor'),
  point(`${CORE}.HealthCheck.CustomHealthCheck`, 'health-checker'),
  point(`${ROUTE}.RetryPolicy.RetryPriority`, 'retry-priority'),
  point(`${ROUTE}.RetryPolicy.RetryHostPredicate`, 'retry-host'),
  point(`${CORE}.GrpcService.GoogleGrpc.CallCredentials.MetadataCredentialsFromPlugin`, 'grpc-credentials'),
  point('envoy.extensions.transport_sockets.tls.v3.PrivateKeyProvider', 'private-key', 'provider_name'),
  point('envoy.extensions.filters.network.thrift_proxy.v3.ThriftFilter', 'thrift'),
  { type: 'envoy.config.cluster.v3.Cluster.CustomClusterType', fields: { name: nameOf('cluster') } },
  {
    type: `${ROUTE}.WeightedCluster.ClusterWeight`,
    fields: ROUTE_CONFIGS,
  },
];
