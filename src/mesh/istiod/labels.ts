// Labels that istiod 1.29 reads, and those that it adds to say where a workload is.

import type { Labels } from '../model.js';

export const REGION_LABEL = 'topology.kubernetes.io/region';
export const ZONE_LABEL = 'topology.kubernetes.io/zone';
export const SUBZONE_LABEL = 'topology.istio.io/subzone';
export const NETWORK_LABEL = 'topology.istio.io/network';
export const HOSTNAME_LABEL = 'kubernetes.io/hostname';
const CLUSTER_LABEL = 'topology.istio.io/cluster';
const TLS_MODE_LABEL = 'security.istio.io/tlsMode';
const LOCALITY_LABELS = ['topology.istio.io/locality', 'istio-locality'] as const;

/** The TLS mode of what has no label for it. */
export const TLS_DISABLED = 'disabled';
/** The TLS mode of what has a sidecar. */
export const TLS_ISTIO = 'istio';

/** Whether all of some labels are among others; absent ones are none. */
export function covers(labels: Labels | undefined, wanted: Labels | undefined): boolean {
  for (const name in wanted) if (labels?.[name] !== wanted[name]) return false;
  return true;
}

/** The same for a selector that must have labels. */
export function selects(selector: Labels | undefined, labels: Labels): boolean {
  if (selector === undefined) return false;
  let some = false;
  for (const name in selector) {
    if (labels[name] !== selector[name]) return false;
    some = true;
  }
  return some;
}

/** What some labels say of the locality, `region/zone/subzone`; '' for nothing. Dots may stand for slashes. */
export function localityLabel(labels: Labels): string {
  for (const name of LOCALITY_LABELS) {
    const text = labels[name];
    if (text !== undefined) return text.includes('/') ? text : text.replaceAll('.', '/');
  }
  return '';
}

/** The TLS mode that labels say. */
export function tlsModeOf(labels: Labels): string {
  return labels[TLS_MODE_LABEL] ?? TLS_DISABLED;
}

/** The TLS mode that labels say, or undefined where they do not. */
export function saidTlsMode(labels: Labels): string | undefined {
  return labels[TLS_MODE_LABEL];
}

/** The parts of a locality; what is not said is ''. */
export function localityParts(locality: string): readonly [region: string, zone: string, subZone: string] {
  const [region = '', zone = '', subZone = ''] = locality.split('/');
  return [region, zone, subZone];
}

/** Labels with those of a place added. */
export function augmented(
  labels: Labels,
  place: {
    readonly cluster: string;
    readonly locality: string;
    readonly node: string;
    readonly network: string;
  },
): Labels {
  const [region, zone, subZone] = localityParts(place.locality);
  const added: Record<string, string> = { ...labels };
  if (region !== '') added[REGION_LABEL] = region;
  if (zone !== '') added[ZONE_LABEL] = zone;
  if (subZone !== '') added[SUBZONE_LABEL] = subZone;
  if (place.cluster !== '') added[CLUSTER_LABEL] = place.cluster;
  if (place.node !== '') added[HOSTNAME_LABEL] = place.node;
  if (place.network !== '' && !added[NETWORK_LABEL]) added[NETWORK_LABEL] = place.network;
  return added;
}

const NAME_LABELS = ['service.istio.io/canonical-name', 'app.kubernetes.io/name', 'app'] as const;
const REVISION_LABELS = [
  'service.istio.io/canonical-revision',
  'app.kubernetes.io/version',
  'version',
] as const;

/** The canonical name of a workload. */
export function canonicalName(labels: Labels, workloadName: string): string {
  return firstOf(labels, NAME_LABELS) ?? workloadName;
}

/** The canonical revision of a workload. */
export function canonicalRevision(labels: Labels): string {
  return firstOf(labels, REVISION_LABELS) ?? 'latest';
}

function firstOf(labels: Labels, names: readonly string[]): string | undefined {
  for (const name of names) if (labels[name] !== undefined) return labels[name];
  return undefined;
}
