// The names under which clients ask for a service (Pilot 1.1's generateVirtualHostDomains).

import { UNSPECIFIED_ADDRESS } from '../../../mesh/model.js';

/** A name without and with the port. */
export function withPort(name: string, port: number): string[] {
  return [name, `${name}:${port}`];
}

/**
 * All names of a service as a proxy's application may write them: in full, without what the application's
 * DNS search list adds, and by address.
 *
 * @param proxyDomain the DNS domain of the proxy: what a host shares with it need not be written
 */
export function serviceDomains(
  { hostname, address }: { readonly hostname: string; readonly address: string },
  port: number,
  proxyDomain: string,
): string[] {
  const names = [hostname, ...shortNames(hostname, proxyDomain)];
  if (address !== '' && address !== UNSPECIFIED_ADDRESS && isSingle(address)) names.push(address);
  return names.flatMap((name) => withPort(name, port));
}

/** An address, or a range whose length is that of a single IPv4 address. */
function isSingle(address: string): boolean {
  const [, length] = address.split('/');
  return length === undefined || length === '32';
}

/** What is left of a host without the last labels that it shares with a domain, then with ever more of them. */
function shortNames(hostname: string, domain: string): string[] {
  const host = hostname.split('.');
  const own = domain.split('.');
  let shared = 0;
  while (
    shared < Math.min(host.length, own.length) &&
    host[host.length - 1 - shared] === own[own.length - 1 - shared]
  ) {
    shared++;
  }
  if (shared === 0) return [];
  const unique = host.length - shared;
  const names = [host.slice(0, unique).join('.')];
  for (let end = host.length - 1; end > unique; end--) {
    names.push(`${names[0]}.${host.slice(unique, end).join('.')}`);
  }
  return names;
}
