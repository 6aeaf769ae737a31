// What istiod 1.29 asks of PeerAuthentications, RequestAuthentications, AuthorizationPolicies and Telemetries
// (pkg/config/validation, pilot/pkg/security).

import type { Message } from '../../envoy/message.js';
import { type Check, type Fault, hasEntries, type Problems } from './problems.js';
import { selectorFault } from './servers.js';
import { isPort, rangeFault } from './syntax.js';

const peerAuthentication: Check = (message, problems) => {
  if (message.value('port_level_mtls') < 0) return;
  if (!hasEntries(message, 'port_level_mtls'))
    problems.conflict('port_level_mtls', 'portLevelMtls is empty: it needs a port');
  if (!hasSelector(message))
    problems.conflict('port_level_mtls', 'portLevelMtls needs a selector: ports belong to workloads');
  problems.entries('port_level_mtls', (key) =>
    isPort(key) ? undefined : { expected: 'the number of a port' },
  );
};

function hasSelector(message: Message): boolean {
  const selector = message.message('selector');
  return selector !== undefined && hasEntries(selector, 'match_labels');
}

/** A policy is for workloads or for a gateway. */
function oneTarget(message: Message, problems: Problems): void {
  const targets = ['targetRef', 'targetRefs'].filter((field) => message.has(field));
  const [first, second] = targets;
  if (second !== undefined) problems.conflict(second, 'targetRefs cannot be combined with targetRef');
  if (first !== undefined && message.has('selector'))
    problems.conflict(first, `${first} cannot be combined with selector`);
}

const requestAuthentication: Check = oneTarget;

const jwtRule: Check = (message, problems) => {
  problems.items('audiences', notEmpty);
  const uri = message.text('jwks_uri') ?? '';
  if (uri !== '' && !/^https?:\/\/[^/:]+(?::\d+)?(?:[/?#]|$)/.test(uri))
    problems.value('jwks_uri', { expected: 'an http:// or https:// URL' });
  problems.items('from_params', notEmpty);
  problems.items('from_cookies', notEmpty);
};

function notEmpty(text: string): Fault | undefined {
  return text === '' ? { expected: 'a text that is not empty' } : undefined;
}

const authorizationPolicy: Check = (message, problems) => {
  oneTarget(message, problems);
  const action = message.enumName('action') ?? 'ALLOW';
  const rules = message.hasItems('rules');
  const provider = message.message('provider');
  if (action === 'CUSTOM') {
    if (!rules)
      problems.missing('rules', 'of action CUSTOM, which never applies without one; {} applies always');
    if ((provider?.text('name') ?? '') === '') problems.missing('provider', 'with a name, of action CUSTOM');
  } else if (provider !== undefined)
    problems.conflict('provider', `provider is for action CUSTOM, not for ${action}`);
  if (action === 'DENY' && !rules)
    problems.missing('rules', 'of action DENY, which never applies without one; {} applies always');
};

const rule: Check = (message, problems) => {
  for (const field of ['from', 'to', 'when'])
    if (message.value(field) >= 0 && !message.hasItems(field))
      problems.conflict(field, `${field} is an empty list: leave it out, or add an element`);
};

const from: Check = (message, problems) => {
  if (!message.has('source')) problems.missing('source');
};

const to: Check = (message, problems) => {
  if (!message.has('operation')) problems.missing('operation');
};

/** A source or operation says something, and its lists are not empty. */
function someLists(fields: (message: Message) => readonly string[], wanted: string): Check {
  return (message, problems) => {
    const all = fields(message);
    if (!all.some((field) => message.value(field) >= 0)) problems.missing(wanted, 'or another list');
    for (const field of all) {
      if (message.value(field) >= 0 && !message.hasItems(field))
        problems.conflict(
          field,
          `${message.type.field(field)?.jsonName} is an empty list: leave it out, or add an element`,
        );
      problems.items(field, notEmpty);
    }
  };
}

const fieldNames = (message: Message): readonly string[] => message.type.fields.map(({ name }) => name);

const source: Check = (message, problems) => {
  someLists(fieldNames, 'principals')(message, problems);
  for (const field of ['ip_blocks', 'not_ip_blocks', 'remote_ip_blocks', 'not_remote_ip_blocks'])
    problems.items(field, (text) => (text === '' ? undefined : rangeFault(text)));
  const accounts = ['service_accounts', 'not_service_accounts'].filter((field) => message.hasItems(field));
  const others = ['principals', 'not_principals', 'namespaces', 'not_namespaces'].filter((field) =>
    message.hasItems(field),
  );
  if (accounts.length > 0 && others.length > 0)
    problems.conflict(
      accounts[0] as string,
      'serviceAccounts cannot be combined with principals or namespaces',
    );
};

const operation: Check = (message, problems) => {
  someLists(fieldNames, 'hosts')(message, problems);
  for (const field of ['ports', 'not_ports'])
    problems.items(field, (text) =>
      text === '' || isPort(text) ? undefined : { expected: 'the number of a port' },
    );
};

const ATTRIBUTES = [
  'source.ip',
  'remote.ip',
  'source.namespace',
  'source.serviceAccount',
  'source.principal',
  'source.trustDomain',
  'request.auth.principal',
  'request.auth.audiences',
  'request.auth.presenter',
  'destination.ip',
  'destination.port',
  'connection.sni',
];
/** Attributes with a key in brackets. */
const MAPS = /^(?:request\.headers|request\.auth\.claims)(?:\[[^\]]+\])+$|^experimental\./;

const condition: Check = (message, problems) => {
  const key = message.text('key') ?? '';
  if (key !== '' && !ATTRIBUTES.includes(key) && !MAPS.test(key))
    problems.value('key', {
      expected: `request.headers[…], request.auth.claims[…] or one of ${ATTRIBUTES.join(', ')}`,
      names: ATTRIBUTES,
    });
  if (!message.hasItems('values') && !message.hasItems('not_values'))
    problems.missing('values', 'or notValues');
  for (const field of ['values', 'not_values'])
    problems.items(field, (text) => {
      if (/^(?:source|remote|destination)\.ip$/.test(key)) return rangeFault(text);
      return key === 'destination.port' && !isPort(text) ? { expected: 'the number of a port' } : undefined;
    });
};

const selector: Check = (_message, problems) => {
  problems.entries('match_labels', selectorFault);
};

/** The checks, by the names of messages in `istio.security.v1`. */
export const SECURITY: Readonly<Record<string, Check>> = {
  PeerAuthentication: peerAuthentication,
  RequestAuthentication: requestAuthentication,
  JWTRule: jwtRule,
  AuthorizationPolicy: authorizationPolicy,
  Rule: rule,
  'Rule.From': from,
  'Rule.To': to,
  Source: source,
  Operation: operation,
  Condition: condition,
};

/** The checks, by the names of messages in `istio.type.v1`. */
export const SELECTORS: Readonly<Record<string, Check>> = { WorkloadSelector: selector };

const telemetry: Check = (message, problems) => {
  oneTarget(message, problems);
};

const tracing: Check = (message, problems) => {
  if (message.messages('providers').length > 1) problems.conflict('providers', 'tracing takes one provider');
  const text = message.text('random_sampling_percentage');
  if (text !== undefined && (Number(text) < 0 || Number(text) > 100))
    problems.value('random_sampling_percentage', { expected: 'a number from 0 to 100' });
};

const tagOverride: Check = (message, problems) => {
  const removes = message.enumName('operation') === 'REMOVE';
  const value = (message.text('value') ?? '') !== '';
  if (removes && value) problems.conflict('value', 'value has no effect with operation REMOVE');
  if (!removes && !value) problems.missing('value', 'of operation UPSERT');
};

const customTag: Check = (message, problems) => {
  if (!['literal', 'environment', 'header', 'formatter'].some((field) => message.has(field)))
    problems.missing('literal', 'or environment, header or formatter');
};

/** The checks, by the names of messages in `istio.telemetry.v1`. */
export const TELEMETRY: Readonly<Record<string, Check>> = {
  Telemetry: telemetry,
  Tracing: tracing,
  'Tracing.CustomTag': customTag,
  'MetricsOverrides.TagOverride': tagOverride,
};
