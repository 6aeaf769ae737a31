// Names that keys have in the files that are read: what is one of them is no secret, wherever it stands.

import { message, messageNames } from '../envoy/api-table.js';
import { KUBERNETES_NAMES } from './kubernetes-names.js';

/** Keys of Kubernetes objects that hold maps and lists. */
const OF_OBJECTS =
  `annotations args binaryData command containers data env initContainers items labels matchLabels
  ports selector spec stringData subsets template volumeMounts volumes`.split(/\s+/);

let names: ReadonlySet<string> | undefined;

/** Whether a key is a field of Envoy's or Istio's API, in either spelling, or of Kubernetes' objects. */
export function isKnownName(name: string): boolean {
  names ??= new Set([
    ...KUBERNETES_NAMES,
    ...OF_OBJECTS,
    '@type',
    ...messageNames().flatMap((type) =>
      (message(type)?.fields ?? []).flatMap((field) => [field.name, field.jsonName]),
    ),
  ]);
  return names.has(name);
}
