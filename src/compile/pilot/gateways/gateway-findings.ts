// What a gateway does not serve, although its Gateways say so.

import type { Finding } from '../../../finding/finding.js';
import { hasLabels } from '../../../mesh/instances.js';
import { hasQuirk } from '../context/compat.js';
import type { Context } from '../context/context.js';
import { placeOf } from '../context/place.js';
import { lacksCertificate } from './gateway-tls.js';
import { mergedGateway } from './merged-gateway.js';

/** Warnings for a gateway. */
export function gatewayFindings(context: Context): Finding[] {
  return [...gatewaysInVain(context), ...serversWithoutCertificate(context)];
}

/** Gateways that select a workload in vain: Pilot has a proxy's labels from its services alone. */
function gatewaysInVain({ mesh, proxy }: Context): Finding[] {
  const { workload, instances } = proxy;
  if (workload === undefined || instances.length > 0) return [];
  const selecting = mesh.configs.Gateway.filter(({ spec }) =>
    hasLabels(workload.labels, spec.selector ?? {}),
  );
  return selecting.map((config) => ({
    code: 'gateway-without-service',
    level: 'warning',
    message: `${config.kind} ${config.name} selects ${proxy.id}, but no Service does, so it gets no listeners`,
    expected: "a Service with ports that also selects it, as in Istio's chart",
    region: placeOf(config),
  }));
}

/** Servers that end TLS and have no certificate to show. */
function serversWithoutCertificate(context: Context): Finding[] {
  const { compat, proxy } = context;
  const servers = [...mergedGateway(context).servers.values()].flat();
  return servers
    .filter(({ server }) => lacksCertificate(context, server))
    .map(({ config, index, port, server }) => ({
      code: 'server-without-certificate',
      level: 'warning',
      message:
        `${config.kind} ${config.name}: ${proxy.id} has no certificate for the server ${port.name}, ` +
        (hasQuirk(compat, 'nameless-file-closes-port')
          ? `so nothing on port ${port.port} is served`
          : 'which is not served'),
      expected:
        (server.tls?.credential_name ?? '') === ''
          ? 'serverCertificate and privateKey'
          : 'serverCertificate and privateKey as well: only Istio 1.1 proxies with USER_SDS use credentialName',
      region: placeOf(config, ['spec', 'servers', index, 'tls']),
    }));
}
