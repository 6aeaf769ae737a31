// What istiod 1.29 asks of DestinationRules and of the policies in them (pkg/config/validation).

import { isIP } from 'node:net';
import type { Message } from '../../envoy/message.js';
import type { Check, Problems } from './problems.js';
import { durationFault, exportFault, hostFault, isDnsLabel, isHostName, labelFault } from './syntax.js';

const destinationRule: Check = (message, problems) => {
  problems.value('host', hostFault(message.text('host') ?? ''));
  exports(message, problems);
};

/** Checks `exportTo`. */
export function exports(message: Message, problems: Problems): void {
  const all = message.texts('export_to');
  problems.items('export_to', (text, index) =>
    all.indexOf(text) < index ? { expected: 'each namespace once' } : exportFault(text),
  );
  if (all.includes('*') && all.length > 1)
    problems.conflict('export_to', '* exports to all namespaces, so the others have no meaning');
}

const subset: Check = (message, problems) => {
  const name = message.text('name') ?? '';
  if (name !== '' && !isDnsLabel(name))
    problems.value('name', { expected: 'letters, digits and hyphens, 63 at most' });
  problems.entries('labels', labelFault);
};

const POLICIES = ['outlier_detection', 'connection_pool', 'load_balancer', 'tls'] as const;

const trafficPolicy: Check = (message, problems) => {
  const all = [...POLICIES, 'port_level_settings', 'tunnel', 'proxy_protocol', 'retry_budget'];
  if (!all.some((field) => message.has(field))) problems.missing('tls', 'or another policy');
  if (message.has('tunnel') && message.has('proxy_protocol'))
    problems.conflict('proxy_protocol', 'proxyProtocol cannot be combined with tunnel');
};

const portPolicy: Check = (message, problems) => {
  if (!POLICIES.some((field) => message.has(field))) problems.missing('tls', 'or another policy');
};

const outlierDetection: Check = (message, problems) => {
  durations(message, problems, ['interval', 'base_ejection_time']);
  if (message.has('consecutive_errors'))
    problems.conflict(
      'consecutive_errors',
      'consecutiveErrors is deprecated: use consecutive5xxErrors or consecutiveGatewayErrors',
      'warning',
    );
  if (
    Number(message.text('consecutive_local_origin_failures') ?? 0) > 0 &&
    message.text('split_external_local_origin_errors') !== 'true'
  )
    problems.conflict(
      'consecutive_local_origin_failures',
      'consecutiveLocalOriginFailures has no effect without splitExternalLocalOriginErrors: true',
    );
};

const httpPool: Check = (message, problems) => {
  durations(message, problems, ['idle_timeout']);
  if (message.enumName('h2_upgrade_policy') === 'UPGRADE' && message.text('use_client_protocol') === 'true')
    problems.conflict(
      'use_client_protocol',
      'useClientProtocol cannot be combined with h2UpgradePolicy: UPGRADE',
    );
};

const tcpPool: Check = (message, problems) => {
  durations(message, problems, ['connect_timeout', 'idle_timeout', 'max_connection_duration']);
};

/** Checks fields that are durations. */
export function durations(message: Message, problems: Problems, fields: readonly string[]): void {
  for (const field of fields) {
    const text = message.text(field);
    if (text !== undefined) problems.value(field, durationFault(text));
  }
}

const clientTls: Check = (message, problems) => {
  const mode = message.enumName('mode') ?? 'DISABLE';
  const credential = (message.text('credential_name') ?? '') !== '';
  const ca = (message.text('ca_certificates') ?? '') !== '';
  if (message.text('insecure_skip_verify') === 'true') {
    const verified = [
      'ca_certificates',
      ...(mode === 'SIMPLE' ? ['credential_name', 'subject_alt_names'] : []),
    ];
    for (const field of verified) {
      const isSet =
        field === 'subject_alt_names' ? message.hasItems(field) : (message.text(field) ?? '') !== '';
      if (isSet && (mode === 'SIMPLE' || mode === 'MUTUAL'))
        problems.conflict(
          field,
          `${message.type.field(field)?.jsonName} has no effect with insecureSkipVerify: true`,
        );
    }
  }
  if ((mode === 'SIMPLE' || mode === 'MUTUAL') && credential) {
    for (const field of ['client_certificate', 'private_key', 'ca_certificates', 'ca_crl'])
      if ((message.text(field) ?? '') !== '')
        problems.conflict(
          field,
          `${message.type.field(field)?.jsonName} cannot be combined with credentialName`,
        );
    return;
  }
  if (mode !== 'MUTUAL') return;
  const files = ca ? 'of mode MUTUAL, a file' : 'of mode MUTUAL, a file, or credentialName';
  for (const field of ['client_certificate', 'private_key'])
    if ((message.text(field) ?? '') === '') problems.missing(field, files);
};

const tunnel: Check = (message, problems) => {
  const protocol = message.text('protocol') ?? '';
  if (protocol !== '' && protocol !== 'CONNECT' && protocol !== 'POST')
    problems.value('protocol', { expected: 'CONNECT or POST', names: ['CONNECT', 'POST'] });
  const host = message.text('target_host') ?? '';
  if (host !== '' && isIP(host) === 0 && !isHostName(host))
    problems.value('target_host', { expected: 'a host name without wildcards, or an IP address' });
};

const cookie: Check = (message, problems) => {
  durationsOrZero(message, problems);
};

/** A cookie without a lifetime, `0s`, ends with the session. */
function durationsOrZero(message: Message, problems: Problems): void {
  if (/^0+s?$/.test(message.text('ttl') ?? '0s')) return;
  durations(message, problems, ['ttl']);
}

const loadBalancer: Check = (message, problems) => {
  durations(message, problems, ['warmup_duration_secs']);
};

const warmup: Check = (message, problems) => {
  durations(message, problems, ['duration']);
  const aggression = message.text('aggression');
  if (aggression !== undefined && Number(aggression) < 1)
    problems.value('aggression', { expected: 'a number, 1 or greater' });
};

const locality: Check = (message, problems) => {
  const distributes = message.hasItems('distribute');
  for (const field of ['failover', 'failover_priority'])
    if (distributes && message.hasItems(field))
      problems.conflict(field, `${message.type.field(field)?.jsonName} cannot be combined with distribute`);
};

const TOTAL = 100;

const distribute: Check = (_message, problems) => {
  const weights: number[] = [];
  problems.entries('to', (_, text) => {
    weights.push(Number(text));
    return Number(text) >= 1 && Number(text) <= TOTAL
      ? undefined
      : { expected: `a weight from 1 to ${TOTAL}` };
  });
  const sum = weights.reduce((all, one) => all + one, 0);
  if (weights.length > 0 && sum !== TOTAL)
    problems.conflict('to', `the weights are ${sum} in total, and must be ${TOTAL}`);
};

const failover: Check = (message, problems) => {
  const [from, to] = [message.text('from') ?? '', message.text('to') ?? ''];
  for (const field of ['from', 'to'])
    if (/[/*]/.test(message.text(field) ?? ''))
      problems.value(field, { expected: 'a region, without zone or wildcard' });
  if (from === to && from !== '') problems.value('to', { expected: 'another region than in from' });
};

/** The checks, by the names of messages in `istio.networking.v1`. */
export const CLIENT_POLICIES: Readonly<Record<string, Check>> = {
  DestinationRule: destinationRule,
  Subset: subset,
  TrafficPolicy: trafficPolicy,
  'TrafficPolicy.PortTrafficPolicy': portPolicy,
  'TrafficPolicy.TunnelSettings': tunnel,
  OutlierDetection: outlierDetection,
  'ConnectionPoolSettings.HTTPSettings': httpPool,
  'ConnectionPoolSettings.TCPSettings': tcpPool,
  ClientTLSSettings: clientTls,
  LoadBalancerSettings: loadBalancer,
  'LoadBalancerSettings.ConsistentHashLB.HTTPCookie': cookie,
  WarmupConfiguration: warmup,
  LocalityLoadBalancerSetting: locality,
  'LocalityLoadBalancerSetting.Distribute': distribute,
  'LocalityLoadBalancerSetting.Failover': failover,
};
