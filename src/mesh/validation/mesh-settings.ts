// What istiod 1.29 asks of MeshConfig and ProxyConfig (pkg/config/validation/agent).

import { isIP } from 'node:net';
import type { Message } from '../../envoy/message.js';
import { durations } from './client-policies.js';
import type { Check, Fault, Problems } from './problems.js';
import { exportFault, isHostName, isPort, isWildcardDomain } from './syntax.js';

const meshConfig: Check = (message, problems) => {
  durations(message, problems, ['connect_timeout', 'dns_refresh_rate']);
  port(message, problems, ['proxy_listen_port', 'proxy_inbound_listen_port']);
  const domain = message.text('trust_domain') ?? '';
  if (domain !== '') problems.value('trust_domain', trustDomainFault(domain));
  problems.items('trust_domain_aliases', trustDomainFault);
  for (const field of [
    'default_service_export_to',
    'default_virtual_service_export_to',
    'default_destination_rule_export_to',
  ])
    problems.items(field, exportFault);
  providers(message, problems);
};

function trustDomainFault(text: string): Fault | undefined {
  // Istio's own default, and names of hosts.
  return isWildcardDomain(text) && !text.startsWith('*')
    ? undefined
    : { expected: 'a trust domain such as cluster.local' };
}

function port(message: Message, problems: Problems, fields: readonly string[]): void {
  for (const field of fields) {
    const text = message.text(field);
    if (text !== undefined && !isPort(text)) problems.value(field, { expected: 'a number from 1 to 65535' });
  }
}

/** The providers that istiod has by itself. */
const BUILT_IN = ['prometheus', 'stackdriver', 'envoy'];

/** Names of extension providers are there once, and the default ones are there. */
function providers(message: Message, problems: Problems): void {
  const names: string[] = [];
  for (const provider of message.messages('extension_providers')) {
    const own = problems.of(provider);
    const name = provider.text('name') ?? '';
    if (name === '') own.missing('name');
    else if (names.includes(name)) own.value('name', { expected: 'each name once' });
    names.push(name);
    if (provider.present.every((field) => field.name === 'name'))
      own.missing('envoy_ext_authz_grpc', 'or another provider');
  }
  const known = [...names, ...BUILT_IN];
  const defaults = message.message('default_providers');
  for (const field of ['tracing', 'metrics', 'access_logging'])
    if (defaults !== undefined)
      problems
        .of(defaults)
        .items(field, (text) =>
          known.includes(text)
            ? undefined
            : { expected: `one of ${known.join(', ')}`, names: known, level: 'warning' },
        );
}

const proxyConfig: Check = (message, problems) => {
  durations(message, problems, ['drain_duration']);
  port(message, problems, ['proxy_admin_port', 'status_port']);
  const address = message.text('discovery_address') ?? '';
  const match = /^(.*):(\d+)$/.exec(address);
  const host = (match?.[1] ?? '').replace(/^\[(.*)\]$/, '$1');
  if (
    address !== '' &&
    (match === null || !isPort(match[2] as string) || (isIP(host) === 0 && !isHostName(host)))
  )
    problems.value('discovery_address', { expected: 'HOST:PORT' });
  if (message.has('config_path') && message.text('config_path') === '')
    problems.value('config_path', { expected: 'a folder' });
};

/** Providers that name a service, and the port on which it is. */
const service: Check = (message, problems) => {
  const name = message.text('service') ?? '';
  if (name === '') problems.missing('service');
  else if (!isHostName(name.slice(name.indexOf('/') + 1)) && isIP(name) === 0)
    problems.value('service', { expected: 'a host, or NAMESPACE/HOST' });
  const number = message.text('port');
  if (number === undefined || number === '0') problems.missing('port');
  else port(message, problems, ['port']);
};

const PROVIDER = 'MeshConfig.ExtensionProvider';

/** The checks, by the names of messages in `istio.mesh.v1`. */
export const MESH_SETTINGS: Readonly<Record<string, Check>> = {
  MeshConfig: meshConfig,
  ProxyConfig: proxyConfig,
  [`${PROVIDER}.EnvoyExternalAuthorizationHttpProvider`]: service,
  [`${PROVIDER}.EnvoyExternalAuthorizationGrpcProvider`]: service,
  [`${PROVIDER}.ZipkinTracingProvider`]: service,
  [`${PROVIDER}.DatadogTracingProvider`]: service,
  [`${PROVIDER}.SkyWalkingTracingProvider`]: service,
  [`${PROVIDER}.OpenTelemetryTracingProvider`]: service,
  [`${PROVIDER}.EnvoyHttpGrpcV3LogProvider`]: service,
  [`${PROVIDER}.EnvoyTcpGrpcV3LogProvider`]: service,
  [`${PROVIDER}.EnvoyOpenTelemetryLogProvider`]: service,
};
