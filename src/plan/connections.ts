// Who may call whom in a mesh, and how each side begins: services, destination rules, policies, and the
// connection of each proxy to the control plane.

import { addToGroup } from '../collections/grouped.js';
import { policyForPort } from '../compile/pilot/clusters/traffic-policy.js';
import { mutualTls, policyFor } from '../compile/pilot/context/authn-policy.js';
import type { TLSSettings } from '../envoy/generated/types/networking/v1alpha3/destination_rule.js';
import { WORKLOAD_FOLDER } from '../istio/workload-files.js';
import { hasLabels } from '../mesh/instances.js';
import type { Mesh, Port, Service } from '../mesh/model.js';
import { destinationRuleFor, type MeshProxy, servicesFor } from '../mesh/proxy.js';
import { asksControlPlaneByTls, type FleetMember, pilotOf } from './members.js';
import type { ClientTls, Connection, ServerMode, WorkloadId } from './model.js';

/** Connections, and what else the rules and policies say. */
export interface Connections {
  readonly connections: readonly Connection[];
  /** Workloads whose clusters or listeners have the mesh's certificates, also where nobody calls them. */
  readonly mutual: ReadonlySet<WorkloadId>;
  /** Hosts whose rules name files of the mounted secret. */
  readonly hostsWithMountedFiles: ReadonlySet<string>;
}

/** Who serves a port of a service. */
interface Server {
  readonly id: WorkloadId;
  readonly proxy: MeshProxy;
}

/** The connections of a mesh's workloads; those between the same two that are alike are one. */
export function connectionsOf(mesh: Mesh, members: readonly FleetMember[]): Connections {
  const servers = serversByHost(members);
  const hostsWithMountedFiles = new Set<string>();
  const mutual = new Set<WorkloadId>();
  const connections: Connection[] = [];
  for (const { id, proxies } of members) {
    const calls = new Calls(id);
    for (const proxy of proxies) {
      if (proxy.instances.some(({ service, servicePort }) => modeOf(mesh, service, servicePort) !== 'plain'))
        mutual.add(id);
      for (const service of servicesFor(mesh, proxy)) {
        for (const port of service.ports) {
          const host = `${service.hostname}:${port.port}`;
          const serving = servers.get(host) ?? [];
          // Policies matter only where a proxy obeys them.
          const mode = serving.length === 0 ? 'plain' : modeOf(mesh, service, port);
          for (const { tls, labels } of clientSides(mesh, proxy, service, port)) {
            const how = clientTls(tls);
            if (how?.tls === 'istio') mutual.add(id);
            if (how?.mountedFiles) hostsWithMountedFiles.add(service.hostname);
            for (const server of how === undefined ? [] : serving) {
              if (hasLabels(server.proxy.workload?.labels, labels))
                calls.add(server.id, how as How, mode, host);
            }
          }
        }
      }
    }
    connections.push(...calls.connections());
  }
  return { connections: [...connections, ...toControlPlane(mesh, members)], mutual, hostsWithMountedFiles };
}

function serversByHost(members: readonly FleetMember[]): ReadonlyMap<string, readonly Server[]> {
  const servers = new Map<string, Server[]>();
  for (const { id, proxies } of members) {
    for (const proxy of proxies) {
      for (const { service, servicePort } of proxy.instances) {
        addToGroup(servers, `${service.hostname}:${servicePort.port}`, { id, proxy });
      }
    }
  }
  return servers;
}

/** How a client begins. */
interface How {
  readonly tls: ClientTls;
  readonly mountedFiles: boolean;
}

/** The connections of one client, while they are found host by host. */
class Calls {
  private readonly byServer = new Map<WorkloadId, (Connection & { readonly hosts: string[] })[]>();

  constructor(private readonly client: WorkloadId) {}

  add(server: WorkloadId, { tls, mountedFiles }: How, mode: ServerMode, host: string): void {
    const alike = this.byServer.get(server) ?? [];
    this.byServer.set(server, alike);
    const known = alike.find(
      (one) => one.tls === tls && one.mountedFiles === mountedFiles && one.mode === mode,
    );
    const { client } = this;
    if (known === undefined)
      alike.push({ client, server, purpose: 'service', tls, mountedFiles, mode, hosts: [host] });
    else if (!known.hosts.includes(host)) known.hosts.push(host);
  }

  connections(): Connection[] {
    return [...this.byServer.values()].flat();
  }
}

/** The port on which Pilot takes mutual TLS. */
const CONTROL_PLANE_PORT = 15011;

function toControlPlane(mesh: Mesh, members: readonly FleetMember[]): Connection[] {
  const everyone = mesh.settings.default_config?.control_plane_auth_policy === 'MUTUAL_TLS';
  const server = pilotOf(mesh, members);
  return members
    .filter((member) => member.id !== server && member.proxies.length > 0)
    .filter((member) => everyone || asksControlPlaneByTls(member))
    .map(({ id }) => ({
      client: id,
      server,
      purpose: 'control plane',
      tls: 'istio',
      mountedFiles: false,
      mode: 'strict',
      hosts: [`${server.split('/')[1]}:${CONTROL_PLANE_PORT}`],
    }));
}

function modeOf(mesh: Mesh, service: Service, port: Port): ServerMode {
  const mtls = mutualTls(policyFor(mesh, service, port));
  if (mtls === undefined) return 'plain';
  return mtls.mode === 'PERMISSIVE' ? 'permissive' : 'strict';
}

interface ClientSide {
  readonly tls: TLSSettings | undefined;
  /** Those of a subset, which its servers have. */
  readonly labels: { readonly [name: string]: string } | undefined;
}

/** The TLS settings by which a client may call a port: those of the rule, and those of each subset over them. */
function clientSides(mesh: Mesh, proxy: MeshProxy, service: Service, port: Port): ClientSide[] {
  const rule = destinationRuleFor(mesh, proxy, service)?.spec;
  const base = tlsOver(undefined, rule?.traffic_policy && policyForPort(rule.traffic_policy, port).tls);
  return [
    { tls: base, labels: undefined },
    ...(rule?.subsets ?? []).map(({ labels, traffic_policy }) => ({
      tls: tlsOver(base, traffic_policy && policyForPort(traffic_policy, port).tls),
      labels,
    })),
  ];
}

/** A rule that cannot be applied leaves what was before it. */
function tlsOver(before: TLSSettings | undefined, tls: TLSSettings | undefined): TLSSettings | undefined {
  if (tls === undefined) return before;
  return tls.mode === 'MUTUAL' && (!tls.client_certificate || !tls.private_key) ? before : tls;
}

/** How a client begins; undefined where it checks the server alone, which is no matter of the mesh's identities. */
function clientTls(tls: TLSSettings | undefined): How | undefined {
  switch (tls?.mode ?? 'DISABLE') {
    case 'ISTIO_MUTUAL':
      return { tls: 'istio', mountedFiles: false };
    case 'MUTUAL': {
      const files = [tls?.client_certificate, tls?.private_key, tls?.ca_certificates];
      return { tls: 'files', mountedFiles: files.some((file) => file?.startsWith(`${WORKLOAD_FOLDER}/`)) };
    }
    case 'SIMPLE':
      return undefined;
    default:
      return { tls: 'plain', mountedFiles: false };
  }
}
