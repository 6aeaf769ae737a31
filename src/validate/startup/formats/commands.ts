// The commands of Envoy's format strings, and what each takes between its brackets and behind them: as Envoy 1.40
// answered when it was asked for each. Older versions have fewer; none takes more.

import { celFault } from './cel.js';

/** What is wrong with the argument of a command, in a sentence without a full stop; undefined where nothing is. */
type ArgumentFault = (argument: string) => string | undefined;

/** A command of a format string. */
export interface Command {
  /** Whether something may, or must, stand between brackets. */
  readonly argument: 'none' | 'optional' | 'required';
  /** Whether a length may follow, as in `%REQ(x):10%`. */
  readonly length: boolean;
  readonly fault?: ArgumentFault;
}

const BARE: Command = { argument: 'none', length: false };

/** Those that take neither an argument nor a length. */
const BARE_NAMES = `
  ACCESS_LOG_TYPE BYTES_RECEIVED BYTES_RETRANSMITTED BYTES_SENT CONNECTION_ID CONNECTION_TERMINATION_DETAILS
  CUSTOM_FLAGS DOWNSTREAM_CX_RTT DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED
  DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_SENT DOWNSTREAM_DETECTED_CLOSE_TYPE DOWNSTREAM_DIRECT_LOCAL_ADDRESS
  DOWNSTREAM_DIRECT_LOCAL_ADDRESS_ENDPOINT_ID DOWNSTREAM_DIRECT_LOCAL_PORT DOWNSTREAM_DIRECT_REMOTE_ADDRESS
  DOWNSTREAM_DIRECT_REMOTE_PORT DOWNSTREAM_HANDSHAKE_DURATION DOWNSTREAM_HEADER_BYTES_RECEIVED
  DOWNSTREAM_HEADER_BYTES_SENT DOWNSTREAM_LOCAL_ADDRESS DOWNSTREAM_LOCAL_ADDRESS_ENDPOINT_ID
  DOWNSTREAM_LOCAL_CLOSE_REASON DOWNSTREAM_LOCAL_DNS_SAN DOWNSTREAM_LOCAL_EMAIL_SAN DOWNSTREAM_LOCAL_IP_SAN
  DOWNSTREAM_LOCAL_OTHERNAME_SAN DOWNSTREAM_LOCAL_PORT DOWNSTREAM_LOCAL_SUBJECT DOWNSTREAM_LOCAL_URI_SAN
  DOWNSTREAM_PEER_CERT DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_1 DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_256
  DOWNSTREAM_PEER_CHAIN_SERIALS DOWNSTREAM_PEER_DNS_SAN DOWNSTREAM_PEER_EMAIL_SAN DOWNSTREAM_PEER_FINGERPRINT_1
  DOWNSTREAM_PEER_FINGERPRINT_256 DOWNSTREAM_PEER_IP_SAN DOWNSTREAM_PEER_ISSUER
  DOWNSTREAM_PEER_ISSUER_FINGERPRINT_256 DOWNSTREAM_PEER_ISSUER_SERIAL DOWNSTREAM_PEER_OTHERNAME_SAN
  DOWNSTREAM_PEER_SERIAL DOWNSTREAM_PEER_SUBJECT DOWNSTREAM_PEER_URI_SAN DOWNSTREAM_REMOTE_ADDRESS
  DOWNSTREAM_REMOTE_PORT DOWNSTREAM_TLS_CIPHER DOWNSTREAM_TLS_GROUP DOWNSTREAM_TLS_SESSION_ID
  DOWNSTREAM_TLS_VERSION DOWNSTREAM_TRANSPORT_FAILURE_REASON DOWNSTREAM_WIRE_BYTES_RECEIVED
  DOWNSTREAM_WIRE_BYTES_SENT DURATION FILTER_CHAIN_NAME GRPC_STATUS_NUMBER HOSTNAME LISTENER_NAME
  LOCAL_REPLY_BODY PACKETS_RETRANSMITTED PROTOCOL REQUEST_DURATION REQUEST_HEADERS_BYTES REQUEST_TX_DURATION
  RESPONSE_CODE RESPONSE_DURATION RESPONSE_FLAGS RESPONSE_FLAGS_LONG RESPONSE_HEADERS_BYTES
  RESPONSE_TRAILERS_BYTES RESPONSE_TX_DURATION ROUNDTRIP_DURATION ROUTE_NAME ROUTE_RESOLUTION_COUNT
  ROUTE_RESOLUTION_TIME_US SPAN_ID STREAM_ID TLS_JA3_FINGERPRINT TLS_JA4_FINGERPRINT TRACE_ID UNIQUE_ID
  UPSTREAM_CLUSTER UPSTREAM_CLUSTER_RAW UPSTREAM_CONNECTION_ID UPSTREAM_CONNECTION_IDS_ATTEMPTED
  UPSTREAM_CONNECTION_POOL_READY_DURATION UPSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED
  UPSTREAM_DECOMPRESSED_HEADER_BYTES_SENT UPSTREAM_DETECTED_CLOSE_TYPE UPSTREAM_HEADER_BYTES_RECEIVED
  UPSTREAM_HEADER_BYTES_SENT UPSTREAM_HOST UPSTREAM_HOSTS_ATTEMPTED UPSTREAM_HOSTS_ATTEMPTED_WITHOUT_PORT
  UPSTREAM_HOST_NAME UPSTREAM_HOST_NAMES_ATTEMPTED UPSTREAM_HOST_NAMES_ATTEMPTED_WITHOUT_PORT
  UPSTREAM_HOST_NAME_WITHOUT_PORT UPSTREAM_LOCAL_ADDRESS UPSTREAM_LOCAL_CLOSE_REASON UPSTREAM_LOCAL_DNS_SAN
  UPSTREAM_LOCAL_IP_SAN UPSTREAM_LOCAL_PORT UPSTREAM_LOCAL_URI_SAN UPSTREAM_PEER_CERT UPSTREAM_PEER_DNS_SAN
  UPSTREAM_PEER_IP_SAN UPSTREAM_PEER_ISSUER UPSTREAM_PEER_SUBJECT UPSTREAM_PEER_URI_SAN UPSTREAM_PROTOCOL
  UPSTREAM_REMOTE_ADDRESS UPSTREAM_REMOTE_ADDRESS_ENDPOINT_ID UPSTREAM_REMOTE_PORT
  UPSTREAM_REQUEST_ATTEMPT_COUNT UPSTREAM_SERVER_NAME UPSTREAM_TLS_CIPHER UPSTREAM_TLS_GROUP
  UPSTREAM_TLS_SESSION_ID UPSTREAM_TLS_VERSION UPSTREAM_TRANSPORT_FAILURE_REASON UPSTREAM_WIRE_BYTES_RECEIVED
  UPSTREAM_WIRE_BYTES_SENT VIRTUAL_CLUSTER_NAME`;

/** Addresses and the like that take any argument, and ignore what they do not know. */
const ANY_ARGUMENT_NAMES = `
  DOWNSTREAM_DIRECT_LOCAL_ADDRESS_WITHOUT_PORT DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT
  DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT RESPONSE_CODE_DETAILS
  UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT`;

const TIME_NAMES = `
  DOWNSTREAM_PEER_CERT_V_END DOWNSTREAM_PEER_CERT_V_START EMIT_TIME EMIT_TIME_LOCAL START_TIME START_TIME_LOCAL
  UPSTREAM_PEER_CERT_V_END UPSTREAM_PEER_CERT_V_START`;

const HEADER_NAMES =
  'REQ REQUEST_HEADER RESP RESPONSE_HEADER RESPONSE_TRAILER STREAM_INFO_REQ TRAILER REQ_WITHOUT_QUERY';

const PATH_SOURCES = ['ORIG', 'PATH', 'ORIG_OR_PATH'];
const HOST_SOURCES = ['ORIG', 'HOST', 'ORIG_OR_HOST'];
const METADATA_KINDS =
  `DYNAMIC CLUSTER ROUTE UPSTREAM_HOST LISTENER LISTENER_FILTER_CHAIN VIRTUAL_HOST`.split(' ');
const XFCC_KEYS = ['by', 'hash', 'cert', 'chain', 'subject', 'uri', 'dns'];

const HEADER: Command = { argument: 'required', length: true, fault: headerFault };
const CEL: Command = { argument: 'optional', length: true, fault: (text) => celFault(text)?.message };

/** The commands that every Envoy has. */
export const BUILT_IN: ReadonlyMap<string, Command> = new Map([
  ...named(BARE_NAMES, BARE),
  ...named(ANY_ARGUMENT_NAMES, { argument: 'optional', length: false }),
  ...named(TIME_NAMES, { argument: 'optional', length: false, fault: timeFault }),
  ...named(HEADER_NAMES, HEADER).filter(([name]) => name !== 'REQ_WITHOUT_QUERY'),
  ...named('DYNAMIC_METADATA ENVIRONMENT QUERY_PARAM', { argument: 'required', length: true }),
  ...named('CLUSTER_METADATA UPSTREAM_METADATA', { argument: 'required', length: false }),
  ...named('FILTER_STATE UPSTREAM_FILTER_STATE', {
    argument: 'optional',
    length: true,
    fault: filterStateFault,
  }),
  ...named('CEL TYPED_CEL', CEL),
  ['COALESCE', { argument: 'required', length: true, fault: coalesceFault }],
  ['COMMON_DURATION', { argument: 'required', length: false, fault: durationFault }],
  [
    'GRPC_STATUS',
    {
      argument: 'optional',
      length: false,
      fault: (text) => notOneOf(text, ['', 'CAMEL_STRING', 'SNAKE_STRING', 'NUMBER']),
    },
  ],
  [
    'METADATA',
    { argument: 'optional', length: true, fault: (text) => notOneOf(part(text, 0), METADATA_KINDS) },
  ],
  ['PATH', { argument: 'optional', length: true, fault: optionsFault(['WQ', 'NQ'], PATH_SOURCES) }],
  [
    'QUERY_PARAMS',
    { argument: 'optional', length: true, fault: (text) => notOneOf(text, ['', 'ORIG', 'DECODED']) },
  ],
  [
    'REQUESTED_SERVER_NAME',
    {
      argument: 'optional',
      length: false,
      fault: optionsFault(['SNI_ONLY', 'SNI_FIRST', 'HOST_FIRST'], HOST_SOURCES),
    },
  ],
  [
    'XFCC_VALUE',
    { argument: 'optional', length: true, fault: (text) => notOneOf(text.toLowerCase(), XFCC_KEYS) },
  ],
]);

/** The commands that formatters add, by the type of their configuration; undefined where they may add any. */
const ADDED: ReadonlyMap<string, ReadonlyMap<string, Command>> = new Map([
  ['envoy.extensions.formatter.cel.v3.Cel', new Map([['CEL', CEL] as const, ['TYPED_CEL', CEL] as const])],
  ['envoy.extensions.formatter.metadata.v3.Metadata', new Map()],
  [
    'envoy.extensions.formatter.req_without_query.v3.ReqWithoutQuery',
    new Map([['REQ_WITHOUT_QUERY', { ...HEADER, argument: 'optional' } as const]]),
  ],
  [
    'envoy.extensions.formatter.file_content.v3.FileContent',
    new Map([['FILE_CONTENT', { argument: 'required', length: true } as const]]),
  ],
  [
    'envoy.extensions.formatter.generic_secret.v3.GenericSecret',
    new Map([['SECRET', { argument: 'optional', length: true } as const]]),
  ],
]);

/** The commands that a configured formatter adds; undefined where that cannot be told. */
export function addedBy(type: string): ReadonlyMap<string, Command> | undefined {
  return ADDED.get(type);
}

/** Which formatter a command would need. */
export function formatterOf(command: string): string | undefined {
  for (const [type, commands] of ADDED) if (commands.has(command)) return type;
  return undefined;
}

/** What is wrong with the argument and the length of a command. */
export function useFault(
  name: string,
  command: Command,
  argument: string,
  hasLength: boolean,
): string | undefined {
  if (command.argument === 'none' && (argument !== '' || hasLength))
    return `%${name}% takes neither an argument nor a length`;
  if (command.argument === 'required' && argument === '')
    return `%${name}% needs an argument, as in %${name}(…)%`;
  if (!command.length && hasLength) return `%${name}% takes no length`;
  const fault = argument === '' && command === BARE ? undefined : command.fault?.(argument);
  return fault === undefined ? undefined : `%${name}%: ${fault}`;
}

function named(names: string, command: Command): [string, Command][] {
  return names
    .trim()
    .split(/\s+/)
    .map((name) => [name, command]);
}

function part(text: string, index: number): string {
  return text.split(':')[index] ?? '';
}

function notOneOf(text: string, allowed: readonly string[]): string | undefined {
  if (allowed.includes(text)) return undefined;
  return `its argument is one of ${allowed.filter((one) => one !== '').join(', ')}`;
}

/** A choice, and after a colon a second one; what follows is ignored. */
function optionsFault(first: readonly string[], second: readonly string[]): ArgumentFault {
  return (text) => notOneOf(part(text, 0), ['', ...first]) ?? notOneOf(part(text, 1), ['', ...second]);
}

/** The name of a header, and at most one to use where that is not there. */
function headerFault(text: string): string | undefined {
  const names = text.split('?');
  if (names.length > 2) return 'at most one alternative header can be given';
  const isName = (name: string): boolean => /^(?::?[-!#$%&'*+.^_`|~0-9A-Za-z]+)?$/.test(name);
  return names.every(isName) ? undefined : 'its argument has a character that header names cannot have';
}

/** A format of strftime; what makes a new line is refused. */
function timeFault(text: string): string | undefined {
  return /%[-_0^#]*[1-9]*[EO]?n/.test(text) ? 'the format of a time cannot hold a new line (%n)' : undefined;
}

function filterStateFault(text: string): string | undefined {
  const [key, form = '', field = ''] = text.split(':');
  if (key === '') return 'its argument begins with the key of the filter state';
  if (!['', 'PLAIN', 'TYPED', 'FIELD'].includes(form)) return 'the key is followed by PLAIN, TYPED or FIELD';
  return (form === 'FIELD') === (field !== '') ? undefined : 'FIELD, and only that, is followed by a field';
}

/** Two points in time, and the unit. */
function durationFault(text: string): string | undefined {
  const parts = text.split(':');
  if (parts.length !== 2 && parts.length !== 3) return 'its argument is START:END or START:END:UNIT';
  return parts.length === 2 || ['ms', 'us', 'ns'].includes(parts[2] as string)
    ? undefined
    : 'its unit is ms, us or ns';
}

/** JSON that lists commands. */
function coalesceFault(text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'its argument is JSON, as in {"operators": ["PROTOCOL"]}';
  }
  const { operators } = isMap(value) ? value : NOTHING;
  if (!Array.isArray(operators) || operators.length === 0) return 'its argument lists "operators"';
  for (const operator of operators) {
    const fault = operatorFault(operator);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function operatorFault(operator: unknown): string | undefined {
  if (typeof operator === 'string') return commandFault(operator, '', false);
  const { command, param = '', max_length: length } = isMap(operator) ? operator : NOTHING;
  if (typeof command !== 'string') return 'an operator is the name of a command, or a map with "command"';
  if (typeof param !== 'string') return '"param" is a string';
  if (length !== undefined && (!Number.isInteger(length) || (length as number) <= 0))
    return '"max_length" is a whole number above 0';
  return commandFault(command, param, length !== undefined);
}

function commandFault(name: string, argument: string, hasLength: boolean): string | undefined {
  const command = BUILT_IN.get(name);
  return command === undefined
    ? 'an operator is not a command that Envoy has'
    : useFault(name, command, argument, hasLength);
}

const NOTHING: Readonly<Record<string, unknown>> = {};

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
