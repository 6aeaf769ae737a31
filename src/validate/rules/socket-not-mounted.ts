// Envoy is to ask a socket for its secrets that its container does not have.

import { posix } from 'node:path';
import type { Message } from '../../envoy/message.js';
import { socketPath } from '../../istio/sockets.js';
import type { Container } from '../../kubernetes/pod-spec.js';
import { addressesOf } from '../addresses.js';
import { inDocument } from '../place.js';
import { isBelow, proxiesOf } from '../proxies.js';
import type { Rule } from '../rule.js';
import type { Instance } from '../run.js';
import { serversOf } from '../sds-servers.js';

export const socketNotMounted: Rule = {
  code: 'socket-not-mounted',
  level: 'error',
  finds: 'a pod runs an Envoy whose SDS socket is not mounted in its container',
  why: 'Envoy never gets a secret, and its listeners and clusters keep warming. A directory instead of the socket fails the same way.',
  source: 'istio#15085, istio#13364',
  remedy:
    'mount a volume at the socket or at a folder above it: hostPath, CSI, or an emptyDir that the server writes to',
  check(run, report) {
    for (const { workload, container, instance } of proxiesOf(run)) {
      if (startsOthers(container)) continue;
      const sources = instance.surveys.flatMap(({ secretSources }) => secretSources);
      const sockets = new Set(sources.flatMap(({ message }) => socketsOf(message, instance)));
      for (const socket of sockets) {
        if (container.mounts.some(({ path }) => isBelow(socket, path))) continue;
        report(
          inDocument(workload.document, container.mountList >= 0 ? container.mountList : container.node, ''),
          {
            message: `${workload.kind} ${workload.name}: the container ${container.name} uses ${socket} for SDS but mounts nothing there`,
            expected: `a volumeMount for ${socket}`,
          },
        );
      }
    }
  },
};

/** The files of the Unix sockets that a ConfigSource asks: by Google's client, or through a cluster of the run. */
function socketsOf(source: Message, { clusters }: Instance): string[] {
  const targets = (source.message('api_config_source')?.messages('grpc_services') ?? []).map((service) =>
    socketPath(service.message('google_grpc')?.text('target_uri') ?? ''),
  );
  const pipes = serversOf(source).flatMap(({ name }) => {
    const cluster = clusters.get(name);
    const addresses = cluster === undefined ? [] : addressesOf(cluster);
    return addresses.map((address) => address.message('pipe')?.text('path'));
  });
  // A path below the folder in which Envoy starts may be anywhere, and abstract sockets are no files.
  return [...targets, ...pipes].filter((path) => path !== undefined && posix.isAbsolute(path)) as string[];
}

/** Whether a container starts with a program of its own, which may start the SDS server beside Envoy. */
function startsOthers({ command, args }: Container): boolean {
  return command.length > 0 && ![...command, ...args].some((word) => word.includes('envoy'));
}
