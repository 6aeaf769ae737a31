// IP addresses and ranges.

import { BlockList, isIP } from 'node:net';

/** 4, 6, or 0 where a text is no IP address. */
export function ipFamily(address: string): 0 | 4 | 6 {
  return isIP(address) as 0 | 4 | 6;
}

/** The family of an address or range; 0 where it is neither. */
function familyOf(address: string): 0 | 4 | 6 {
  const slash = address.indexOf('/');
  return ipFamily(slash < 0 ? address : address.slice(0, slash));
}

/** A range as its address and the number of its bits; undefined where a text is no range. */
export function parseCidr(text: string): { readonly address: string; readonly bits: number } | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const address = text.slice(0, slash);
  const family = ipFamily(address);
  const bits = text.slice(slash + 1);
  if (family === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > addressBits(family)) return undefined;
  return { address, bits: Number(bits) };
}

/** The number of bits of an address. */
export function addressBits(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

/** An address or range as Envoy's CidrRange; undefined where it is neither. */
export function cidrRange(
  text: string,
): { readonly address_prefix: string; readonly prefix_len: number } | undefined {
  const family = ipFamily(text);
  if (family !== 0) return { address_prefix: text, prefix_len: addressBits(family) };
  const range = parseCidr(text);
  return range && { address_prefix: range.address, prefix_len: range.bits };
}

/** A function that says whether an address is in a range. */
export function inRange(cidr: string): (address: string) => boolean {
  const range = parseCidr(cidr);
  if (range === undefined) return () => false;
  const family = ipFamily(range.address) === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(range.address, range.bits, family);
  return (address) => {
    const own = ipFamily(address);
    return own !== 0 && list.check(address, own === 4 ? 'ipv4' : 'ipv6');
  };
}

/** Those of some addresses that a proxy can use: of the families it supports, of the first one's family. */
export function usableAddresses(
  addresses: readonly string[],
  supports: { readonly v4: boolean; readonly v6: boolean },
): readonly string[] {
  const v4 = supports.v4 ? addresses.filter((address) => familyOf(address) === 4) : [];
  const v6 = supports.v6 ? addresses.filter((address) => familyOf(address) === 6) : [];
  if (supports.v4 && supports.v6) {
    const first = familyOf(addresses[0] ?? '');
    if (first === 4) return v4;
    if (first === 6) return v6;
  }
  return v4.length > 0 ? v4 : v6;
}
