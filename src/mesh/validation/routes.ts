// What istiod 1.29 asks of VirtualServices (pkg/config/validation).

import type { Message } from '../../envoy/message.js';
import { parseDuration } from '../duration.js';
import { hostsMatch, MESH_GATEWAY } from '../host.js';
import { durations, exports } from './client-policies.js';
import type { Check, Fault, Problems } from './problems.js';
import { hostFault, hostOrAddressFault, isDnsLabel, rangeFault } from './syntax.js';

const virtualService: Check = (message, problems) => {
  exports(message, problems);
  const hosts = message.texts('hosts');
  const gateways = message.texts('gateways');
  if (!['http', 'tcp', 'tls'].some((field) => message.hasItems(field)))
    problems.missing('http', 'or tcp, or tls');
  if (hosts.length === 0) {
    // It is there for others, which delegate to it.
    for (const field of ['gateways', 'tls', 'tcp'])
      if (message.hasItems(field))
        problems.conflict(field, `${field} cannot be set without hosts, for a delegate`);
    return;
  }
  const inMesh = gateways.length === 0 || gateways.includes(MESH_GATEWAY);
  problems.items('hosts', (text, index) => {
    if (text === '*' && inMesh)
      return { expected: 'a host name: * is for gateways alone, not for the gateway mesh' };
    if (hosts.indexOf(text) < index) return { expected: 'each host once' };
    return hostOrAddressFault(text);
  });
  for (const route of message.messages('tls'))
    for (const match of route.messages('match'))
      problems
        .of(match)
        .items('sni_hosts', (text) =>
          hosts.some((host) => hostsMatch(text, host) && covers(host, text))
            ? undefined
            : { expected: `a name within the hosts: ${hosts.join(', ')}`, names: hosts },
        );
};

/** Whether all that a name may stand for is one of a host's names. */
function covers(host: string, name: string): boolean {
  return host === name || (host.startsWith('*') && name.length >= host.length);
}

const httpRoute: Check = (message, problems) => {
  const says = (field: string): boolean => message.has(field);
  const routes = message.messages('route');
  const delegates = says('delegate');
  if (routes.length === 0 && !says('redirect') && !says('direct_response') && !delegates)
    problems.missing('route', 'or redirect, directResponse or delegate');
  for (const [field, others] of Object.entries(EXCLUSIVE))
    for (const other of others)
      if (says(field) && (other === 'route' ? routes.length > 0 : says(other)))
        problems.conflict(other, `${json(message, other)} cannot be combined with ${json(message, field)}`);
  durations(message, problems, ['timeout']);
  weights(routes, problems);
};

/** What a route that does one thing cannot have beside. */
const EXCLUSIVE: Readonly<Record<string, readonly string[]>> = {
  redirect: ['route', 'fault', 'rewrite', 'direct_response'],
  direct_response: ['route', 'rewrite'],
  delegate: ['route', 'redirect', 'fault'],
  mirrors: ['mirror'],
};

function json(message: Message, field: string): string {
  return message.type.field(field)?.jsonName ?? field;
}

/** Of several destinations one has to get requests. */
function weights(routes: readonly Message[], problems: Problems): void {
  if (routes.length < 2) return;
  if (routes.every((route) => Number(route.text('weight') ?? 0) === 0))
    problems.conflict('route', 'the weights of the destinations are 0 in total');
}

const destination: Check = (message, problems) => {
  const host = message.text('host') ?? '';
  problems.value('host', host === '*' ? { expected: 'the name of a host' } : hostOrAddressFault(host));
  const subset = message.text('subset') ?? '';
  if (subset !== '' && !isDnsLabel(subset))
    problems.value('subset', { expected: 'letters, digits and hyphens, 63 at most' });
};

const redirect: Check = (message, problems) => {
  const code = message.text('redirect_code');
  if (code !== undefined && code !== '0' && !/^3\d\d$/.test(code))
    problems.value('redirect_code', { expected: 'a status from 300 to 399' });
  const scheme = message.text('scheme') ?? '';
  if (scheme !== '' && scheme !== 'http' && scheme !== 'https')
    problems.value('scheme', { expected: 'http or https', names: ['http', 'https'] });
  const parts = ['uri', 'authority', 'scheme'];
  if (
    !parts.some((field) => (message.text(field) ?? '') !== '') &&
    !message.has('port') &&
    !message.has('derive_port')
  )
    problems.missing('uri', 'or authority, scheme, port or derivePort');
};

const directResponse: Check = (message, problems) => {
  const status = Number(message.text('status') ?? 0);
  if (message.has('status') && (status < 200 || status > 599))
    problems.value('status', { expected: 'a status from 200 to 599' });
};

const rewrite: Check = (message, problems) => {
  const uri = (message.text('uri') ?? '') !== '';
  if (!uri && (message.text('authority') ?? '') === '' && !message.has('uri_regex_rewrite'))
    problems.missing('uri', 'or authority, or uriRegexRewrite');
  if (uri && message.has('uri_regex_rewrite'))
    problems.conflict('uri_regex_rewrite', 'uriRegexRewrite cannot be combined with uri');
};

const RETRY_CONDITIONS = [
  '5xx',
  'gateway-error',
  'reset',
  'reset-before-request',
  'connect-failure',
  'retriable-4xx',
  'refused-stream',
  'retriable-status-codes',
  'retriable-headers',
  'envoy-ratelimited',
  'http3-post-connect-failure',
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
];

const retry: Check = (message, problems) => {
  durations(message, problems, ['per_try_timeout', 'backoff']);
  const attempts = Number(message.text('attempts') ?? 0);
  const on = message.text('retry_on') ?? '';
  if (attempts === 0 && (on !== '' || message.has('per_try_timeout')))
    problems.conflict(
      on !== '' ? 'retry_on' : 'per_try_timeout',
      `${on !== '' ? 'retryOn' : 'perTryTimeout'} has no effect with attempts: 0, which disables retries`,
    );
  for (const condition of on === '' ? [] : on.split(',').map((one) => one.trim()))
    if (!RETRY_CONDITIONS.includes(condition) && !/^[1-5]\d\d$/.test(condition))
      problems.value('retry_on', {
        expected: `statuses and conditions such as ${RETRY_CONDITIONS.slice(0, 5).join(', ')}`,
        names: RETRY_CONDITIONS,
      });
};

const fault: Check = (message, problems) => {
  if (!message.has('delay') && !message.has('abort')) problems.missing('delay', 'or abort');
};

const delay: Check = (message, problems) => {
  durations(message, problems, ['fixed_delay', 'exponential_delay']);
  if (!message.has('fixed_delay') && !message.has('exponential_delay')) problems.missing('fixed_delay');
};

const abort: Check = (message, problems) => {
  const kinds = ['http_status', 'grpc_status', 'http2_error'];
  if (!kinds.some((field) => message.has(field))) problems.missing('http_status', 'or grpcStatus');
  const status = Number(message.text('http_status') ?? 200);
  if (status < 200 || status > 600) problems.value('http_status', { expected: 'a status from 200 to 600' });
};

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE'];
const SECOND = 1_000_000_000n;

const cors: Check = (message, problems) => {
  problems.items('allow_methods', (text) =>
    text === '*' || METHODS.includes(text)
      ? undefined
      : { expected: `* or one of ${METHODS.join(', ')}`, names: METHODS },
  );
  durations(message, problems, ['max_age']);
  const age = parseDuration(message.text('max_age') ?? '');
  if (age !== undefined && age % SECOND !== 0n) problems.value('max_age', { expected: 'whole seconds' });
};

const headers: Check = (_message, problems) => {
  const named = (name: string): Fault | undefined => headerFault(name);
  for (const field of ['set', 'add']) problems.entries(field, named);
  problems.items('remove', named);
};

function headerFault(name: string): Fault | undefined {
  return name === '' || /[\s:]/.test(name.replace(/^:/, ''))
    ? { expected: 'the name of a header' }
    : undefined;
}

const tlsRoute: Check = (message, problems) => {
  weights(message.messages('route'), problems);
};

const tlsMatch: Check = (_message, problems) => {
  problems.items('sni_hosts', hostFault);
  problems.items('destination_subnets', rangeFault);
};

const tcpMatch: Check = (message, problems) => {
  problems.items('destination_subnets', rangeFault);
  const subnet = message.text('source_subnet') ?? '';
  if (subnet !== '') problems.value('source_subnet', rangeFault(subnet));
};

const percent: Check = (message, problems) => {
  const value = Number(message.text('value') ?? 0);
  if (value < 0 || value > 100) problems.value('value', { expected: 'a number from 0 to 100' });
};

/** The checks, by the names of messages in `istio.networking.v1`. */
export const ROUTES: Readonly<Record<string, Check>> = {
  VirtualService: virtualService,
  HTTPRoute: httpRoute,
  Destination: destination,
  HTTPRedirect: redirect,
  HTTPDirectResponse: directResponse,
  HTTPRewrite: rewrite,
  HTTPRetry: retry,
  HTTPFaultInjection: fault,
  'HTTPFaultInjection.Delay': delay,
  'HTTPFaultInjection.Abort': abort,
  CorsPolicy: cors,
  'Headers.HeaderOperations': headers,
  TLSRoute: tlsRoute,
  TCPRoute: tlsRoute,
  TLSMatchAttributes: tlsMatch,
  L4MatchAttributes: tcpMatch,
  Percent: percent,
};
