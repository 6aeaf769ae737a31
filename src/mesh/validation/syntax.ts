// The forms of names, addresses and times in Istio's resources (Istio 1.29's pkg/config/labels, pkg/config/host
// and pkg/config/validation/agent).

import { isIP } from 'node:net';
import { parseDuration } from '../duration.js';
import { parseCidr } from '../istiod/addresses.js';
import type { Fault } from './problems.js';

const LABEL = /^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$/;
const WILDCARD_LABEL = /^(?:\*|(?:\*|\*-)?[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?)$/;
const LABEL_LENGTH = 63;
const DOMAIN_LENGTH = 255;

/** Whether a text is a label of a DNS name. */
export function isDnsLabel(text: string): boolean {
  return text.length <= LABEL_LENGTH && LABEL.test(text);
}

/** Whether a text is a host name whose first label may have a wildcard. */
export function isWildcardDomain(text: string): boolean {
  const dot = text.indexOf('.');
  const first = dot < 0 ? text : text.slice(0, dot);
  if (text.length > DOMAIN_LENGTH || first.length > LABEL_LENGTH || !WILDCARD_LABEL.test(first)) return false;
  return dot < 0 || areDnsLabels(text.slice(dot + 1));
}

/** Whether a text is a host name without wildcards. */
export function isHostName(text: string): boolean {
  return text !== '' && text.length <= DOMAIN_LENGTH && areDnsLabels(text);
}

/** A name may end with a dot; its top level domain is not a number. */
function areDnsLabels(text: string): boolean {
  const labels = text.split('.');
  if (/^[-+]?\d+$/.test(labels.at(-1) as string)) return false;
  return labels.every((label, i) => isDnsLabel(label) || (label === '' && i === labels.length - 1));
}

const HOST = 'a host name such as web.shop.svc.cluster.local, with a wildcard in its first label at most';

/** What is wrong with a host name that may have a wildcard. */
export function hostFault(text: string): Fault | undefined {
  return isWildcardDomain(text) ? undefined : { expected: HOST };
}

/** What is wrong with a host name or address. */
export function hostOrAddressFault(text: string): Fault | undefined {
  return isIP(text) !== 0 ? undefined : hostFault(text);
}

/** What is wrong with an address or a range of addresses. */
export function rangeFault(text: string): Fault | undefined {
  if (isIP(text) !== 0 || parseCidr(text) !== undefined) return undefined;
  return { expected: 'an IP address or a range such as 10.0.0.0/8' };
}

/** What is wrong with a host in the form `namespace/host`. */
export function namespacedHostFault(text: string, gateway: boolean): Fault | undefined {
  const slash = text.indexOf('/');
  if (slash < 0)
    return gateway
      ? hostFault(text)
      : { expected: 'a host in the form NAMESPACE/HOST, such as ./* or shop/*' };
  const namespace = text.slice(0, slash);
  const known = gateway ? ['*', '.'] : ['*', '.', '~'];
  if (!known.includes(namespace) && !isDnsLabel(namespace))
    return { expected: `a namespace, or ${known.join(' or ')}, before the slash` };
  return hostFault(text.slice(slash + 1));
}

const PORT_MOST = 65535;

/** Whether a text is the number of a port. */
export function isPort(text: string): boolean {
  return /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= PORT_MOST;
}

/** What is wrong with a duration: Istio takes whole milliseconds, one at least. */
export function durationFault(text: string): Fault | undefined {
  const duration = parseDuration(text);
  if (duration === undefined || duration < 0n) return undefined;
  return duration >= MILLISECOND && duration % MILLISECOND === 0n
    ? undefined
    : { expected: 'a duration of at least 1ms, in whole milliseconds' };
}

const MILLISECOND = 1_000_000n;

const LABEL_VALUE = /^(?:[a-zA-Z0-9](?:[-_.a-zA-Z0-9]*[a-zA-Z0-9])?)?$/;

/** What is wrong with a label of Kubernetes. */
export function labelFault(key: string, value: string): Fault | undefined {
  const slash = key.lastIndexOf('/');
  const name = key.slice(slash + 1);
  const prefix = slash < 0 ? undefined : key.slice(0, slash);
  if (
    name === '' ||
    name.length > LABEL_LENGTH ||
    !LABEL_VALUE.test(name) ||
    (prefix !== undefined && !isHostName(prefix))
  )
    return { expected: 'a key of a label: letters, digits, -, _ and ., after a prefix and a slash at most' };
  return value.length <= LABEL_LENGTH && LABEL_VALUE.test(value)
    ? undefined
    : { expected: 'the value of a label: at most 63 letters, digits, -, _ and .' };
}

/** What is wrong with an item of `exportTo`. */
export function exportFault(text: string): Fault | undefined {
  return text === '*' || text === '.' || isDnsLabel(text) ? undefined : { expected: '., * or a namespace' };
}
