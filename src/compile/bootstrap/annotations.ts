// The annotations of a pod that have a say in its proxy's bootstrap (Istio 1.1's injector and agent).

import type { ProxyConfig } from '../../envoy/generated/types/mesh/v1alpha1/proxy.js';
import type { Finding } from '../../finding/finding.js';
import { nearName } from '../../finding/near-name.js';
import { quoted, quotedValue } from '../../secrecy/quoted.js';

/** Annotations of a pod that the injector turns into settings, and those that say which statistics there are. */
export const ANNOTATIONS = {
  discoveryAddress: 'sidecar.istio.io/discoveryAddress',
  controlPlaneAuthPolicy: 'sidecar.istio.io/controlPlaneAuthPolicy',
  interceptionMode: 'sidecar.istio.io/interceptionMode',
  statsInclusionPrefixes: 'sidecar.istio.io/statsInclusionPrefixes',
  statsInclusionSuffixes: 'sidecar.istio.io/statsInclusionSuffixes',
  statsInclusionRegexps: 'sidecar.istio.io/statsInclusionRegexps',
} as const;

type Annotations = { readonly [name: string]: string };

/** The settings in a pod's annotations. */
export function annotatedConfig(annotations: Annotations, findings: Finding[]): ProxyConfig {
  const address = annotations[ANNOTATIONS.discoveryAddress];
  const policy = annotations[ANNOTATIONS.controlPlaneAuthPolicy];
  if (policy !== undefined && policy !== 'NONE' && policy !== 'MUTUAL_TLS') {
    const suggestion = nearName(policy, ['NONE', 'MUTUAL_TLS']);
    findings.push({
      code: 'wrong-value',
      level: 'error',
      message: `the annotation ${ANNOTATIONS.controlPlaneAuthPolicy} is ${quotedValue(policy)}`,
      expected: 'NONE or MUTUAL_TLS',
      ...(suggestion !== undefined && { suggestion }),
    });
  }
  return {
    ...(address !== undefined && { discovery_address: address }),
    ...((policy === 'NONE' || policy === 'MUTUAL_TLS') && { control_plane_auth_policy: policy }),
  };
}

/** The other annotations of Istio 1.1's injector, which have no say in a bootstrap. */
const OTHER_ANNOTATIONS = [
  'inject',
  'status',
  'proxyImage',
  'proxyCPU',
  'proxyMemory',
  'rewriteAppHTTPProbers',
  'userVolume',
  'userVolumeMount',
  'logLevel',
  'componentLogLevel',
  'bootstrapOverride',
].map((name) => `sidecar.istio.io/${name}`);

/** Warns of annotations that were given for Istio's sidecar and are none that it knows. */
export function checkAnnotations(given: Annotations, findings: Finding[]): void {
  const known = [...Object.values(ANNOTATIONS), ...OTHER_ANNOTATIONS];
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const suggestion = nearName(name, known);
    if (suggestion === undefined && !name.startsWith('sidecar.istio.io/')) continue;
    findings.push({
      code: 'unknown-annotation',
      level: 'warning',
      message: `Istio's sidecar has no annotation ${quoted(name)}`,
      expected: `one of ${Object.values(ANNOTATIONS).join(', ')}`,
      ...(suggestion !== undefined && { suggestion }),
    });
  }
}
