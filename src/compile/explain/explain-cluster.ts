// Why a cluster has the TLS that it has. Nothing is decided here: the functions that the cluster was compiled
// with are asked once more, and the resources that they took are named.

import type {
  DestinationRule,
  TLSSettings,
  TrafficPolicy,
} from '../../envoy/generated/types/networking/v1alpha3/destination_rule.js';
import { mostSpecific, rulePlaces } from '../../mesh/destination-rules.js';
import { accountHolders } from '../../mesh/instances.js';
import type { Config } from '../../mesh/model.js';
import { destinationRuleFor, hasScope, servicesFor } from '../../mesh/proxy.js';
import type { WrittenTlsContext } from '../../tls/write.js';
import { accountsOf, type ClusterPlan, clusterPlans, peerOf } from '../pilot/clusters/outbound-clusters.js';
import { policyForPort, portLevelIndex } from '../pilot/clusters/traffic-policy.js';
import { saysNames, upstreamTls } from '../pilot/clusters/upstream-tls.js';
import type { Context } from '../pilot/context/context.js';
import { type FieldPath, placeOf, resourceName } from '../pilot/context/place.js';
import { serviceReason, sourceReason } from './grounds.js';
import type { Grounds, Reason } from './tls-explanation.js';

type Rule = Config<DestinationRule>;

/** The grounds of a cluster for a service that the proxy calls; undefined where it is none. */
export function outboundGrounds({ client }: Context, name: string): Grounds | undefined {
  for (const mode of ['outbound', 'sni-dnat'] as const) {
    for (const service of servicesFor(client.mesh, client.proxy)) {
      const rule = destinationRuleFor(client.mesh, client.proxy, service);
      for (const plan of clusterPlans(client.peer, mode, service, rule)) {
        if (plan.name !== name) continue;
        const of = plan.subset === undefined ? '' : `, subset ${plan.subset.name}`;
        return {
          purpose: `for traffic to port ${plan.port.port} of ${service.hostname}${of}`,
          reasons: [
            serviceReason(client.mesh, service, plan.port),
            ...(mode === 'outbound'
              ? ruleReasons(client, plan)
              : [{ text: 'traffic that is already encrypted is forwarded unchanged' }]),
          ],
        };
      }
    }
  }
  return undefined;
}

const WHOSE = {
  client: "the client's own namespace",
  service: "the service's namespace",
  mesh: "the mesh's root namespace",
};

/** Which rule is followed, where none was found before it, and what it says. */
function ruleReasons(client: Context, plan: ClusterPlan): Reason[] {
  const { mesh, proxy } = client;
  const { rule, service } = plan;
  const namespace = hasScope(proxy) ? proxy.scope.namespace : proxy.namespace;
  const places = rulePlaces(mesh, namespace, service.namespace);
  const found = places.findIndex(({ rules }) => mostSpecific(rules, service.hostname) === rule);
  const place = rule === undefined ? undefined : places[found];
  const passed = place === undefined ? places : places.slice(0, found);
  // Where the client and the service have one namespace, it is named once.
  const reasons: Reason[] = passed
    .filter(({ namespace: name }, index) => passed.findIndex((one) => one.namespace === name) === index)
    .map(({ namespace: name, whose }) => ({
      text: `no DestinationRule in ${name}, ${WHOSE[whose]}, has a matching host`,
    }));
  if (rule === undefined || place === undefined) return [...reasons, { text: 'so TLS is not configured' }];
  return [
    ...reasons,
    {
      text: `${resourceName(rule)}, in ${WHOSE[place.whose]}, has the most specific matching host, ${rule.spec.host}`,
      region: placeOf(rule, ['spec', 'host']),
    },
    ...policyReasons(client, plan, rule),
  ];
}

/** The TLS settings of each policy, over those before it. */
function policyReasons(client: Context, plan: ClusterPlan, rule: Rule): Reason[] {
  const { policies, port } = plan;
  const peer = peerOf(plan, accountsOf(client.peer, plan));
  const reasons: Reason[] = [];
  let context: WrittenTlsContext | undefined;
  let decisive: TLSSettings | undefined;
  policies.forEach((policy, index) => {
    const { whose, config, path } =
      index === 0 ? ruleOrigin(client, rule, policy) : subsetOrigin(client, plan, rule);
    const level = policy === undefined ? -1 : portLevelIndex(policy, port);
    const tls = policy && policyForPort(policy, port, client.compat).tls;
    const inPolicy = level < 0 ? [] : ['port_level_settings', level];
    const region = placeOf(config, [...path, ...inPolicy, ...(tls === undefined ? [] : ['tls'])]);
    const where = level < 0 ? whose : `${whose}, in its settings for port ${port.port},`;
    if (tls === undefined) {
      reasons.push({ text: `${where} does not set TLS`, region });
      return;
    }
    const before = context;
    context = upstreamTls(client.peer, tls, peer, before);
    const mode = tls.mode ?? 'DISABLE';
    if (mode === 'MUTUAL' && context === before) {
      reasons.push({
        text: `${where} sets TLS mode MUTUAL without a certificate and a key, which has no effect`,
        region,
      });
      return;
    }
    decisive = tls;
    reasons.push({ text: `${where} sets TLS mode ${mode}`, region });
  });
  if (context === undefined || decisive === undefined) return [...reasons, { text: 'so there is no TLS' }];
  if (decisive.mode === 'ISTIO_MUTUAL') reasons.push(sourceReason(client.peer));
  return [...reasons, ...nameReasons(client, plan, decisive)];
}

interface Origin {
  readonly whose: string;
  readonly config: Rule;
  readonly path: FieldPath;
}

/** The rule with a policy: rules for one host are merged, and the policy may be a later one's. */
function ruleOrigin({ mesh }: Context, rule: Rule, policy: TrafficPolicy | undefined): Origin {
  const config =
    mesh.configs.DestinationRule.find(({ spec }) => policy !== undefined && spec.traffic_policy === policy) ??
    rule;
  const whose =
    config.name === rule.name && config.namespace === rule.namespace ? 'it' : resourceName(config);
  return { whose, config, path: ['spec', 'traffic_policy'] };
}

function subsetOrigin({ mesh }: Context, { subset }: ClusterPlan, rule: Rule): Origin {
  for (const config of mesh.configs.DestinationRule) {
    const index = subset === undefined ? -1 : (config.spec.subsets ?? []).indexOf(subset);
    if (index < 0) continue;
    const other =
      config.name === rule.name && config.namespace === rule.namespace ? 'its' : `${resourceName(config)}'s`;
    return {
      whose: `${other} subset ${subset?.name}`,
      config,
      path: ['spec', 'subsets', index, ...(subset?.traffic_policy === undefined ? [] : ['traffic_policy'])],
    };
  }
  return { whose: `its subset ${subset?.name}`, config: rule, path: ['spec', 'subsets'] };
}

/** Where the names come from that the server's certificate may have. */
function nameReasons({ mesh, peer }: Context, plan: ClusterPlan, tls: TLSSettings): Reason[] {
  if (saysNames(tls)) return [{ text: 'the accepted names are its subjectAltNames' }];
  if (tls.mode !== 'ISTIO_MUTUAL') return [{ text: 'it sets no subjectAltNames, so any name is accepted' }];
  const { service, port } = plan;
  const accounts = accountsOf(peer, plan);
  if (accounts.length === 0)
    return [
      {
        text: 'no workload is known to serve the port, so any name is accepted in a certificate from the trusted CA',
      },
    ];
  const object = mesh.serviceObjects.get(service.namespace)?.find((one) => one.service === service);
  const reasons = accountHolders(mesh, service.hostname, port.port).map(({ account, address }): Reason => {
    const workload = address === undefined ? undefined : mesh.workloadByIp.get(address);
    return workload === undefined
      ? { text: `the service is served by ${account}`, region: object && placeOf(object) }
      : { text: `${resourceName(workload)} serves it as ${account}`, region: placeOf(workload) };
  });
  if (reasons.length > 0) return reasons;
  return accounts.map((account) => ({ text: `the ServiceEntry has the subjectAltName ${account}` }));
}
