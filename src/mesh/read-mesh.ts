// Documents to a mesh: reads the resources and builds the indexes that everything else looks things up in.

import { compareText } from '../collections/compare-text.js';
import { addToGroup, grouped, keyed } from '../collections/grouped.js';
import type { Finding } from '../finding/finding.js';
import { DEFAULT_DOMAIN } from '../istio/trust-domain.js';
import type { Document } from '../source/document.js';
import { type MergingOptions, mergeDestinationRules } from './destination-rules.js';
import { chartPolicies } from './helm-values.js';
import { kubernetesRegistry } from './kubernetes.js';
import type { ByVisibility, Config, Mesh, MeshSettings, Service } from './model.js';
import { type Resources, readResources, withMissing } from './resources.js';
import { instancesOfEntry, servicesOfEntry } from './service-entries.js';
import { resolveVirtualServices } from './virtual-services.js';

/** A mesh, and what was wrong with its resources. */
export interface ReadMesh {
  readonly mesh: Mesh;
  readonly findings: readonly Finding[];
  readonly ignored: ReadonlyMap<string, number>;
}

/**
 * Reads the mesh that some documents describe; their order does not matter.
 *
 * @param leavesOutLater whether resources that only later releases have are reported and ignored
 */
export function readMesh(
  documents: readonly Document[],
  settings: MeshSettings,
  merging: MergingOptions = { separate: false },
  leavesOutLater = false,
): ReadMesh {
  const findings: Finding[] = [];
  const given = readResources(documents, findings, { leavesOutLater, refused: 'warning' });
  const chart = chartPolicies(settings);
  const resources = chart.length === 0 ? given : withMissing(given, readResources(chart, findings).configs);
  return { mesh: buildMesh(resources, settings, merging), findings, ignored: resources.ignored };
}

/** Builds a mesh from its resources. */
function buildMesh(resources: Resources, settings: MeshSettings, merging: MergingOptions): Mesh {
  const { configs } = resources;
  const kubernetes = kubernetesRegistry(resources, settings, DEFAULT_DOMAIN);
  // What Pilot does not sort itself it takes as its store lists it; here that is by name.
  const entries = [...configs.ServiceEntry].sort(byName).map((config) => {
    const services = servicesOfEntry(config);
    return { services, instances: instancesOfEntry(config, services) };
  });
  // Sorting is stable: of one age, Kubernetes' services by host name come before ServiceEntries.
  const services = [...kubernetes.services, ...entries.flatMap((entry) => entry.services)].sort(byAge);
  const instances = entries.flatMap((entry) => entry.instances);
  const serviceByHostname = keyed(services, hostnameOf);
  return {
    settings,
    domainSuffix: DEFAULT_DOMAIN,
    configs,
    services,
    serviceByHostname,
    kubernetesServices: keyed(kubernetes.services, hostnameOf),
    visibleServices: servicesByVisibility(services, settings),
    virtualServices: resolveVirtualServices(configs.VirtualService, settings, DEFAULT_DOMAIN),
    ...mergeDestinationRules(configs.DestinationRule, settings, DEFAULT_DOMAIN, merging),
    policies: grouped([...configs.Policy].sort(byName), ({ namespace }) => namespace),
    sidecars: grouped(configs.Sidecar, ({ namespace }) => namespace),
    serviceNamespaces: new Set([...serviceByHostname.values()].map(({ namespace }) => namespace)),
    workloadByIp: keyed(
      kubernetes.workloads.filter(({ ip }) => ip !== ''),
      ({ ip }) => ip,
    ),
    workloads: kubernetes.workloads,
    serviceAccounts: accountNames(resources),
    unaddressedServices: new Set(
      kubernetes.services.flatMap(({ hostname, resolution }) =>
        resolution === 'ClientSideLB' && !kubernetes.endpoints.has(hostname) ? [hostname] : [],
      ),
    ),
    serviceObjects: kubernetes.serviceObjects,
    endpoints: kubernetes.endpoints,
    externalNameInstances: kubernetes.externalNameInstances,
    serviceEntryInstances: grouped(instances, ({ service }) => service.hostname),
    serviceEntryInstancesByAddress: grouped(instances, ({ address }) => address),
  };
}

function hostnameOf({ hostname }: Service): string {
  return hostname;
}

function accountNames({ core }: Resources): ReadonlyMap<string, readonly string[]> {
  const groups = grouped(core.ServiceAccount, ({ namespace }) => namespace);
  return new Map([...groups].map(([namespace, accounts]) => [namespace, accounts.map(({ name }) => name)]));
}

function byName(a: Config<unknown>, b: Config<unknown>): number {
  return compareText(a.name, b.name) || compareText(a.namespace, b.namespace);
}

function byAge(a: Service, b: Service): number {
  return a.creationTime === b.creationTime ? 0 : a.creationTime < b.creationTime ? -1 : 1;
}

function servicesByVisibility(services: readonly Service[], settings: MeshSettings): ByVisibility<Service> {
  const exported: Service[] = [];
  const local = new Map<string, Service[]>();
  const defaultExport = settings.default_service_export_to ?? ['*'];
  for (const service of services) {
    const exportTo = service.exportTo ?? defaultExport;
    if (exportTo.includes('.')) addToGroup(local, service.namespace, service);
    else if (service.exportTo !== undefined || exportTo.includes('*')) exported.push(service);
  }
  return { exported, local };
}
