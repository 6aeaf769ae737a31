// The filters of AuthorizationPolicies (istiod 1.29's authz/builder).

import type { Policy, RBAC } from '../../../envoy/generated/types/envoy/config/rbac/v3/rbac.js';
import type { AuthorizationPolicy } from '../../../envoy/generated/types/security/v1/authorization_policy.js';
import type { Config } from '../../../mesh/istiod/model.js';
import { isTrue } from '../../../mesh/istiod/node-metadata.js';
import { type Context, perContext } from '../context/context.js';
import { typed } from '../context/extensions.js';
import { isForWorkload } from '../context/policies.js';
import { extAuthz, MATCH_PREFIX, SHADOW_PREFIX } from './ext-authz.js';
import { rbacPolicy } from './rbac-rules.js';

type PolicyConfig = Config<AuthorizationPolicy>;

/** A filter of an HTTP connection manager, or of a filter chain. */
export interface NamedFilter {
  readonly name: string;
  readonly typed_config: { readonly '@type': string };
}

/** The filters of a proxy's policies. */
export interface AuthorizationFilters {
  readonly custom: readonly NamedFilter[];
  readonly local: readonly NamedFilter[];
}

/** Those of HTTP connections. */
export const httpAuthorization: (context: Context) => AuthorizationFilters = perContext((context) =>
  filtersOf(context, false),
);

/** Those of other connections. */
export const tcpAuthorization: (context: Context) => AuthorizationFilters = perContext((context) =>
  filtersOf(context, true),
);

const DRY_RUN = 'istio.io/dry-run';
const BAD_CUSTOM = '-deny-due-to-bad-CUSTOM-action';
const SHADOW_PREFIXES = {
  ALLOW: 'istio_dry_run_allow_',
  DENY: 'istio_dry_run_deny_',
  LOG: undefined,
} as const;

/** What fits nothing. */
const NEVER: Policy = {
  permissions: [{ not_rule: { any: true } }],
  principals: [{ not_id: { any: true } }],
};

type Action = 'ALLOW' | 'DENY' | 'LOG';

function filtersOf(context: Context, forTcp: boolean): AuthorizationFilters {
  const policies = policiesOf(context);
  const of = (action: string): readonly PolicyConfig[] =>
    policies.filter(({ spec }) => (spec.action ?? 'ALLOW') === action);
  const local = (
    [
      ['AUDIT', 'LOG'],
      ['DENY', 'DENY'],
      ['ALLOW', 'ALLOW'],
    ] as const
  ).flatMap(([said, action]) => {
    const own = of(said);
    return own.length === 0 ? [] : [localFilter(context, own, action, forTcp)];
  });
  const custom = of('CUSTOM');
  return { local, custom: custom.length === 0 ? [] : customFilters(context, custom, forTcp) };
}

/** The policies for the proxy's workload: those of the root namespace first. */
function policiesOf(context: Context): readonly PolicyConfig[] {
  const { mesh, proxy } = context;
  const namespaces = new Set([mesh.settings.root_namespace, proxy.namespace]);
  return [...namespaces].flatMap((namespace) =>
    mesh.configs.AuthorizationPolicy.filter(
      (config) => config.namespace === namespace && isForWorkload(context, config),
    ),
  );
}

/** Rules, and those that only are tried out. */
interface Rules {
  readonly enforced: RBAC | undefined;
  readonly shadow: RBAC | undefined;
}

function rulesOf(
  { mesh }: Context,
  policies: readonly PolicyConfig[],
  action: Action,
  { forTcp, prefix }: { readonly forTcp: boolean; readonly prefix: string },
): Rules {
  const rules: { [name in 'enforced' | 'shadow']: { [name: string]: Policy } | undefined } = {
    enforced: undefined,
    shadow: undefined,
  };
  for (const { name, namespace, annotations, spec } of policies) {
    const kind = isTrue(annotations[DRY_RUN] ?? '') ? 'shadow' : 'enforced';
    const own = rules[kind] ?? {};
    rules[kind] = own;
    const ruleName = (index: number): string => `${prefix}ns[${namespace}]-policy[${name}]-rule[${index}]`;
    const options = { settings: mesh.settings, namespace, forTcp, isAllow: action === 'ALLOW' };
    for (const [index, rule] of (spec.rules ?? []).entries()) {
      const policy = rbacPolicy(rule, options);
      if (policy !== undefined) own[ruleName(index)] = policy;
    }
    if ((spec.rules ?? []).length === 0) own[ruleName(0)] = NEVER;
  }
  const rbac = (policiesByName: { [name: string]: Policy } | undefined): RBAC | undefined =>
    policiesByName && { action, policies: policiesByName };
  return { enforced: rbac(rules.enforced), shadow: rbac(rules.shadow) };
}

function rbacFilter(forTcp: boolean, config: object): NamedFilter {
  const kind = forTcp ? 'network' : 'http';
  return {
    name: `envoy.filters.${kind}.rbac`,
    typed_config: typed(`envoy.extensions.filters.${kind}.rbac.v3.RBAC`, {
      ...config,
      ...(forTcp && { stat_prefix: 'tcp.' }),
    }),
  };
}

function localFilter(
  context: Context,
  policies: readonly PolicyConfig[],
  action: Action,
  forTcp: boolean,
): NamedFilter {
  const { enforced, shadow } = rulesOf(context, policies, action, { forTcp, prefix: '' });
  // Where nothing is tried out istiod takes the action for ALLOW.
  const prefix = SHADOW_PREFIXES[shadow === undefined ? 'ALLOW' : action];
  return rbacFilter(forTcp, {
    ...(enforced && { rules: enforced }),
    ...(shadow && { shadow_rules: shadow }),
    ...(prefix && { shadow_rules_stat_prefix: prefix }),
  });
}

function customFilters(
  context: Context,
  policies: readonly PolicyConfig[],
  forTcp: boolean,
): readonly NamedFilter[] {
  const { enforced } = rulesOf(context, policies, 'DENY', { forTcp, prefix: `${MATCH_PREFIX}-` });
  const checks = extAuthz(
    context.mesh,
    policies.map(({ spec }) => spec.provider?.name ?? ''),
  );
  if (checks === undefined) {
    const denied = Object.entries(enforced?.policies ?? {}).map(([name, policy]) => [
      name + BAD_CUSTOM,
      policy,
    ]);
    return [rbacFilter(forTcp, { rules: { action: 'DENY', policies: Object.fromEntries(denied) } })];
  }
  const check = forTcp ? checks.tcp : checks.http;
  if (check === undefined) return [];
  const kind = forTcp ? 'network' : 'http';
  return [
    rbacFilter(forTcp, {
      ...(enforced && { shadow_rules: enforced }),
      shadow_rules_stat_prefix: SHADOW_PREFIX,
    }),
    {
      name: `envoy.filters.${kind}.ext_authz`,
      typed_config: typed(`envoy.extensions.filters.${kind}.ext_authz.v3.ExtAuthz`, check),
    },
  ];
}
