// What istiod 1.29 asks of Gateways, ServiceEntries, WorkloadEntries and Sidecars (pkg/config/validation).

import { isIP } from 'node:net';
import type { Message } from '../../envoy/message.js';
import { UNIX_PREFIX } from '../../istio/sockets.js';
import { isTls, parseProtocol } from '../istiod/protocol.js';
import { exports } from './client-policies.js';
import type { Check, Fault, Problems } from './problems.js';
import {
  hostFault,
  isDnsLabel,
  isHostName,
  isPort,
  labelFault,
  namespacedHostFault,
  rangeFault,
} from './syntax.js';

const PROTOCOLS = ['HTTP', 'HTTPS', 'HTTP2', 'GRPC', 'GRPC-WEB', 'MONGO', 'REDIS', 'MYSQL', 'TCP', 'TLS'];

function protocolFault(text: string): Fault | undefined {
  return parseProtocol(text) === 'Unsupported'
    ? { expected: `one of ${PROTOCOLS.join(', ')}`, names: PROTOCOLS }
    : undefined;
}

const gateway: Check = (message, problems) => {
  problems.entries('selector', labelFault);
  const names = new Set<string>();
  for (const server of message.messages('servers')) {
    const name = server.message('port')?.text('name') ?? '';
    if (name !== '' && names.has(name))
      problems.conflict('servers', `two servers have a port named ${JSON.stringify(name)}`);
    names.add(name);
  }
};

const server: Check = (message, problems) => {
  problems.items('hosts', (text) => namespacedHostFault(text, true));
  bind(message, problems);
  const port = message.message('port');
  const tls = message.message('tls');
  const protocol = parseProtocol(port?.text('protocol') ?? '');
  if (port === undefined || protocol === 'Unsupported') return;
  if (isTls(protocol) && tls === undefined) problems.missing('tls', `for a port with ${protocol}`);
  if (!isTls(protocol) && tls !== undefined && tls.text('https_redirect') !== 'true')
    problems.conflict('tls', `tls cannot be set for a port with ${protocol}, except for httpsRedirect`);
};

const port: Check = (message, problems) => {
  if ((message.text('name') ?? '') === '') problems.missing('name');
  problems.value('protocol', protocolFault(message.text('protocol') ?? ''));
};

/** A listener is on an address or on a Unix socket. */
function bind(message: Message, problems: Problems): void {
  const text = message.text('bind') ?? '';
  if (text !== '' && isIP(text) === 0 && !text.startsWith(UNIX_PREFIX) && !text.startsWith('@'))
    problems.value('bind', { expected: 'an IP address, or unix:// and a path' });
}

const FILES = ['server_certificate', 'private_key', 'ca_certificates'] as const;

const serverTls: Check = (message, problems) => {
  const said = (field: string): boolean => (message.text(field) ?? '') !== '';
  const mode = message.enumName('mode') ?? 'PASSTHROUGH';
  if (mode === 'ISTIO_MUTUAL') {
    for (const field of [...FILES, 'credential_name'])
      if (said(field))
        problems.conflict(
          field,
          `${message.type.field(field)?.jsonName} cannot be set for mode ISTIO_MUTUAL`,
        );
    return;
  }
  const terminates = mode === 'SIMPLE' || mode === 'MUTUAL' || mode === 'OPTIONAL_MUTUAL';
  if (!terminates || said('credential_name') || message.hasItems('credential_names')) return;
  const required = [
    ...(message.hasItems('tls_certificates') ? [] : ['server_certificate', 'private_key']),
    ...(mode === 'SIMPLE' || said('ca_cert_credential_name') ? [] : ['ca_certificates']),
  ];
  for (const field of required)
    if (!said(field)) problems.missing(field, `of mode ${mode}, a file, or credentialName`);
};

const serviceEntry: Check = (message, problems) => {
  exports(message, problems);
  const resolution = message.enumName('resolution') ?? 'NONE';
  const endpoints = message.messages('endpoints');
  problems.items('hosts', (text) =>
    text === '*'
      ? { expected: 'a host name: a wildcard needs a domain, as in *.example.com' }
      : hostFault(text),
  );
  problems.items('addresses', (text) => {
    if (text.includes('/') && resolution !== 'NONE' && resolution !== 'STATIC')
      return { expected: `an IP address: ranges are for resolution NONE and STATIC` };
    return rangeFault(text);
  });
  if (message.has('workload_selector') && endpoints.length > 0)
    problems.conflict('endpoints', 'endpoints cannot be combined with workloadSelector');
  uniquePorts(message, problems);
  if (resolution === 'NONE' && endpoints.length > 0)
    problems.conflict('endpoints', 'endpoints cannot be set for resolution NONE');
  const byDns = resolution === 'DNS' || resolution === 'DNS_ROUND_ROBIN';
  if (byDns && endpoints.length === 0 && !message.has('workload_selector'))
    problems.items('hosts', (text) =>
      text === '*' || isHostName(text)
        ? undefined
        : { expected: `a host name without wildcards, since resolution ${resolution} has no endpoints` },
    );
  if (resolution === 'DNS_ROUND_ROBIN' && endpoints.length > 1)
    problems.conflict('endpoints', 'resolution DNS_ROUND_ROBIN takes one endpoint');
  if (resolution === 'STATIC' || byDns) endpointPorts(message, endpoints, problems, resolution);
};

function uniquePorts(message: Message, problems: Problems): void {
  for (const field of ['name', 'number']) {
    const seen = new Set<string>();
    for (const one of message.messages('ports')) {
      const text = one.text(field) ?? '';
      if (text !== '' && seen.has(text))
        problems.conflict('ports', `two ports have the ${field} ${JSON.stringify(text)}`);
      seen.add(text);
    }
  }
}

/** Endpoints name ports of their ServiceEntry, and those that are not resolved are addresses. */
function endpointPorts(
  message: Message,
  endpoints: readonly Message[],
  problems: Problems,
  resolution: string,
): void {
  const names = new Set(message.messages('ports').map((one) => one.text('name') ?? ''));
  for (const endpoint of endpoints) {
    const own = problems.of(endpoint);
    own.entries('ports', (name, number) => {
      if (!names.has(name)) return { expected: `a port of this ServiceEntry: ${[...names].join(', ')}` };
      return isPort(number) ? undefined : { expected: 'a number from 1 to 65535' };
    });
    const address = endpoint.text('address') ?? '';
    if (resolution === 'STATIC') {
      if (address !== '' && isIP(address) === 0 && !address.startsWith(UNIX_PREFIX))
        own.value('address', { expected: 'an IP address, since resolution STATIC resolves no names' });
    } else if (address !== '' && isIP(address) === 0 && !isHostName(address))
      own.value('address', { expected: 'a host name without wildcards, or an IP address' });
  }
}

const servicePort: Check = (message, problems) => {
  const name = message.text('name') ?? '';
  if (name === '') problems.missing('name');
  else if (!isDnsLabel(name)) problems.value('name', { expected: 'letters, digits and hyphens, 63 at most' });
  const protocol = message.text('protocol') ?? '';
  // Without a protocol it is detected.
  if (protocol !== '') problems.value('protocol', protocolFault(protocol));
};

const workloadEntry: Check = (message, problems) => {
  const address = message.text('address') ?? '';
  if (address === '' && (message.text('network') ?? '') === '') problems.missing('address', 'or network');
  if (address.startsWith(UNIX_PREFIX)) {
    if (message.value('ports') >= 0) problems.conflict('ports', 'ports cannot be set for a Unix socket');
    if (!address.slice(UNIX_PREFIX.length).startsWith('/') && !address.startsWith(`${UNIX_PREFIX}@`))
      problems.value('address', { expected: 'unix:// and an absolute path' });
  }
  problems.entries('labels', labelFault);
};

const sidecar: Check = (message, problems) => {
  const parts = ['egress', 'ingress', 'outbound_traffic_policy', 'inbound_connection_pool'];
  if (!parts.some((field) => message.has(field))) problems.missing('egress', 'or ingress');
};

const egress: Check = (message, problems) => {
  problems.items('hosts', (text) => namespacedHostFault(text, false));
  bind(message, problems);
  if ((message.text('bind') ?? '') !== '' && !message.has('port'))
    problems.missing('port', 'of a listener with bind');
};

const ingress: Check = (message, problems) => {
  bind(message, problems);
  const endpoint = message.text('default_endpoint') ?? '';
  const match = /^(?:127\.0\.0\.1|0\.0\.0\.0|\[::1\]|\[::\]):(\d+)$/.exec(endpoint);
  if (
    endpoint !== '' &&
    !endpoint.startsWith(`${UNIX_PREFIX}/`) &&
    (match === null || !isPort(match[1] as string))
  )
    problems.value('default_endpoint', {
      expected: '127.0.0.1:PORT, 0.0.0.0:PORT, [::1]:PORT, [::]:PORT or unix:// and a path',
    });
};

const sidecarPort: Check = (message, problems) => {
  const protocol = message.text('protocol') ?? '';
  if (protocol !== '') problems.value('protocol', protocolFault(protocol));
};

const selector: Check = (_message, problems) => {
  problems.entries('labels', selectorFault);
};

/** What is wrong with a label in a selector of workloads. */
export function selectorFault(key: string, value: string): Fault | undefined {
  if (key === '') return { expected: 'a key' };
  return key.includes('*') || value.includes('*')
    ? { expected: 'a label without *: selectors have no wildcards' }
    : undefined;
}

/** The checks, by the names of messages in `istio.networking.v1`. */
export const SERVERS: Readonly<Record<string, Check>> = {
  Gateway: gateway,
  Server: server,
  Port: port,
  ServerTLSSettings: serverTls,
  ServiceEntry: serviceEntry,
  ServicePort: servicePort,
  WorkloadEntry: workloadEntry,
  Sidecar: sidecar,
  IstioEgressListener: egress,
  IstioIngressListener: ingress,
  SidecarPort: sidecarPort,
  WorkloadSelector: selector,
};
