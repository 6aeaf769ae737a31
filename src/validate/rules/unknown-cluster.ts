// A cluster that is named and that nobody defines.

import { memo } from '../../collections/memo.js';
import { nearName } from '../../finding/near-name.js';
import { quoted } from '../../secrecy/quoted.js';
import { atNode, fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const unknownCluster: Rule = {
  code: 'unknown-cluster',
  level: 'error',
  finds: 'a reference names a cluster that does not exist and that no discovery source can provide',
  why: 'Envoy rejects static routes and clients that name it. In other places it starts and every request fails: a warning.',
  source: "Envoy: route: unknown cluster '…'",
  remedy: 'define the cluster, or correct the name',
  check({ instances }, report) {
    for (const { surveys, clusters, clustersClosed, bootstrap } of instances) {
      if (bootstrap === undefined) continue;
      // One name may be wrong in a thousand places, beside a thousand clusters.
      const near = new Map<string, { readonly name: string | undefined }>();
      for (const reference of surveys.flatMap((one) => one.clusterReferences)) {
        const { name, message, field, node, checked } = reference;
        if (clusters.has(name)) continue;
        // What is not there yet may be discovered, but not through itself.
        if (!clustersClosed && !(reference.primary && message.reader === bootstrap.reader)) continue;
        const { name: suggestion } = memo(near, name, () => ({ name: nearName(name, clusters.keys()) }));
        report(message.value(field) === node ? fieldAt(message, field) : atNode(message, node, field), {
          message: `unknown cluster ${quoted(name)}${checked ? '; Envoy does not start without it' : ''}`,
          ...(!checked && { level: 'warning' }),
          expected: 'a cluster in static_resources',
          ...(suggestion !== undefined && { suggestion }),
        });
      }
    }
  },
};
