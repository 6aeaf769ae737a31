// The version of Istio that a proxy says it is of.

import type { IstioProxy } from '../../../mesh/istiod/proxy.js';

/** Whether a proxy is of a version or a later one; those that do not say are of the latest. */
export function isAtLeast({ metadata }: IstioProxy, major: number, minor: number, patch = 0): boolean {
  const match = /^v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(metadata.istioVersion);
  if (match === null) return true;
  const own = [Number(match[1]), Number(match[2]), match[3] === undefined ? 65_535 : Number(match[3])];
  for (const [index, wanted] of [major, minor, patch].entries()) {
    const difference = (own[index] ?? 0) - wanted;
    if (difference !== 0) return difference > 0;
  }
  return true;
}
