// Endpoints of the clusters that get them by EDS (Pilot 1.1's EDS).

import type { Cluster } from '../../../envoy/generated/types/envoy/api/v2/cluster.js';
import type { ClusterLoadAssignment } from '../../../envoy/generated/types/envoy/api/v2/endpoint.js';
import type { DestinationRule } from '../../../envoy/generated/types/networking/v1alpha3/destination_rule.js';
import { mostSpecific } from '../../../mesh/destination-rules.js';
import { hasLabels, instanceOf, instancesByPort } from '../../../mesh/instances.js';
import type { Config, Labels, Mesh, ServiceInstance } from '../../../mesh/model.js';
import { destinationRuleFor, hasScope } from '../../../mesh/proxy.js';
import { hasQuirk } from '../context/compat.js';
import type { Context } from '../context/context.js';
import { applyLocalitySetting, byLocality } from './locality.js';

/** A load assignment for each EDS cluster. */
export function compileEndpoints(context: Context, clusters: readonly Cluster[]): ClusterLoadAssignment[] {
  return clusters.flatMap(({ name, type }) =>
    type === 'EDS' ? [loadAssignment(context, name as string)] : [],
  );
}

function loadAssignment(context: Context, name: string): ClusterLoadAssignment {
  const [hostname, port, subset] = partsOf(name);
  const localities = byLocality(instancesOf(context, hostname, port, subset), lbEndpoint, false);
  // Clusters that hold their endpoints follow the mesh's setting always, these only if Pilot is configured to.
  const endpoints = context.environment.enableLocalityLoadBalancing
    ? applyLocalitySetting(context, localities, true)
    : localities;
  return { cluster_name: name, ...(endpoints.length > 0 && { endpoints: [...endpoints] }) };
}

/**
 * A cluster's instances. Pilot has two ways to them, which differ where they should not. Proxies with a
 * Sidecar resource get a service's endpoints as the registry announced them: Kubernetes' without
 * localities, without those that no pod is known for, and by the very name of the port. All others, and
 * services of which nothing was announced, get them as the registry lists them.
 */
function instancesOf(context: Context, hostname: string, port: number, subset: string): ServiceInstance[] {
  const { mesh } = context;
  const labels = subsetLabels(context, hostname, subset);
  if (!isIsolated(context) || !hasQuirk(context.compat, 'endpoints-by-sidecar-scope'))
    return instancesByPort(mesh, hostname, port, labels);
  const announced = announcedInstances(mesh, hostname, port, labels);
  return announced ?? instancesByPort(mesh, hostname, port, publicSubsetLabels(mesh, hostname, subset));
}

/** Whether a proxy's Sidecar resource decides on its endpoints. */
function isIsolated({ environment, proxy }: Context): boolean {
  return hasScope(proxy) && !environment.disableEdsIsolation;
}

/** Undefined where no endpoint of the service was announced. */
function announcedInstances(
  mesh: Mesh,
  hostname: string,
  port: number,
  labels: Labels | undefined,
): ServiceInstance[] | undefined {
  const service = mesh.serviceByHostname.get(hostname);
  const servicePort = service?.ports.find((candidate) => candidate.port === port);
  if (service === undefined || servicePort === undefined) return undefined;
  const subsets = mesh.endpoints.get(hostname) ?? [];
  const entries = mesh.serviceEntryInstances.get(hostname) ?? [];
  const hasPods = subsets.some(
    ({ addresses, ports }) => ports.length > 0 && addresses.some((address) => mesh.workloadByIp.has(address)),
  );
  if (!hasPods && entries.length === 0) return undefined;
  const pods = subsets.flatMap(({ addresses, ports }) =>
    addresses.flatMap((address) =>
      mesh.workloadByIp.has(address)
        ? ports
            .filter(({ name }) => name === servicePort.name)
            .map((target) => ({
              ...instanceOf(service, servicePort, address, target.port, mesh.workloadByIp.get(address)),
              locality: '',
            }))
        : [],
    ),
  );
  return [...pods, ...entries.filter((instance) => instance.servicePort.name === servicePort.name)].filter(
    (instance) => hasLabels(instance.labels, labels),
  );
}

/** Host, port and subset of a cluster's name, in either form. */
function partsOf(name: string): [hostname: string, port: number, subset: string] {
  const [, port = '', subset = '', hostname = ''] = name.includes('|')
    ? name.split('|')
    : (/^outbound_\.([^_]*)_\.(.*?)_\.(.*)$/.exec(name) ?? []);
  return [hostname, Number(port), subset];
}

/**
 * The labels of a subset: for a proxy with a Sidecar resource in the rule that it follows, for all others
 * in the public rules, whatever namespace they are in. A subset that is not found there has all endpoints.
 */
function subsetLabels(context: Context, hostname: string, subset: string): Labels | undefined {
  const { compat, mesh, proxy } = context;
  if (subset === '') return undefined;
  const service = mesh.serviceByHostname.get(hostname);
  if (service !== undefined && !hasQuirk(compat, 'endpoints-by-sidecar-scope'))
    return labelsIn(destinationRuleFor(mesh, proxy, service), subset);
  if (!isIsolated(context)) return publicSubsetLabels(mesh, hostname, subset);
  return labelsIn(destinationRuleFor(mesh, proxy, { hostname, namespace: '' }), subset);
}

function publicSubsetLabels(mesh: Mesh, hostname: string, subset: string): Labels | undefined {
  return subset === '' ? undefined : labelsIn(mostSpecific(mesh.allDestinationRules, hostname), subset);
}

function labelsIn(rule: Config<DestinationRule> | undefined, subset: string): Labels | undefined {
  return rule?.spec.subsets?.find(({ name }) => name === subset)?.labels;
}

function lbEndpoint(instance: ServiceInstance) {
  return {
    endpoint: {
      address: instance.unix
        ? { pipe: { path: instance.address } }
        : { socket_address: { address: instance.address, port_value: instance.port } },
    },
    ...((instance.uid !== '' || instance.network !== '') && {
      metadata: {
        filter_metadata: {
          istio: {
            ...(instance.uid !== '' && { uid: instance.uid }),
            ...(instance.network !== '' && { network: instance.network }),
          },
        },
      },
    }),
  };
}
