// Names that servers' certificates must have which are those of their endpoints: with `auto_host_sni`, Envoy asks
// for an endpoint's hostname, and `auto_sni_san_validation` checks the certificate against what is asked for.

import { quoted } from '../../secrecy/quoted.js';
import { ASKS_HOST_NAME, CHECKS_SERVER_NAME } from '../../tls/fields.js';
import type { Meaning } from '../meaning/meaning.js';
import type { TlsDifference } from '../tls/change.js';
import { tlsContextIn } from '../tls/guard.js';
import { aroundDifference } from '../tls/tls-difference.js';
import { fieldOf, isOn, textOf } from './meanings.js';
import { type ClusterSide, type Endpoint, socketFor } from './socket-choice.js';

/** What it means that endpoints have other names than those before. */
export function hostNameDifferences(old: ClusterSide, now: ClusterSide): TlsDifference[] {
  const after = acceptedNames(now);
  if (after.size === 0) return [];
  const before = acceptedNames(old);
  const [other] = [...after].filter((name) => !before.has(name));
  return before.size === 0 || other === undefined
    ? []
    : [aroundDifference('loosened', `a server is accepted whose certificate has the name ${quoted(other)}`)];
}

/** The names of endpoints that are asked for and checked. */
function acceptedNames({ cluster, endpoints }: ClusterSide): Set<string> {
  return new Set(
    endpoints.flatMap((endpoint) => {
      const context = tlsContextIn(socketFor(cluster, endpoint.own, endpoint.locality));
      return isOn(context, ASKS_HOST_NAME) && isOn(context, CHECKS_SERVER_NAME)
        ? [hostName(cluster, endpoint, context).toLowerCase()]
        : [];
    }),
  );
}

/** A name that is resolved is the name of its endpoints; without any, the context's name is asked for. */
function hostName(cluster: Meaning, { meaning }: Endpoint, context: Meaning | undefined): string {
  const name = textOf(meaning, 'endpoint', 'hostname') ?? '';
  if (name !== '') return name;
  return /_DNS$/.test(textOf(cluster, 'type') ?? '')
    ? (textOf(fieldOf(meaning, 'endpoint', 'address', 'socket_address'), 'address') ?? '')
    : (textOf(context, 'sni') ?? '');
}
