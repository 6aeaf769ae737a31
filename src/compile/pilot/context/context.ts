// What everything in this folder is compiled from: the mesh, the proxy, and how Pilot is installed.

import { memo } from '../../../collections/memo.js';
import type { Mesh } from '../../../mesh/model.js';
import type { MeshProxy } from '../../../mesh/proxy.js';
import { asClient, asPeer, clientKey, peerKey } from './client.js';
import type { Compat } from './compat.js';
import type { Dataplane } from './dataplane.js';
import { sdsSource, type WorkloadSource } from './workload-source.js';

/** Settings of Pilot's environment that change what it sends. */
export interface PilotEnvironment {
  /** `PILOT_DISABLE_XDS_MARSHALING_TO_ANY`: filters' configurations are Structs. */
  readonly disableMarshalingToAny: boolean;
  /** `PILOT_TRACE_SAMPLING`: per cent of requests that are traced by chance. */
  readonly traceSampling: number;
  /** `PILOT_ENABLE_FALLTHROUGH_ROUTE`: listeners for known services let unknown destinations through. */
  readonly enableFallthroughRoute: boolean;
  /** `PILOT_ENABLE_MYSQL_FILTER`: MySQL ports have their protocol's own filter. */
  readonly enableMysqlFilter: boolean;
  /** `PILOT_ENABLE_LOCALITY_LOAD_BALANCING`: the mesh's `localityLbSetting` holds for EDS too. */
  readonly enableLocalityLoadBalancing: boolean;
  /** `PILOT_DISABLE_EDS_ISOLATION`: a proxy's Sidecar resource makes no difference to its endpoints. */
  readonly disableEdsIsolation: boolean;
  /** `PILOT_HTTP10`: listeners accept HTTP/1.0. */
  readonly http10: boolean;
}

/** Reads `NAME=VALUE` settings of Pilot's environment; what is absent has Pilot's defaults. */
export function pilotEnvironment(settings: { readonly [name: string]: string }): PilotEnvironment {
  const sampling = Number(settings.PILOT_TRACE_SAMPLING || '100');
  return {
    disableMarshalingToAny: isOn(settings.PILOT_DISABLE_XDS_MARSHALING_TO_ANY),
    traceSampling: sampling >= 0 && sampling <= 100 ? sampling : 100,
    enableFallthroughRoute: isOn(settings.PILOT_ENABLE_FALLTHROUGH_ROUTE ?? '1'),
    enableMysqlFilter: isOn(settings.PILOT_ENABLE_MYSQL_FILTER),
    enableLocalityLoadBalancing: (settings.PILOT_ENABLE_LOCALITY_LOAD_BALANCING ?? '') !== '',
    disableEdsIsolation: (settings.PILOT_DISABLE_EDS_ISOLATION ?? '') !== '',
    http10: isOn(settings.PILOT_HTTP10),
  };
}

/** Pilot 1.1 takes nothing else for yes, `true` neither. */
function isOn(text: string | undefined): boolean {
  return text === '1';
}

/** The mesh as one proxy sees it, and where its identity comes from. */
export interface Context {
  readonly mesh: Mesh;
  readonly proxy: MeshProxy;
  readonly environment: PilotEnvironment;
  readonly compat: Compat;
  readonly dataplane: Dataplane;
  /** Where the workload's certificate and roots come from; undefined for files. */
  readonly workloadSource: WorkloadSource | undefined;
  /** The same for the proxy as a client: one context for all proxies that call others alike. */
  readonly client: Context;
  /** The same for what the clusters of a service depend on: one context for many clients. */
  readonly peer: Context;
}

/** Puts together what a proxy's configuration is compiled from. */
export function contextFor(
  mesh: Mesh,
  proxy: MeshProxy,
  environment: PilotEnvironment,
  compat: Compat = 'istio-1.1',
  dataplane: Dataplane = 'istio',
): Context {
  return contextsIn(mesh, environment, compat, dataplane)(proxy);
}

/**
 * Makes the contexts of a mesh's proxies, which share what is the same for several. Clients are kept as long
 * as one proxy after the other is of their namespace, so that a whole mesh does not stay in memory.
 */
export function contextsIn(
  mesh: Mesh,
  environment: PilotEnvironment,
  compat: Compat = 'istio-1.1',
  dataplane: Dataplane = 'istio',
): (proxy: MeshProxy) => Context {
  const common = { mesh, environment, compat, dataplane };
  const clients = new Map<string, Context>();
  const peers = new Map<string, Context>();
  let namespace: string | undefined;
  return (given) => {
    // An upstream Envoy has no release of Istio: it reads all that one of 1.1 does.
    const proxy = dataplane === 'envoy' ? { ...given, isVersion11: true } : given;
    if (proxy.namespace !== namespace) clients.clear();
    namespace = proxy.namespace;
    const reduced = asClient(mesh, proxy);
    const general = asPeer(reduced);
    const peer = memo(peers, peerKey(general), () => {
      const workloadSource = sdsSource(mesh.settings, general.metadata);
      return ownClient({ ...common, proxy: general, workloadSource });
    });
    const { workloadSource } = peer;
    const client = memo(clients, clientKey(reduced), () =>
      ownClient({ ...common, proxy: reduced, workloadSource }, peer),
    );
    return { ...common, proxy, workloadSource, client, peer };
  };
}

/** A context that is its own client. */
function ownClient(common: Omit<Context, 'client' | 'peer'>, peer?: Context): Context {
  const context: Context = {
    ...common,
    get client() {
      return context;
    },
    get peer() {
      return peer ?? context;
    },
  };
  return context;
}
