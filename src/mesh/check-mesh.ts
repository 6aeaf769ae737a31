// Resources that do not fit the others: rules for hosts that no service has, subsets without pods, policies
// for ports that do not exist, bindings without their role. Nothing of it keeps Pilot from sending
// configuration, so these are warnings.

import { grouped } from '../collections/grouped.js';
import { memo } from '../collections/memo.js';
import type { DestinationRule } from '../envoy/generated/types/networking/v1alpha3/destination_rule.js';
import type {
  Destination,
  PortSelector,
} from '../envoy/generated/types/networking/v1alpha3/virtual_service.js';
import type { Finding } from '../finding/finding.js';
import { nearName } from '../finding/near-name.js';
import { CHART_SOURCE } from './helm-values.js';
import { fullGatewayName, fullHost, hostsMatch, MESH_GATEWAY } from './host.js';
import { hasLabels } from './instances.js';
import type { Config, Labels, Mesh, Service } from './model.js';

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

  const podsByNamespace = grouped(mesh.workloads, ({ namespace }) => namespace);
  for (const config of configs.DestinationRule) {
    const host = fullHost(config.spec.host ?? '', config.namespace, domainSuffix);
    if (!isKnown(host)) {
      findings.push(warn(config, 'unknown-host', `no service has the host ${host}`, nearName(host, hosts)));
      continue;
    }
    const service = mesh.serviceByHostname.get(host);
    if (service?.registry !== 'Kubernetes') continue;
    const pods = podsByNamespace.get(service.namespace) ?? [];
    for (const { name, labels } of config.spec.subsets ?? []) {
      if (pods.length > 0 && !pods.some((pod) => hasLabels(pod.labels, labels)))
        findings.push(warn(config, 'empty-subset', `no pod matches the labels of subset ${name}`));
    }
    for (const port of portsOf(config.spec)) {
      if (!hasPort(service, port))
        findings.push(warn(config, 'unknown-port', `${host} has no port ${port.name ?? port.number}`));
    }
  }

  const subsets = new Map<string, Set<string>>();
  for (const { spec, namespace } of configs.DestinationRule) {
    const host = fullHost(spec.host ?? '', namespace, domainSuffix);
    const names = memo(subsets, host, () => new Set<string>());
    for (const { name } of spec.subsets ?? []) names.add(name ?? '');
  }
  const gateways = new Set(configs.Gateway.map(({ namespace, name }) => `${namespace}/${name}`));
  for (const config of configs.VirtualService) {
    const { spec, namespace } = config;
    for (const gateway of spec.gateways ?? []) {
      const name = fullGatewayName(gateway, namespace);
      if (gateway !== MESH_GATEWAY && !gateways.has(name))
        findings.push(
          warn(config, 'unknown-gateway', `unknown Gateway ${name}`, nearName(name, [...gateways])),
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
      const { subset = '', port } = destination;
      const service = mesh.serviceByHostname.get(host);
      if (service !== undefined && port !== undefined && !hasPort(service, port))
        findings.push(
          warn(
            config,
            'unknown-port',
            `it routes to port ${port.name ?? port.number} of ${host}, which has no such port`,
          ),
        );
      if (!isKnown(host))
        findings.push(
          warn(
            config,
            'unknown-host',
            `it routes to ${host}, but no service has this host`,
            nearName(host, hosts),
          ),
        );
      else if (subset !== '' && !(subsets.get(host)?.has(subset) ?? false))
        findings.push(
          warn(
            config,
            'unknown-subset',
            `it routes to subset ${subset} of ${host}, but no DestinationRule defines this subset`,
            nearName(subset, [...(subsets.get(host) ?? [])]),
          ),
        );
    }
  }
  findings.push(
    ...checkPolicies(mesh),
    ...checkRoles(mesh),
    ...checkBindings(mesh),
    ...checkSelectors(mesh),
    ...checkAccounts(mesh),
  );
  // The chart's own resources are not the user's.
  return findings.filter(({ region }) => region?.file !== CHART_SOURCE);
}

/** The ports for which a rule has settings of their own. */
function portsOf({ traffic_policy, subsets = [] }: DestinationRule): PortSelector[] {
  return [traffic_policy, ...subsets.map((subset) => subset.traffic_policy)].flatMap(
    (policy) => policy?.port_level_settings?.flatMap(({ port }) => port ?? []) ?? [],
  );
}

function hasPort({ ports }: Service, { name, number }: PortSelector): boolean {
  return ports.some((port) => (name === undefined ? port.port === number : port.name === name));
}

/** Roles for services that their namespace does not have; wildcards may be meant for later ones. */
function checkRoles({ configs, services }: Mesh): Finding[] {
  return configs.ServiceRole.flatMap((config) => {
    const { namespace, spec } = config;
    const own = services.flatMap((service) => (service.namespace === namespace ? service.hostname : []));
    const named = new Set((spec.rules ?? []).flatMap(({ services: names = [] }) => names));
    return [...named]
      .filter((host) => !host.includes('*') && !own.includes(host))
      .map((host) =>
        warn(
          config,
          'unknown-host',
          `no service in namespace ${namespace} has the host ${host}`,
          nearName(host, own),
        ),
      );
  });
}

/** Gateways and Sidecars for unknown workloads; skipped without any workload. */
function checkSelectors({ configs, workloads }: Mesh): Finding[] {
  if (workloads.length === 0) return [];
  const chosen = (labels: Labels, namespace?: string): boolean =>
    workloads.some(
      (workload) =>
        (namespace === undefined || workload.namespace === namespace) && hasLabels(workload.labels, labels),
    );
  return [
    ...configs.Gateway.filter(({ spec }) => spec.selector !== undefined && !chosen(spec.selector)).map(
      (config) => warn(config, 'empty-selector', 'no workload matches its selector'),
    ),
    ...configs.Sidecar.filter(
      ({ namespace, spec }) =>
        spec.workload_selector !== undefined && !chosen(spec.workload_selector.labels ?? {}, namespace),
    ).map((config) =>
      warn(config, 'empty-selector', `no workload in namespace ${config.namespace} matches its selector`),
    ),
  ];
}

/** Workloads that run as accounts that there are not, in namespaces whose accounts are among the resources. */
function checkAccounts({ serviceAccounts, workloads }: Mesh): Finding[] {
  return workloads.flatMap(({ account, document, kind, name, namespace, node }) => {
    const known = serviceAccounts.get(namespace) ?? [];
    if (known.length === 0 || account === '' || account === 'default' || known.includes(account)) return [];
    const what = `it runs as service account ${account}, which does not exist in namespace ${namespace}`;
    return [warn({ document, kind, name, node }, 'unknown-account', what, nearName(account, known))];
  });
}

function checkPolicies({ configs, domainSuffix, kubernetesServices }: Mesh): Finding[] {
  const findings: Finding[] = [];
  const first = new Map<string, Config<unknown>>();
  for (const config of configs.Policy) {
    for (const { name = '', ports = [] } of config.spec.targets ?? [{}]) {
      const host = name === '' ? '' : fullHost(name, config.namespace, domainSuffix);
      const service = kubernetesServices.get(host);
      if (host !== '' && service === undefined)
        findings.push(
          warn(
            config,
            'unknown-host',
            `no service has the host ${host}`,
            nearName(host, kubernetesServices.keys()),
          ),
        );
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
            `Policy ${other.name} has the same target, and only one of the two takes effect`,
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
        `unknown ServiceRole ${role} in namespace ${config.namespace}`,
        nearName(
          role,
          names.map(({ name }) => name),
        ),
      ),
    ];
  });
}

function warn(
  config: Pick<Config<unknown>, 'document' | 'kind' | 'name' | 'node'>,
  code: string,
  what: string,
  suggestion?: string,
): Finding {
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
