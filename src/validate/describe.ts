// What a text was found to be, in a few words: nobody should have to guess what was checked.

import { objectsOf } from '../kubernetes/objects.js';
import { type Istio, isIstioVersion, istioOf } from '../mesh/istio-api.js';
import type { Source } from '../source/document.js';
import type { EnvoyConfig } from '../tls/configs.js';

/** What a text holds. */
export interface Contents {
  /** What was checked, as in `v3 Bootstrap`, `v2 Cluster (12)`, `v3 Bootstrap in ConfigMap envoy`, `Deployment`. */
  readonly detected: readonly string[];
  /** Kubernetes objects in which nothing was looked at, as in `Secret (2)`. */
  readonly notChecked: readonly string[];
  /** Whether all that was checked are resources of Istio: their fields, and not what Envoy makes of them. */
  readonly onlyIstio: boolean;
}

/**
 * Tells what a text holds.
 *
 * @param unread the kinds of objects that no check reads
 * @param istio the Istio by whose rules resources were checked
 */
export function describe(
  source: Source,
  configs: readonly EnvoyConfig[],
  unread: ReadonlyMap<string, number>,
  istio: Istio,
): Contents {
  const counts = new Map<string, number>();
  const unchecked = new Map<string, number>();
  const count = (what: string, into = counts): void => {
    into.set(what, (into.get(what) ?? 0) + 1);
  };
  const inMaps = new Set<string>();
  for (const { detected, entry } of configs) {
    if (entry !== undefined) inMaps.add(entry.configMap);
    for (const { type } of detected.roots) {
      const what = `${type.isV3 ? 'v3' : 'v2'} ${shortName(type.name)}`;
      count(entry === undefined ? what : `${what} in ConfigMap ${entry.configMap}`);
    }
  }
  let resources = 0;
  for (const { kind, name, apiVersion } of source.documents.flatMap(objectsOf)) {
    if (kind === 'ConfigMap' && inMaps.has(name)) continue;
    if (unread.has(kind)) count(kind, unchecked);
    else if (isIstioVersion(apiVersion)) {
      resources++;
      count(`${kind} for Istio ${istioOf(apiVersion) ?? istio}`);
    } else count(kind);
  }
  const all = [...counts.values()].reduce((sum, number) => sum + number, 0);
  return {
    detected: counted(counts),
    notChecked: counted(unchecked),
    onlyIstio: resources > 0 && resources === all,
  };
}

function counted(counts: ReadonlyMap<string, number>): string[] {
  return [...counts].map(([what, number]) => (number > 1 ? `${what} (${number})` : what));
}

/** A message's name without its package. */
function shortName(fullName: string): string {
  return fullName.replace(/^(?:[a-z0-9_]+\.)*/, '');
}
