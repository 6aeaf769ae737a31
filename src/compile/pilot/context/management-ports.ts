// Ports that only the kubelet asks: those of liveness and readiness probes (Pilot 1.1's
// convertProbesToPorts and WorkloadHealthCheckInfo).

import { containersOf } from '../../../mesh/kubernetes-objects.js';
import type { MeshContainer, Port, ProbeTarget, Workload } from '../../../mesh/model.js';

/** The ports of a pod's probes, by number; each once. */
export function managementPorts(workload: Workload | undefined): Port[] {
  const ports = new Map<number, Port>();
  for (const container of workload === undefined ? [] : containersOf(workload)) {
    for (const probe of [container.liveness, container.readiness]) {
      if (probe === undefined) continue;
      const port = probePort(container, probe);
      if (port === undefined || ports.has(port)) continue;
      ports.set(port, {
        name: `mgmt-${port}`,
        port,
        protocol: probe.kind === 'http' ? 'HTTP' : 'TCP',
      });
    }
  }
  return [...ports.values()].sort((a, b) => a.port - b.port);
}

/** The number of a probe's port; undefined where the container has no port of that name. */
function probePort({ ports }: MeshContainer, { port }: ProbeTarget): number | undefined {
  return typeof port === 'number' ? port : ports.find(({ name }) => name === port)?.port;
}

/** A path that is asked for the workload's health; without a port on any. */
export interface HealthPath {
  readonly path: string;
  readonly port: number | undefined;
}

/** The paths of HTTP probes, and that of Prometheus where the pod asks to be scraped. */
export function healthPaths(workload: Workload | undefined): HealthPath[] {
  if (workload === undefined) return [];
  const paths = containersOf(workload).flatMap((container) =>
    [container.readiness, container.liveness].flatMap((probe): HealthPath[] =>
      probe?.kind === 'http' ? [{ path: probe.path, port: probePort(container, probe) }] : [],
    ),
  );
  const { annotations } = workload;
  if (annotations['prometheus.io/scrape'] !== 'true') return paths;
  const port = annotations['prometheus.io/port'] ?? '';
  return [
    ...paths,
    {
      path: annotations['prometheus.io/path'] || '/metrics',
      port: /^[-+]?\d+$/.test(port) ? Number(port) : undefined,
    },
  ];
}
