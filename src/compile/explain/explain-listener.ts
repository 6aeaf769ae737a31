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
    purpose: 'what the application calls, or what probes ask',
    reasons: [
      { text: 'policies are for the ports of services that the workload is behind; this is none of them' },
      ...clusters.map((cluster) => ({ text: `it leads to ${cluster}, which is explained by its own name` })),
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
      text: `no Policy of ${service.namespace} is for it, and there is no MeshPolicy default: plain text`,
    });
  } else {
    const { spec } = policy;
    const isTargeted = (spec.targets ?? []).length > 0;
    const scope = isTargeted
      ? 'targets the service'
      : policy.kind === 'MeshPolicy'
        ? 'is for the whole mesh, and no Policy is nearer'
        : 'is for its whole namespace, and no Policy targets the service';
    reasons.push({
      text: `${resourceName(policy)} ${scope}`,
      region: placeOf(policy, isTargeted ? ['spec', 'targets'] : []),
    });
    const mtls = mutualTls(spec);
    const index = (spec.peers ?? []).findIndex((peer) => peer.mtls !== undefined && peer.mtls === mtls);
    if (mtls === undefined) {
      reasons.push({ text: 'it asks for no mTLS: plain text', region: placeOf(policy, ['spec', 'peers']) });
    } else {
      const mode = mtls.mode ?? 'STRICT';
      reasons.push({
        text:
          mode === 'PERMISSIVE'
            ? 'its peers ask for mTLS, PERMISSIVE: clients that offer the protocol istio use it, others plain text'
            : `its peers ask for mTLS, ${mode}: every client has to show its certificate`,
        region: placeOf(policy, ['spec', 'peers', index, 'mtls']),
      });
      reasons.push(sourceReason(context));
    }
  }
  return { purpose: `what comes to port ${servicePort.port} of ${service.hostname}`, reasons };
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
  return { purpose: `what comes to port ${port} of the gateway`, reasons };
}

function serverText(context: Context, one: Parameters<typeof hasTls>[0]): string {
  const { tls } = one.server;
  if (!hasTls(one) || tls === undefined) return 'takes plain text';
  if (isPassthrough(one.server)) return `says ${tls.mode ?? 'PASSTHROUGH'}: TLS is for those behind it`;
  if (lacksCertificate(context, one.server))
    return `says ${tls.mode}, but names no certificate: it is left out`;
  const credential = tls.credential_name ?? '';
  const from =
    credential === ''
      ? 'its certificate is in files'
      : hasIngressSds(context)
        ? `its certificate is the credential ${credential}, from SDS`
        : `the node does not say USER_SDS, so its certificate is in files, whatever credentialName says`;
  return `says ${tls.mode}; ${from}`;
}
