// Why a listener has the TLS that it has. Nothing is decided here: the functions that the listener was compiled
// with are asked once more, and the resources that they took are named.

import type { Listener } from '../../envoy/generated/types/envoy/api/v2/listener.js';
import type { ServiceInstance } from '../../mesh/model.js';
import { mutualTls, policyConfigFor } from '../pilot/context/authn-policy.js';
import type { Context } from '../pilot/context/context.js';
import { placeOf, resourceName } from '../pilot/context/place.js';
import { hasIngressSds, lacksCertificate } from '../pilot/gateways/gateway-tls.js';
import { hasTls, isPassthrough, mergedGateway } from '../pilot/gateways/merged-gateway.js';
import { inboundPlans } from '../pilot/listeners/inbound-listeners.js';
import { serviceReason, sourceReason } from './grounds.js';
import type { Grounds, Reason } from './tls-explanation.js';

/** The grounds of a listener. */
export function listenerGrounds(context: Context, listener: Listener): Grounds {
  const { name = '' } = listener;
  if (context.proxy.type === 'router') return gatewayGrounds(context, listener);
  for (const plan of inboundPlans(context)) {
    if (plan.name === name) return inboundGrounds(context, plan.instance);
  }
  const clusters = [...new Set(clustersOf(listener))];
  return {
    purpose: 'for outbound traffic of the application, or for probes',
    reasons: [
      {
        text: 'policies apply to the ports of services that select the workload, and this is not one of them',
      },
      ...clusters.map((cluster) => ({
        text: `it forwards to cluster ${cluster}, which has an explanation of its own`,
      })),
    ],
  };
}

/** The clusters that a listener's filters lead to, as far as the listener itself says it. */
function clustersOf({ filter_chains = [] }: Listener): string[] {
  return filter_chains.flatMap(({ filters = [] }) =>
    filters.flatMap(({ typed_config, config }) => {
      const { cluster } = (typed_config ?? config ?? {}) as { readonly cluster?: unknown };
      return typeof cluster === 'string' ? cluster : [];
    }),
  );
}

function inboundGrounds(context: Context, { service, servicePort }: ServiceInstance): Grounds {
  const { mesh } = context;
  const policy = policyConfigFor(mesh, service, servicePort);
  const reasons: Reason[] = [serviceReason(mesh, service, servicePort)];
  if (policy === undefined) {
    reasons.push({
      text: `no Policy in ${service.namespace} applies to it, and there is no MeshPolicy default, so it accepts plaintext`,
    });
  } else {
    const { spec } = policy;
    const isTargeted = (spec.targets ?? []).length > 0;
    const scope = isTargeted
      ? 'targets the service'
      : policy.kind === 'MeshPolicy'
        ? 'applies to the whole mesh, and no Policy is more specific'
        : 'applies to its whole namespace, and no Policy targets the service';
    reasons.push({
      text: `${resourceName(policy)} ${scope}`,
      region: placeOf(policy, isTargeted ? ['spec', 'targets'] : []),
    });
    const mtls = mutualTls(spec);
    const index = (spec.peers ?? []).findIndex((peer) => peer.mtls !== undefined && peer.mtls === mtls);
    if (mtls === undefined) {
      reasons.push({
        text: 'it does not require mTLS, so the listener accepts plaintext',
        region: placeOf(policy, ['spec', 'peers']),
      });
    } else {
      const mode = mtls.mode ?? 'STRICT';
      reasons.push({
        text:
          mode === 'PERMISSIVE'
            ? 'its peers set mTLS mode PERMISSIVE: clients that offer the ALPN protocol istio use mTLS, others plaintext'
            : `its peers set mTLS mode ${mode}: every client must present a certificate`,
        region: placeOf(policy, ['spec', 'peers', index, 'mtls']),
      });
      reasons.push(sourceReason(context));
    }
  }
  return { purpose: `for inbound traffic to port ${servicePort.port} of ${service.hostname}`, reasons };
}

function gatewayGrounds(context: Context, { address }: Listener): Grounds {
  const port = address?.socket_address?.port_value ?? 0;
  const servers = mergedGateway(context).servers.get(port) ?? [];
  const reasons = servers.map((one): Reason => {
    const { server, config, index, gateway, hosts } = one;
    const path = ['spec', 'servers', index, ...(server.tls === undefined ? [] : ['tls'])];
    const whose = `Gateway ${gateway}, for ${hosts.join(', ')},`;
    return { text: `${whose} ${serverText(context, one)}`, region: placeOf(config, path) };
  });
  return { purpose: `for inbound traffic to port ${port} of the gateway`, reasons };
}

function serverText(context: Context, one: Parameters<typeof hasTls>[0]): string {
  const { tls } = one.server;
  if (!hasTls(one) || tls === undefined) return 'accepts plaintext';
  if (isPassthrough(one.server))
    return `sets TLS mode ${tls.mode ?? 'PASSTHROUGH'}: the servers behind it terminate TLS`;
  if (lacksCertificate(context, one.server))
    return `sets TLS mode ${tls.mode} but names no certificate, so it is skipped`;
  const credential = tls.credential_name ?? '';
  const from =
    credential === ''
      ? 'its certificate is in files'
      : hasIngressSds(context)
        ? `its certificate is the credential ${credential}, from SDS`
        : 'the node does not set USER_SDS, so its certificate is in files and credentialName has no effect';
  return `sets TLS mode ${tls.mode}; ${from}`;
}
