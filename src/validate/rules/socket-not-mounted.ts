// Envoy is to ask a socket for its secrets that its container does not have.

import { socketPath } from '../../istio/sockets.js';
import { inDocument } from '../place.js';
import { isBelow, proxiesOf } from '../proxies.js';
import type { Rule } from '../rule.js';

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
      const sockets = new Set<string>();
      for (const { message } of instance.surveys.flatMap(({ secretSources }) => secretSources)) {
        for (const service of message.message('api_config_source')?.messages('grpc_services') ?? []) {
          const path = socketPath(service.message('google_grpc')?.text('target_uri') ?? '');
          if (path !== undefined) sockets.add(path);
        }
      }
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
