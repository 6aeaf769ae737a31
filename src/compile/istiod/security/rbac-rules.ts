// A rule of an AuthorizationPolicy as a policy of Envoy's RBAC (istiod 1.29's authz/model/model.go).

import type {
  Permission,
  Policy,
  Principal,
} from '../../../envoy/generated/types/envoy/config/rbac/v3/rbac.js';
import type {
  Condition,
  Rule,
  Source,
} from '../../../envoy/generated/types/security/v1/authorization_policy.js';
import type { Settings } from '../../../mesh/istiod/model.js';
import {
  destinationIp,
  destinationPort,
  filterMetadata,
  hostPermission,
  InvalidCondition,
  inNestedBrackets,
  methodPermission,
  pathPermission,
  remoteIp,
  requestClaim,
  requestHeader,
  requestPrincipals,
  serverName,
  sourceAccount,
  sourceIp,
  sourceNamespace,
  sourcePrincipal,
} from './rbac-values.js';
import { inAllDomains } from './trust-domains.js';

/** What rules are made into. */
export interface RuleOptions {
  readonly settings: Settings;
  /** Of the policy. */
  readonly namespace: string;
  readonly forTcp: boolean;
  /** Whether a condition that cannot be expressed takes its rule with it; others lose the condition alone. */
  readonly isAllow: boolean;
}

/** A condition: one of some values, and none of others. */
interface Test<T> {
  readonly values: readonly string[];
  readonly notValues: readonly string[];
  /** The condition for one value; */
  readonly one?: (value: string) => T;
  /** or for several at once. */
  readonly all?: (values: readonly string[]) => T | undefined;
}

/** A rule; undefined where it cannot be expressed. */
export function rbacPolicy(rule: Rule, options: RuleOptions): Policy | undefined {
  try {
    const conditions = (rule.when ?? []).map((condition) => conditionTest(condition, options));
    const permissions = conditions.flatMap((item) => ('permission' in item ? [item.permission] : []));
    const principals = conditions.flatMap((item) => ('principal' in item ? [item.principal] : []));
    return {
      permissions: (rule.to?.length ? rule.to : [{}]).map(({ operation = {} }) =>
        all(
          [
            test(operation.hosts, operation.not_hosts, {
              one: (value) => hostPermission(value, options.forTcp),
            }),
            test(operation.methods, operation.not_methods, {
              one: (value) => methodPermission(value, options.forTcp),
            }),
            test(operation.paths, operation.not_paths, {
              one: (value) => pathPermission(value, options.forTcp),
            }),
            test(operation.ports, operation.not_ports, { one: destinationPort }),
            ...permissions,
          ],
          options,
          PERMISSIONS,
        ),
      ),
      principals: (rule.from?.length ? rule.from : [{}]).map(({ source = {} }) =>
        all([...sourceTests(source, options), ...principals], options, PRINCIPALS),
      ),
    };
  } catch (error) {
    if (error instanceof InvalidCondition) return undefined;
    throw error;
  }
}

function test<T>(
  values: readonly string[] | undefined,
  notValues: readonly string[] | undefined,
  make: Pick<Test<T>, 'one' | 'all'>,
): Test<T> {
  return { values: values ?? [], notValues: notValues ?? [], ...make };
}

function sourceTests(source: Source, options: RuleOptions): readonly Test<Principal>[] {
  const { settings, namespace, forTcp } = options;
  return [
    test(
      inAllDomains(settings, source.principals ?? []),
      inAllDomains(settings, source.not_principals ?? []),
      {
        one: sourcePrincipal,
      },
    ),
    test(source.request_principals, source.not_request_principals, {
      all: (values) => requestPrincipals(values, forTcp),
    }),
    test(source.service_accounts, source.not_service_accounts, {
      one: (value) => sourceAccount(value, namespace),
    }),
    test(source.namespaces, source.not_namespaces, { one: sourceNamespace }),
    test(source.remote_ip_blocks, source.not_remote_ip_blocks, { one: remoteIp }),
    test(source.ip_blocks, source.not_ip_blocks, { one: sourceIp }),
  ];
}

const HEADERS = 'request.headers';
const CLAIMS = 'request.auth.claims';

/** A condition on what is called, or on who calls. */
type ConditionTest = { readonly permission: Test<Permission> } | { readonly principal: Test<Principal> };

function conditionTest(
  { key = '', values, not_values }: Condition,
  { settings, namespace, forTcp }: RuleOptions,
): ConditionTest {
  const permission = (make: Pick<Test<Permission>, 'one' | 'all'>): ConditionTest => ({
    permission: test(values, not_values, make),
  });
  const principal = (make: Pick<Test<Principal>, 'one' | 'all'>): ConditionTest => ({
    principal: test(values, not_values, make),
  });
  const claim = (name: string): ConditionTest =>
    principal({ all: (some) => requestClaim([name], some, forTcp) });
  switch (key) {
    case 'destination.ip':
      return permission({ one: destinationIp });
    case 'destination.port':
      return permission({ one: destinationPort });
    case 'connection.sni':
      return permission({ one: serverName });
    case 'source.ip':
      return principal({ one: sourceIp });
    case 'remote.ip':
      return principal({ one: remoteIp });
    case 'source.namespace':
      return principal({ one: sourceNamespace });
    case 'source.serviceAccount':
      return principal({ one: (value) => sourceAccount(value, namespace) });
    case 'source.principal': {
      const all = (principals: readonly string[] = []) => inAllDomains(settings, principals);
      return { principal: test(all(values), all(not_values), { one: sourcePrincipal }) };
    }
    case 'request.auth.principal':
      return principal({ all: (some) => requestPrincipals(some, forTcp) });
    case 'request.auth.audiences':
      return claim('aud');
    case 'request.auth.presenter':
      return claim('azp');
    default:
      break;
  }
  if (key.startsWith('experimental.envoy.filters.'))
    return permission({ all: (some) => filterMetadata(key, some) });
  if (key.startsWith(HEADERS)) {
    const name = key.slice(HEADERS.length);
    return principal({ one: (value) => requestHeader(name, value, forTcp) });
  }
  if (key.startsWith(CLAIMS)) {
    const name = key.slice(CLAIMS.length);
    return principal({ all: (some) => requestClaim(forTcp ? [] : inNestedBrackets(name), some, forTcp) });
  }
  throw new InvalidCondition(`unknown attribute ${key}`);
}

/** How conditions are put together. */
interface Connectives<T> {
  readonly any: T;
  and(items: readonly T[]): T;
  or(items: readonly T[]): T;
  not(item: T): T;
}

const PERMISSIONS: Connectives<Permission> = {
  any: { any: true },
  and: (rules) => ({ and_rules: { rules: [...rules] } }),
  or: (rules) => ({ or_rules: { rules: [...rules] } }),
  not: (not_rule) => ({ not_rule }),
};

const PRINCIPALS: Connectives<Principal> = {
  any: { any: true },
  and: (ids) => ({ and_ids: { ids: [...ids] } }),
  or: (ids) => ({ or_ids: { ids: [...ids] } }),
  not: (not_id) => ({ not_id }),
};

function all<T>(tests: readonly Test<T>[], { isAllow }: RuleOptions, how: Connectives<T>): T {
  const tried = <V>(make: () => V): V | undefined => {
    try {
      return make();
    } catch (error) {
      if (isAllow || !(error instanceof InvalidCondition)) throw error;
      return undefined;
    }
  };
  const some = ({ one, all: several }: Test<T>, values: readonly string[]): T | undefined => {
    if (values.length === 0) return undefined;
    if (several !== undefined) return tried(() => several(values));
    const items = values.flatMap((value) => tried(() => one?.(value)) ?? []);
    return items.length > 0 ? how.or(items) : undefined;
  };
  const parts = tests.flatMap((item) => {
    const positive = some(item, item.values);
    const negative = some(item, item.notValues);
    return [
      ...(positive === undefined ? [] : [positive]),
      ...(negative === undefined ? [] : [how.not(negative)]),
    ];
  });
  return how.and(parts.length > 0 ? parts : [how.any]);
}
