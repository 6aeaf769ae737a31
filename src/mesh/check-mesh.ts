// Resources that do not fit the others: rules for hosts that no service has, subsets without pods, policies
// for ports that do not exist, bindings without their role. Nothing of it keeps Pilot from sending
// configuration, so these are warnings.

import type { Destination } from '../envoy/generated/types/networking/v1alpha3/virtual_service.js';
import type { Finding } from '../finding/finding.js';
import { nearName } from '../finding/near-name.js';
import { fullGatewayName, fullHost, hostsMatch, MESH_GATEWAY } from './host.js';
import { hasLabels } from './instances.js';
import type { Config, Mesh, Workload } from './model.js';

/** Warnings about resources that miss what they refer to, or meet another for the same target. */
export function checkMesh(mesh: Mesh): Finding[] {
  const findings: Finding[] = [];
  const { configs, domainSuffix } = mesh;
  const hosts = [...mesh.serviceByHostname.keys()];
  const wildcards = hosts.filter((host) => host.startsWith('*'));
  const isKnown = (host: string): boolean =>
    host.startsWith('*')
      ? hosts.some((known) => hostsMatch(host, known))
      : mesh.serviceByHostname.has(host) || wildcards.some((known) => hostsMatch(host, known));

  const podsByNamespace = new Map<string, Workload[]>();
  for (const pod of mesh.workloads) {
    const pods = podsByNamespace.get(pod.namespace);
    if (pods === undefined) podsByNamespace.set(pod.namespace, [pod]);
    else pods.push(pod);
  }
  for (const config of configs.DestinationRule) {
    const host = fullHost(config.spec.host ?? '', config.namespace, domainSuffix);
    if (!isKnown(host)) {
      findings.push(
        warn(config, 'unknown-host', `it is for ${host}, which no service is`, nearName(host, hosts)),
      );
      continue;
    }
    const service = mesh.serviceByHostname.get(host);
    if (service?.registry !== 'Kubernetes') continue;
    const pods = podsByNamespace.get(service.namespace) ?? [];
    for (const { name, labels } of config.spec.subsets ?? []) {
      if (pods.length > 0 && !pods.some((pod) => hasLabels(pod.labels, labels)))
        findings.push(warn(config, 'empty-subset', `no pod has the labels of its subset ${name}`));
    }
  }

  const subsets = new Map<string, Set<string>>();
  for (const { spec, namespace } of configs.DestinationRule) {
    const host = fullHost(spec.host ?? '', namespace, domainSuffix);
    const names = subsets.get(host) ?? new Set();
    for (const { name } of spec.subsets ?? []) names.add(name ?? '');
    subsets.set(host, names);
  }
  const gateways = new Set(configs.Gateway.map(({ namespace, name }) => `${namespace}/${name}`));
  for (const config of configs.VirtualService) {
    const { spec, namespace } = config;
    for (const gateway of spec.gateways ?? []) {
      const name = fullGatewayName(gateway, namespace);
      if (gateway !== MESH_GATEWAY && !gateways.has(name))
        findings.push(
          warn(config, 'unknown-gateway', `there is no Gateway ${name}`, nearName(name, [...gateways])),
        );
    }
    const destinations: (Destination | undefined)[] = [
      ...(spec.http ?? []).flatMap(({ route = [], mirror }) => [
        ...route.map((to) => to.destination),
        mirror,
      ]),
      ...(spec.tls ?? []).flatMap(({ route = [] }) => route.map((to) => to.destination)),
      ...(spec.tcp ?? []).flatMap(({ route = [] }) => route.map((to) => to.destination)),
    ];
    for (const destination of destinations) {
      if (destination === undefined) continue;
      const host = fullHost(destination.host ?? '', namespace, domainSuffix);
      const { subset = '' } = destination;
      if (!isKnown(host))
        findings.push(
          warn(config, 'unknown-host', `it leads to ${host}, which no service is`, nearName(host, hosts)),
        );
      else if (subset !== '' && !(subsets.get(host)?.has(subset) ?? false))
        findings.push(
          warn(
            config,
            'unknown-subset',
            `it leads to the subset ${subset} of ${host}, which no DestinationRule has`,
            nearName(subset, [...(subsets.get(host) ?? [])]),
          ),
        );
    }
  }
  findings.push(...checkPolicies(mesh), ...checkBindings(mesh));
  return findings;
}

function checkPolicies({ configs, domainSuffix, kubernetesServices }: Mesh): Finding[] {
  const findings: Finding[] = [];
  const first = new Map<string, Config<unknown>>();
  for (const config of configs.Policy) {
    for (const { name = '', ports = [] } of config.spec.targets ?? [{}]) {
      const host = name === '' ? '' : fullHost(name, config.namespace, domainSuffix);
      const service = kubernetesServices.get(host);
      if (host !== '' && service === undefined)
        findings.push(warn(config, 'unknown-host', `it is for ${host}, which no service is`));
      for (const port of ports) {
        const known = service?.ports.some((own) =>
          port.name !== undefined ? own.name === port.name : own.port === port.number,
        );
        if (known === false)
          findings.push(warn(config, 'unknown-port', `${host} has no port ${port.name ?? port.number}`));
      }
      const target = `${config.namespace}|${host}|${JSON.stringify(ports)}`;
      const other = first.get(target);
      if (other === undefined) first.set(target, config);
      else
        findings.push(
          warn(
            config,
            'second-policy',
            `${other.name} is for the same target, and only one of the two counts`,
          ),
        );
    }
  }
  return findings;
}

function checkBindings({ configs }: Mesh): Finding[] {
  const roles = new Set(configs.ServiceRole.map(({ namespace, name }) => `${namespace}/${name}`));
  return configs.ServiceRoleBinding.flatMap((config) => {
    const role = config.spec.roleRef?.name ?? '';
    if (roles.has(`${config.namespace}/${role}`)) return [];
    const names = configs.ServiceRole.filter(({ namespace }) => namespace === config.namespace);
    return [
      warn(
        config,
        'unknown-role',
        `there is no ServiceRole ${role} in ${config.namespace}`,
        nearName(
          role,
          names.map(({ name }) => name),
        ),
      ),
    ];
  });
}

function warn(config: Config<unknown>, code: string, what: string, suggestion?: string): Finding {
  const { document, node, kind, name } = config;
  const start = document.tape.start(node);
  return {
    code,
    level: 'warning',
    message: `${kind} ${name}: ${what}`,
    ...(suggestion !== undefined && { suggestion }),
    region: document.source.region(start, start),
  };
}
