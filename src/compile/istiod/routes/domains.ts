// The names that clients call a service by (istiod 1.29's generateVirtualHostDomains).

import { ipFamily } from '../../../mesh/istiod/addresses.js';
import type { Service } from '../../../mesh/istiod/model.js';
import { UNSPECIFIED_ADDRESS } from '../../../mesh/model.js';
import type { Context } from '../context/context.js';
import { serviceAddresses } from '../context/service-addresses.js';

/** A name in brackets where it is an IPv6 address. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** A name with a port. */
export function withPort(host: string, port: number): string {
  return `${bracketed(host)}:${port}`;
}

/** The names of a service, and which of them are short or made up. */
export interface Domains {
  readonly all: readonly string[];
  readonly alternatives: ReadonlySet<string>;
}

/**
 * The names of a service.
 *
 * @param port that is added to names, beside the names alone; 0 for none
 */
export function serviceDomains(context: Context, service: Service, port: number): Domains {
  const alternatives: string[] = [];
  const domains: string[] = [];
  for (const name of [service.hostname, ...service.aliases.map(({ hostname }) => hostname)]) {
    const others = alternativeNames(context, name, port);
    domains.push(...named(name, port), ...others);
    alternatives.push(...others);
  }
  if (service.resolution === 'Passthrough' && service.registry === 'Kubernetes')
    domains.push(...domains.map((domain) => `*.${domain}`));
  for (const address of serviceAddresses(context, service)) {
    if (address !== UNSPECIFIED_ADDRESS) domains.push(...named(address, port));
  }
  return { all: domains, alternatives: new Set(alternatives) };
}

function named(host: string, port: number): readonly string[] {
  return port === 0 ? [bracketed(host)] : [bracketed(host), withPort(host, port)];
}

/** Other names of a host that a proxy of some domain may use. */
export function alternativeNames(
  { proxy, features }: Context,
  host: string,
  port: number,
): readonly string[] {
  const names: string[] = [];
  if (features.absoluteDomains) {
    if (ipFamily(host) === 0) names.push(`${host}.`);
    if (port !== 0) names.push(withPort(`${host}.`, port));
  }
  const { domain } = proxy;
  const service = domain.indexOf('.svc.');
  if (service >= 0) {
    const isInDomain = host.endsWith(service > 0 ? domain.slice(service) : domain);
    return isInDomain ? [...names, ...kubernetesNames(host, domain.slice(0, service), port)] : names;
  }
  return [...names, ...sharedDomainNames(host, domain, port)];
}

function kubernetesNames(host: string, namespace: string, port: number): readonly string[] {
  const end = host.indexOf('.svc.');
  const dot = host.indexOf('.');
  if (end <= 0) return [];
  const inNamespace = host.slice(0, end);
  if (dot + 1 > end) return [];
  const isOwn = host.slice(dot + 1, end) === namespace;
  if (isOwn && dot + 1 >= host.length) return [];
  return [...(isOwn ? [host.slice(0, dot)] : []), `${inNamespace}.svc`, inNamespace].flatMap((name) =>
    named(name, port),
  );
}

/** Names without the end that they share with the proxy's own domain. */
function sharedDomainNames(host: string, domain: string, port: number): readonly string[] {
  const own = host.split('.');
  const other = domain.split('.');
  let shared = 0;
  while (shared < Math.min(own.length, other.length) && own.at(-1 - shared) === other.at(-1 - shared))
    shared++;
  if (shared === 0) return [];
  const unique = own.slice(0, own.length - shared);
  const name = unique.join('.');
  const [first = ''] = own.slice(own.length - shared);
  return [...named(name, port), ...(unique.length === 2 ? named(`${name}.${first}`, port) : [])];
}
