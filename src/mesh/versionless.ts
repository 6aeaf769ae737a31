// Objects that say their kind and not their API version: they are of no kind, and nobody reads them.

import type { Finding } from '../finding/finding.js';
import { itemsOf, textAt } from '../kubernetes/objects.js';
import type { Document } from '../source/document.js';
import { Kind, type Tape } from '../source/tape.js';

/** The kinds that are read, by the API version that they have. */
const KINDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'networking.istio.io/v1': [
      'DestinationRule',
      'VirtualService',
      'ServiceEntry',
      'WorkloadEntry',
      'Gateway',
      'Sidecar',
    ],
    'networking.istio.io/v1alpha3': ['EnvoyFilter'],
    'security.istio.io/v1': ['PeerAuthentication', 'RequestAuthentication', 'AuthorizationPolicy'],
    'telemetry.istio.io/v1': ['Telemetry'],
    'authentication.istio.io/v1alpha1': ['Policy', 'MeshPolicy'],
    'rbac.istio.io/v1alpha1': ['ServiceRole', 'ServiceRoleBinding', 'RbacConfig', 'ClusterRbacConfig'],
    v1: ['Service', 'Endpoints', 'Pod', 'ConfigMap', 'Secret', 'ServiceAccount', 'Namespace', 'Node'],
    'apps/v1': ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'],
    'batch/v1': ['Job', 'CronJob'],
  }).flatMap(([version, kinds]) => kinds.map((kind) => [kind, version] as const)),
);

/** What is said of the objects of a document that have no API version. */
export function versionless({ tape, source }: Document): Finding[] {
  return candidates(tape).flatMap((node): Finding[] => {
    const kind = textAt(tape, node, 'kind');
    const version = KINDS.get(kind);
    const metadata = tape.get(node, 'metadata');
    if (version === undefined || tape.get(node, 'apiVersion') >= 0) return [];
    if (metadata < 0 || tape.kind(metadata) !== Kind.Map) return [];
    const start = tape.start(node);
    return [
      {
        code: 'missing-field',
        level: 'error',
        message: `apiVersion is missing, so this ${kind} is not read`,
        expected: `apiVersion, such as ${version}`,
        region: source.region(start, start),
      },
    ];
  });
}

/** The object of a document, or those in its list. */
function candidates(tape: Tape): number[] {
  if (tape.size === 0 || tape.kind(0) !== Kind.Map) return [];
  const items = textAt(tape, 0, 'kind').endsWith('List') ? tape.get(0, 'items') : -1;
  const nodes = items < 0 ? [0] : itemsOf(tape, items).map((item) => tape.resolve(item));
  return nodes.filter((node) => tape.kind(node) === Kind.Map);
}
