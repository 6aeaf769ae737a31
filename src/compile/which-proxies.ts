// Findings if the requested proxies are not in the inputs.

import { compareText } from '../collections/compare-text.js';
import type { Finding } from '../finding/finding.js';
import { nearName } from '../finding/near-name.js';
import { quoted } from '../secrecy/quoted.js';

/** How many names are shown where none is near. */
const SHOWN = 8;

/** A proxy that no workload has; names are `NAME.NAMESPACE`. */
export function noSuchProxy(workloads: readonly string[], proxy: string): Finding {
  const names = [...new Set(workloads)].sort(compareText);
  // A name without its namespace or version is the beginning of one.
  const suggestion =
    nearName(proxy, names) ??
    names.find((name) => /^[-.]/.test(name.slice(proxy.length)) && name.startsWith(proxy));
  const shown = names.length > SHOWN ? [...names.slice(0, SHOWN), '…'] : names;
  return {
    code: 'no-such-proxy',
    level: 'error',
    message: `no workload ${quoted(proxy)} in the inputs`,
    expected:
      names.length === 0
        ? 'a Pod, Deployment, StatefulSet or DaemonSet in the inputs, or a file that describes the proxy'
        : `one of ${shown.join(', ')}, or a file that describes the proxy`,
    ...(suggestion !== undefined && { suggestion }),
  };
}

/** No proxy at all. */
export function noProxies(withoutSidecar: number): Finding {
  return {
    code: 'no-proxies',
    level: 'error',
    message:
      withoutSidecar === 0
        ? 'no workload in the inputs'
        : `all ${withoutSidecar} workloads disable the sidecar: sidecar.istio.io/inject is false`,
    expected: 'Pods, or workloads that create them, such as Deployments',
  };
}

/** Ids become names of folders; what Kubernetes allows as a name can be one. */
export function unfitIds(proxies: readonly { readonly id: string }[]): Finding[] {
  const seen = new Set<string>();
  return proxies.flatMap(({ id }): Finding[] => {
    if (!/^[a-z0-9][-a-z0-9.]*$/.test(id))
      return [
        {
          code: 'unfit-name',
          level: 'error',
          message: `${quoted(id)} is not a valid name for a proxy's directory`,
          expected: 'lowercase letters, digits, dots and hyphens, as in Kubernetes names',
        },
      ];
    if (seen.has(id))
      return [
        {
          code: 'second-proxy',
          level: 'error',
          message: `duplicate workload ${id} in the inputs`,
        },
      ];
    seen.add(id);
    return [];
  });
}
