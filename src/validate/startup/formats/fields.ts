// The fields of Envoy's API that hold format strings: all that Envoy 1.40 parses when it takes the configuration.

import type { Message } from '../../../envoy/message.js';
import { Kind, type Tape } from '../../../source/tape.js';
import { atNode, type FindingPlace, fieldAt } from '../../place.js';

/** One format string. */
interface FormatPlace {
  /** The node of the text. */
  readonly node: number;
  /** Made when it is needed. */
  readonly place: () => FindingPlace;
}

type Visit = (found: FormatPlace) => void;

/** How a field holds format strings. */
type Form = (at: Message, field: string, visit: Visit) => void;

const HEADERS_TO_ADD = { request_headers_to_add: headers, response_headers_to_add: headers };
const TRACING = { operation: text, upstream_operation: text };

const FIELDS: Readonly<Record<string, Readonly<Record<string, Form>>>> = {
  'envoy.config.core.v3.SubstitutionFormatString': {
    text_format: text,
    json_format: struct,
    text_format_source: source,
  },
  'envoy.extensions.access_loggers.file.v3.FileAccessLog': {
    format: text,
    json_format: struct,
    typed_json_format: struct,
  },
  'envoy.extensions.access_loggers.fluentd.v3.FluentdAccessLogConfig': { record: struct },
  'envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig': {
    body: anyValue,
    attributes: keyValues,
  },
  'envoy.extensions.access_loggers.stats.v3.Config.Tag': { value_format: text },
  'envoy.extensions.access_loggers.stats.v3.Config.Counter': { value_format: text },
  'envoy.extensions.access_loggers.stats.v3.Config.Gauge': { value_format: text },
  'envoy.extensions.access_loggers.stats.v3.Config.Histogram': { value_format: text },
  'envoy.config.route.v3.RouteConfiguration': HEADERS_TO_ADD,
  'envoy.config.route.v3.VirtualHost': HEADERS_TO_ADD,
  'envoy.config.route.v3.Route': HEADERS_TO_ADD,
  'envoy.config.route.v3.WeightedCluster.ClusterWeight': HEADERS_TO_ADD,
  'envoy.config.route.v3.RouteAction': { host_rewrite: text, path_rewrite: text },
  'envoy.config.route.v3.RedirectAction': { path_rewrite: text },
  'envoy.config.route.v3.RateLimit.Action.RemoteAddressMatch': { descriptor_value: text },
  'envoy.config.route.v3.RateLimit.HitsAddend': { format: hitsFormat },
  'envoy.config.route.v3.Tracing': TRACING,
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.Tracing': TRACING,
  'envoy.type.tracing.v3.CustomTag': { value: text },
  'envoy.extensions.filters.network.http_connection_manager.v3.ResponseMapper': { headers_to_add: headers },
  'envoy.config.common.mutation_rules.v3.HeaderMutation': { append: header },
  'envoy.extensions.filters.http.header_mutation.v3.Mutations': { query_parameter_mutations: queryMutations },
  'envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit': {
    response_headers_to_add: headers,
    request_headers_to_add_when_not_enforced: headers,
  },
  'envoy.extensions.filters.http.ratelimit.v3.RateLimit': { response_headers_to_add: headers },
  'envoy.extensions.filters.http.ext_authz.v3.AuthorizationRequest': { headers_to_add: headers },
  'envoy.extensions.filters.http.oauth2.v3.OAuth2Config': { redirect_uri: text },
  'envoy.extensions.http.custom_response.local_response_policy.v3.LocalResponsePolicy': {
    response_headers_to_add: headers,
  },
  'envoy.extensions.http.custom_response.redirect_policy.v3.RedirectPolicy': HEADERS_TO_ADD,
  'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.TunnelingConfig': {
    hostname: text,
    headers_to_add: headers,
  },
  'envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig.UdpTunnelingConfig': {
    proxy_host: text,
    target_host: text,
    headers_to_add: headers,
  },
  'envoy.config.core.v3.HealthCheck.HttpHealthCheck': { request_headers_to_add: headers },
  'envoy.config.core.v3.HealthCheck.GrpcHealthCheck': { initial_metadata: headers },
};

/** The messages that hold format strings. */
export const HOLDERS: readonly string[] = Object.keys(FIELDS);

/** Visits the format strings of a message that have a % at all. */
export function visitFormats(at: Message, visit: Visit): void {
  const fields = FIELDS[at.type.name] ?? {};
  for (const [field, form] of Object.entries(fields)) if (at.has(field)) form(at, field, visit);
}

function text(at: Message, field: string, visit: Visit): void {
  visitText(at.reader.tape, at.value(field), visit, () => fieldAt(at, field));
}

function visitText(tape: Tape, node: number, visit: Visit, place: () => FindingPlace): void {
  if (node >= 0 && tape.kind(node) === Kind.String && hasPercent(tape, node)) visit({ node, place });
}

function hasPercent(tape: Tape, node: number): boolean {
  const at = tape.text.indexOf('%', tape.start(node));
  // Escapes can spell it as well.
  return (at >= 0 && at < tape.end(node)) || tape.string(node).includes('%');
}

function source(at: Message, field: string, visit: Visit): void {
  const from = at.message(field);
  if (from !== undefined) text(from, 'inline_string', visit);
}

/** All strings of a Struct, at any depth; keys are taken as they are. */
function struct(at: Message, field: string, visit: Visit): void {
  visitValues(at, at.value(field), field, visit);
}

function visitValues(at: Message, node: number, path: string, visit: Visit): void {
  const { tape } = at.reader;
  const kind = tape.kind(node);
  if (kind === Kind.String) visitText(tape, node, visit, () => atNode(at, node, path));
  else if (kind === Kind.Map) {
    for (let key = node + 1; key < (tape.links[node] as number); key = tape.next(key + 1))
      visitValues(at, tape.resolve(key + 1), path, visit);
  } else if (kind === Kind.List) {
    for (let item = node + 1; item < (tape.links[node] as number); item = tape.next(item))
      visitValues(at, tape.resolve(item), path, visit);
  }
}

/** A value of OpenTelemetry. */
function anyValue(at: Message, field: string, visit: Visit): void {
  const value = at.message(field);
  if (value === undefined) return;
  text(value, 'string_value', visit);
  for (const item of value.message('array_value')?.messages('values') ?? []) ownValue(item, visit);
  keyValues(value, 'kvlist_value', visit);
}

function ownValue(value: Message, visit: Visit): void {
  text(value, 'string_value', visit);
  for (const item of value.message('array_value')?.messages('values') ?? []) ownValue(item, visit);
  keyValues(value, 'kvlist_value', visit);
}

function keyValues(at: Message, field: string, visit: Visit): void {
  for (const entry of at.message(field)?.messages('values') ?? []) anyValue(entry, 'value', visit);
}

/** HeaderValueOptions, or HeaderValues. */
function headers(at: Message, field: string, visit: Visit): void {
  for (const option of at.messages(field)) text(option.message('header') ?? option, 'value', visit);
}

function header(at: Message, field: string, visit: Visit): void {
  const option = at.message(field)?.message('header');
  if (option !== undefined) text(option, 'value', visit);
}

function queryMutations(at: Message, field: string, visit: Visit): void {
  for (const mutation of at.messages(field)) {
    const record = mutation.message('append')?.message('record');
    if (record !== undefined) text(record, 'value', visit);
  }
}

/** Routes take any: only the filters parse it. */
function hitsFormat(at: Message, field: string, visit: Visit): void {
  const user = at.around?.around?.type.name ?? '';
  if (user.startsWith('envoy.extensions.filters.http.')) text(at, field, visit);
}
