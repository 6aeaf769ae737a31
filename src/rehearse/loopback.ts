// A mesh on the loopback: each address of the cluster becomes one of 127.0.0.0/8, so that many proxies run side by
// side without privileges and none reaches beyond this machine. What is rewritten is a bijection for each proxy, and
// nothing else of the configuration changes; `xdsc diff` under the same renames is the proof.

import type { NormalValue } from '../envoy/normal-value.js';
import type { ProxyFiles } from './compiled.js';

/** The parts of 127.0.0.0/8 that a rehearsal has, by the second number of the address. */
const NETWORKS = { pods: 0, outbound: 1, local: 2, others: 3 } as const;
/** How many second numbers a rehearsal has. */
export const NETWORKS_EACH = 8;
/** The last number of an address that is used. */
const LAST = 250;
/** Ports below are for privileged users only. */
const FIRST_FREE_PORT = 1024;
const PORT_SHIFT = 20_000;

/** What is called otherwise on the loopback, in the sections that `xdsc diff --rename` has. */
export interface LoopbackNames {
  readonly names: ReadonlyMap<string, string>;
  readonly addresses: ReadonlyMap<string, string>;
  readonly ports: ReadonlyMap<string, string>;
  readonly paths: ReadonlyMap<string, string>;
}

/** Where one pod is. */
export interface Seat {
  /** Its place on the loopback; no two pods that run at a time have the same. */
  readonly number: number;
  /** Its address in the cluster. */
  readonly ip: string;
  /** Files and folders in the pod, and where they are. */
  readonly paths: ReadonlyMap<string, string>;
}

/** The loopback as one rehearsal has it. */
export class Loopback {
  private readonly pods = new Map<string, string>();
  private readonly others = new Map<string, number>();
  private readonly ports = new Map<number, number>();
  private readonly takenPorts = new Set<number>();

  /** @param base the second number of the first of its addresses */
  constructor(private readonly base: number) {}

  /** Where a pod is reached. */
  podAddress(seat: number): string {
    return this.address(NETWORKS.pods, 0, seat);
  }

  /** Where a pod's proxy takes its outbound connections, the listeners on all addresses. */
  outboundAddress(seat: number): string {
    return this.address(NETWORKS.outbound, 0, seat);
  }

  /** The loopback of a pod: its application and its proxy's admin interface. */
  localAddress(seat: number): string {
    return this.address(NETWORKS.local, 0, seat);
  }

  /** Gives a pod its place. */
  seat({ number, ip }: Pick<Seat, 'number' | 'ip'>): void {
    this.pods.set(ip, this.podAddress(number));
  }

  /** A port of the cluster here. */
  port(port: number): number {
    if (port >= FIRST_FREE_PORT || port === 0) return port;
    const known = this.ports.get(port);
    if (known !== undefined) return known;
    let moved = port + PORT_SHIFT;
    while (this.takenPorts.has(moved)) moved += FIRST_FREE_PORT;
    this.takenPorts.add(moved);
    this.ports.set(port, moved);
    return moved;
  }

  /** An address of the cluster as the proxy at a seat has it. What is not known leads to an address without a listener. */
  addressAt(seat: number, address: string): string {
    const pod = this.pods.get(address);
    if (pod !== undefined) return pod;
    if (address === '0.0.0.0' || address === '::') return this.outboundAddress(seat);
    if (address === '127.0.0.1' || address === '::1' || address === 'localhost')
      return this.localAddress(seat);
    const number = this.others.get(address) ?? this.others.size;
    this.others.set(address, number);
    return this.address(NETWORKS.others + Math.floor(number / LAST), seat, number % LAST);
  }

  /** What a configuration calls otherwise for the proxy at a seat. */
  namesFor({ number, paths }: Seat, files: ProxyFiles): LoopbackNames {
    const found = { addresses: new Set<string>(), ports: new Set<number>() };
    for (const content of files.values()) collect(content, found);
    // Ports that are taken as they are come first.
    for (const port of found.ports) if (port >= FIRST_FREE_PORT) this.takenPorts.add(port);
    return {
      names: new Map(),
      addresses: new Map([...found.addresses].map((one) => [one, this.addressAt(number, one)])),
      ports: new Map([...found.ports].map((one) => [String(one), String(this.port(one))])),
      paths,
    };
  }

  private address(network: number, third: number, fourth: number): string {
    return `127.${this.base + network}.${third}.${fourth + 1}`;
  }
}

/** Whether a text is an address of the host itself or a name: a path is neither. */
function collect(value: NormalValue, found: { addresses: Set<string>; ports: Set<number> }): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) collect(item, found);
    return;
  }
  for (const [name, inner] of Object.entries(value as { readonly [name: string]: NormalValue })) {
    if (isAddress(name, inner)) found.addresses.add(inner);
    else if (isPort(name, inner)) found.ports.add(inner);
    else collect(inner, found);
  }
}

function isAddress(name: string, value: NormalValue): value is string {
  return (name === 'address' || name === 'address_prefix') && typeof value === 'string';
}

function isPort(name: string, value: NormalValue): value is number {
  return (name === 'port_value' || name === 'destination_port') && typeof value === 'number';
}

/** The fields that hold paths. */
const PATHS = new Set(['filename', 'path', 'target_uri']);

/** Rewrites a configuration; listeners that only get what iptables sends them bind their ports instead. */
export function rewrite(value: NormalValue, names: LoopbackNames): NormalValue {
  if (Array.isArray(value)) return value.map((item: NormalValue) => rewrite(item, names));
  if (typeof value !== 'object' || value === null) return value;
  const written: Record<string, NormalValue> = {};
  for (const [name, inner] of Object.entries(value as { readonly [name: string]: NormalValue })) {
    if (name === 'bind_to_port' && inner === false) continue;
    if (isAddress(name, inner)) written[name] = names.addresses.get(inner) ?? inner;
    else if (isPort(name, inner)) written[name] = Number(names.ports.get(String(inner)) ?? inner);
    else if (PATHS.has(name) && typeof inner === 'string') written[name] = movedPath(inner, names.paths);
    else written[name] = rewrite(inner, names);
  }
  return written;
}

function movedPath(text: string, paths: ReadonlyMap<string, string>): string {
  const [, scheme = '', path = ''] = /^(unix:(?:\/\/(?=\/))?)?(.*)$/s.exec(text) ?? [];
  for (const [from, to] of paths)
    if (path === from || path.startsWith(`${from}/`)) return scheme + to + path.slice(from.length);
  return text;
}
