// The listeners for what a sidecar calls (istiod 1.29's buildSidecarOutboundListeners).

import type { Listener } from '../../../envoy/generated/types/envoy/config/listener/v3/listener.js';
import type { VirtualService } from '../../../envoy/generated/types/networking/v1/virtual_service.js';
import { hasUnixScheme } from '../../../istio/sockets.js';
import { ipFamily } from '../../../mesh/istiod/addresses.js';
import type { Config, Port, Service } from '../../../mesh/istiod/model.js';
import { isHttp, isSniffed, isTcp, type Protocol, parseProtocol } from '../../../mesh/istiod/protocol.js';
import type { EgressListener } from '../../../mesh/istiod/scope.js';
import { UNSPECIFIED_ADDRESS } from '../../../mesh/model.js';
import type { Context } from '../context/context.js';
import { localHosts, wildcards } from '../context/local-addresses.js';
import { statisticsName } from '../context/names.js';
import { proxyHeaders } from '../context/proxy-headers.js';
import { serviceAddress, serviceAddresses } from '../context/service-addresses.js';
import { portEndpoints } from '../endpoints/endpoints.js';
import { HTTP_PROXY_ROUTE } from '../routes/sidecar-routes.js';
import { type Chain, isConflict } from './chains.js';
import { http10, httpFilter, managerHeaders } from './http-connection-manager.js';
import { plainHttp } from './inbound.js';
import { type Binding, outboundListener } from './listener.js';
import { canBind } from './ports.js';
import { tcpChains } from './tcp-chains.js';

/** A listener while chains are added. */
interface Entry {
  readonly port: Port;
  readonly binding: Binding;
  readonly chains: readonly Chain[];
  /** What it has so far: sniffed once it has HTTP and something else. */
  readonly protocol: Protocol;
}

/** A port of a service that is to be listened for. */
interface Wanted {
  readonly binding: Binding;
  readonly port: Port;
  readonly service: Service;
  readonly virtualServices: readonly Config<VirtualService>[];
}

/** The outbound listeners. */
export function outboundListeners(context: Context): readonly Listener[] {
  const listeners = new OutboundListeners(context);
  for (const egress of context.proxy.scope.egress) listeners.addEgress(egress);
  return listeners.finished();
}

class OutboundListeners {
  private readonly entries = new Map<string, Entry>();
  /** Those that a listener without a port of its own does not change. */
  private locked: ReadonlySet<string> = new Set();
  private readonly wildcards: readonly string[];

  constructor(private readonly context: Context) {
    this.wildcards = wildcards(context.proxy);
  }

  addEgress(egress: EgressListener): void {
    const { spec, services, virtualServices } = egress;
    const binding = bindingOf(this.context, egress);
    const said = spec?.port;
    if (said !== undefined) {
      const port: Port = {
        port: said.number ?? 0,
        name: said.name ?? '',
        protocol: parseProtocol(said.protocol ?? ''),
      };
      if (!this.isFree(binding, port)) return;
      for (const service of services) this.add({ binding, port, service, virtualServices });
      return;
    }
    this.locked = new Set(this.entries.keys());
    for (const service of services) {
      for (const port of service.ports) {
        if (this.isFree(binding, port)) this.addPort({ binding, port, service, virtualServices });
      }
    }
  }

  private isFree({ binds, isBound }: Binding, { port, protocol }: Port): boolean {
    return canBind(this.context, { isBound, bind: binds[0] ?? '', port, protocol });
  }

  /** Services without an address are listened for at the addresses of their endpoints. */
  private addPort(wanted: Wanted): void {
    const { context } = this;
    const { binding, port, service } = wanted;
    const isHeadless =
      binding.binds.length === 0 &&
      service.resolution === 'Passthrough' &&
      serviceAddress(context, service) === UNSPECIFIED_ADDRESS &&
      (isTcp(port.protocol) || isSniffed(port.protocol));
    if (!isHeadless) {
      this.add(wanted);
      return;
    }
    const endpoints = portEndpoints(context, service, port);
    if (service.registry !== 'Kubernetes' && endpoints.length === 0 && service.selector === undefined) {
      this.add(wanted);
      return;
    }
    for (const { address } of endpoints) {
      if (ipFamily(address) !== 0 && address !== context.proxy.ips[0])
        this.add({ ...wanted, binding: { ...binding, binds: [address] } });
    }
  }

  private add(said: Wanted): void {
    const { context } = this;
    const { port, service, virtualServices } = said;
    const isHttpPort = isHttp(port.protocol);
    if (service.resolution === 'Alias' || port.protocol === 'UDP') return;
    const { binding, cidrs } = isHttpPort
      ? { binding: this.bindAll(said.binding), cidrs: [] }
      : this.bindService(said.binding, service);
    const [primary = ''] = binding.binds;
    const key = `${primary} ${port.port}`;
    const current = this.entries.get(key);
    if (current !== undefined && this.locked.has(key)) return;
    const isEverywhere = primary === this.wildcards[0];
    const tcp = (): readonly Chain[] =>
      tcpChains(context, { service, port, bind: primary, cidrs, virtualServices });
    const sniffedHttp = (): Chain => ({
      ...this.httpChain(port, primary, service, !isHttpPort && !isEverywhere),
      applicationProtocols: plainHttp(context.features.http10),
      transportProtocol: 'raw_buffer',
    });
    if (port.protocol === 'HTTP_PROXY') {
      // This replaces whatever is there.
      this.put(key, undefined, { port, binding, protocol: port.protocol }, [
        this.httpChain(port, primary, service, false),
      ]);
    } else if (isHttpPort) {
      if (current !== undefined && !isTcp(current.protocol)) return;
      const protocol = isEverywhere ? 'Unsupported' : port.protocol;
      const chain = isEverywhere ? sniffedHttp() : this.httpChain(port, primary, service, false);
      this.put(key, current, { port, binding, protocol }, [chain]);
    } else if (isSniffed(port.protocol)) {
      if (current !== undefined && !isHttp(current.protocol) && !isTcp(current.protocol)) return;
      const replaced = current !== undefined && isHttp(current.protocol) ? undefined : current;
      this.put(key, replaced, { port, binding, protocol: port.protocol }, [...tcp(), sniffedHttp()]);
    } else this.put(key, current, { port, binding, protocol: port.protocol }, tcp());
  }

  /** Adds chains to what there is; where both are for the same connections the older ones stay. */
  private put(
    key: string,
    current: Entry | undefined,
    entry: Omit<Entry, 'chains'>,
    chains: readonly Chain[],
  ): void {
    if (current === undefined) {
      this.entries.set(key, { ...entry, chains });
      return;
    }
    if (excludes(entry.port.protocol, current.protocol)) return;
    const merged = [...current.chains];
    for (const chain of chains) if (!merged.some((other) => isConflict(other, chain))) merged.push(chain);
    const staysTcp = isTcp(entry.port.protocol) && !isHttp(current.protocol);
    this.entries.set(key, {
      ...current,
      chains: merged,
      protocol: staysTcp ? current.protocol : 'Unsupported',
    });
  }

  private bindAll(binding: Binding): Binding {
    return binding.binds.length > 0 ? binding : { ...binding, binds: this.wildcards };
  }

  /** Where a service is listened for: at its addresses; for ranges of addresses everywhere. */
  private bindService(
    binding: Binding,
    service: Service,
  ): { readonly binding: Binding; readonly cidrs: readonly string[] } {
    if (binding.binds.length > 0) return { binding, cidrs: [] };
    const { context } = this;
    const { v4, v6 } = context.proxy.supports;
    let address = serviceAddress(context, service);
    let extra = serviceAddresses(context, service).slice(1);
    if (service.registry === 'External' && address === UNSPECIFIED_ADDRESS && v6) {
      if (v4) extra = [...extra, '::'];
      else address = '::';
    }
    if (address === '') return { binding, cidrs: [] };
    const all = [address, ...extra];
    return address.includes('/')
      ? { binding: { ...binding, binds: this.wildcards }, cidrs: all }
      : { binding: { ...binding, binds: all }, cidrs: [] };
  }

  private httpChain(port: Port, bind: string, service: Service, isForService: boolean): Chain {
    const { context } = this;
    const routes =
      port.port === 0 ? bind : isForService ? `${service.hostname}:${port.port}` : String(port.port);
    return {
      filters: (name) => [
        httpFilter(context, {
          kind: 'outbound',
          statPrefix: statisticsName(`outbound_${name}`),
          routes,
          protocol: port.protocol,
          usesRemoteAddress: context.features.useRemoteAddress,
          manager: { ...managerHeaders(proxyHeaders(context, 'outbound')), ...http10(context) },
        }),
      ],
    };
  }

  finished(): readonly Listener[] {
    return [...this.entries.values()].map(({ port, binding, chains }) =>
      outboundListener(this.context, { port, binding, chains }),
    );
  }
}

/** Whether protocols that must speak first keep others away. */
function excludes(incoming: Protocol, existing: Protocol): boolean {
  const isSpecial = (protocol: Protocol): boolean => protocol === 'Mongo' || protocol === 'MySQL';
  return (isSpecial(incoming) || isSpecial(existing)) && incoming !== existing;
}

function bindingOf({ proxy }: Context, { spec }: EgressListener): Binding {
  const bind = spec?.bind ?? '';
  const isBound =
    proxy.metadata.interceptionMode === 'NONE' || spec?.capture_mode === 'NONE' || hasUnixScheme(bind);
  return { isBound, binds: bind === '' ? (isBound ? localHosts(proxy) : []) : [bind] };
}

/** The listener for HTTP clients that know of the proxy; none where it has no port. */
export function httpProxyListener(context: Context): Listener | undefined {
  const { proxy, mesh } = context;
  const said = proxy.metadata.httpProxyPort;
  const number = /^[+-]?\d+$/.test(said) ? Number(said) : (mesh.settings.proxy_http_port ?? 0);
  if (number === 0) return undefined;
  const port: Port = { name: '', port: number, protocol: 'HTTP_PROXY' };
  const { http_protocol_options } = http10(context);
  const chain: Chain = {
    filters: (name) => [
      httpFilter(context, {
        kind: 'outbound',
        statPrefix: statisticsName(`outbound_${name}`),
        routes: HTTP_PROXY_ROUTE,
        protocol: port.protocol,
        usesRemoteAddress: false,
        exchangesEverywhere: true,
        manager: {
          ...managerHeaders(proxyHeaders(context, 'outbound')),
          http_protocol_options: { ...http_protocol_options, allow_absolute_url: true },
        },
      }),
    ],
  };
  const binding = { binds: localHosts(proxy), isBound: true };
  return outboundListener(context, { port, binding, chains: [chain] });
}
