// The node agent is shown a token that the pod does not have.

import { posix } from 'node:path';
import { structConfig } from '../../envoy/extensions/extension-config.js';
import type { Message } from '../../envoy/message.js';
import { ISTIO_TOKEN } from '../../istio/tokens.js';
import type { Container } from '../../kubernetes/pod-spec.js';
import type { PodWorkload } from '../../kubernetes/workload.js';
import { inDocument } from '../place.js';
import { isBelow, proxiesOf } from '../proxies.js';
import type { Rule } from '../rule.js';

export const tokenNotProjected: Rule = {
  code: 'token-not-projected',
  level: 'error',
  finds: "a pod's Envoy identifies itself with a projected token that the pod does not mount",
  why: 'The file does not exist, and Envoy gets no secret. Kubernetes clusters without token projection cannot mount it at all.',
  source: 'istio#18221, istio#17378',
  remedy: "mount a projected volume with a serviceAccountToken there, or use the pod's own token",
  check(run, report) {
    for (const { workload, container, instance } of proxiesOf(run)) {
      const services = instance.surveys.flatMap(({ grpcServices }) => grpcServices);
      for (const file of new Set(services.flatMap(({ message }) => tokenFiles(message)))) {
        const problem = problemWith(file, workload, container);
        if (problem === undefined) continue;
        report(inDocument(workload.document, problem.node, ''), {
          message: `${workload.kind} ${workload.name}: the container ${container.name} reads ${file} but ${problem.text}`,
          expected: `a projected volume with a serviceAccountToken whose path is ${posix.basename(file)}`,
        });
      }
    }
  },
};

/** The files that a GrpcService shows as tokens. */
function tokenFiles(service: Message): string[] {
  return (service.message('google_grpc')?.messages('call_credentials') ?? []).flatMap((credentials) => {
    const plugin = credentials.message('from_plugin');
    const config = plugin?.message('typed_config') ?? (plugin && structConfig(plugin));
    const file = config?.message('secret_data')?.text('filename') ?? '';
    return file === '' ? [] : [file];
  });
}

/** Why a token is not where Envoy reads it; undefined where it is, or may be. */
function problemWith(
  file: string,
  { pod }: PodWorkload,
  container: Container,
): { readonly text: string; readonly node: number } | undefined {
  // Of mounts one in the other, the inner one hides what the outer one has there.
  const mount = container.mounts
    .filter(({ path }) => isBelow(file, path))
    .sort((a, b) => posix.normalize(b.path).length - posix.normalize(a.path).length)[0];
  if (mount === undefined) {
    // Other files may be part of the image, or be mounted by Kubernetes.
    if (file !== ISTIO_TOKEN) return undefined;
    return {
      text: 'mounts nothing there',
      node: container.mountList >= 0 ? container.mountList : container.node,
    };
  }
  const source = pod.volumes.find(({ name }) => name === mount.volume)?.source;
  if (source?.kind !== 'projected' || !source.tokensOnly) return undefined;
  const inVolume = posix.join(mount.subPath, posix.relative(mount.path, file));
  if (source.tokens.some(({ path }) => posix.normalize(path) === inVolume)) return undefined;
  const held = source.tokens.map(({ path }) => path).join(', ');
  return { text: `the volume ${mount.volume} there holds ${held || 'nothing'}`, node: mount.node };
}
