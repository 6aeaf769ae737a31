// Roles and their bindings as Envoy's RBAC filters (Pilot 1.1's plugin/authz).

import { compareText } from '../../../collections/compare-text.js';
import type {
  AccessRule,
  RbacConfig,
  RbacConfig_Target,
  ServiceRoleBinding,
} from '../../../envoy/generated/types/rbac/v1alpha1/rbac.js';
import type { Mesh, Service, ServiceInstance } from '../../../mesh/model.js';
import { jwts, policyFor } from '../context/authn-policy.js';
import { type Compat, hasQuirk } from '../context/compat.js';
import type { Context } from '../context/context.js';
import { extension, isTyped, type NamedConfig } from '../context/extension.js';
import {
  cidr,
  header,
  listMetadata,
  type Matcher,
  nameInBrackets,
  stringMatcher,
  textMetadata,
} from './rbac-matchers.js';
import { HTTP_FILTER, type KnownClients, principalOf, TCP_FILTER } from './rbac-principals.js';

/** The HTTP filter that a service's roles make; none where RBAC is off for it. */
export function rbacHttpFilters(context: Context, instance: ServiceInstance): NamedConfig[] {
  const config = rbacFor(context.mesh, instance.service);
  if (config === undefined) return [];
  return [
    extension(
      context,
      HTTP_FILTER,
      'envoy.config.filter.http.rbac.v2.RBAC',
      rules(context, instance, config, false),
    ),
  ];
}

/** The network filter that a service's roles make, of those that say nothing of requests. */
export function rbacNetworkFilters(context: Context, instance: ServiceInstance): NamedConfig[] {
  const config = rbacFor(context.mesh, instance.service);
  if (config === undefined) return [];
  return [
    extension(context, TCP_FILTER, 'envoy.config.filter.network.rbac.v2.RBAC', {
      ...rules(context, instance, config, true),
      stat_prefix: 'tcp.',
    }),
  ];
}

/** RBAC's settings where they are on for a service. Those of the cluster win over those of a namespace. */
function rbacFor({ configs }: Mesh, service: Service): RbacConfig | undefined {
  const named = [...configs.ClusterRbacConfig, ...configs.RbacConfig].find(({ name }) => name === 'default');
  const config = named?.spec;
  switch (config?.mode) {
    case 'ON':
      return config;
    case 'ON_WITH_INCLUSION':
      return isTarget(service, config.inclusion) ? config : undefined;
    case 'ON_WITH_EXCLUSION':
      return isTarget(service, config.exclusion) ? undefined : config;
    default:
      return undefined;
  }
}

function isTarget(service: Service, target: RbacConfig_Target | undefined): boolean {
  return (
    (target?.namespaces ?? []).includes(service.namespace) ||
    (target?.services ?? []).includes(service.hostname)
  );
}

/** Policies by role: those that are enforced, and in shadow those that are only tried. */
function rules(context: Context, instance: ServiceInstance, config: RbacConfig, tcp: boolean): Matcher {
  const { namespace } = instance.service;
  const { compat } = context;
  const { configs } = context.mesh;
  const enforced: Record<string, Matcher> = {};
  const tried: Record<string, Matcher> = {};
  const onlyTried = config.enforcement_mode === 'PERMISSIVE';
  const clients: KnownClients = { tcp, issuers: issuersOf(context, instance) };
  const roles = configs.ServiceRole.filter((role) => role.namespace === namespace).sort((a, b) =>
    compareText(a.name, b.name),
  );
  for (const role of roles) {
    const permissions = (role.spec.rules ?? [])
      .filter((rule) => appliesTo(rule, instance, compat) && !(tcp && asksForRequests(rule)))
      .map((rule) => permissionOf(rule));
    if (permissions.length === 0) continue;
    const bindings = configs.ServiceRoleBinding.filter(
      (binding) => binding.namespace === namespace && binding.spec.roleRef?.name === role.name,
    )
      .sort((a, b) => compareText(a.name, b.name))
      .map(({ spec }) => spec);
    if (tcp && bindings.some(bindsRequests)) continue;
    const principals = (permissive: boolean): Matcher[] =>
      bindings
        .filter(({ mode }) => (mode === 'PERMISSIVE') === permissive)
        .flatMap(({ subjects = [] }) => subjects.map((subject) => principalOf(subject, clients)));
    if (onlyTried) addPolicy(tried, role.name, permissions, [...principals(false), ...principals(true)]);
    else {
      addPolicy(enforced, role.name, permissions, principals(false));
      addPolicy(tried, role.name, permissions, principals(true));
    }
  }
  // A network filter's Struct has the map that a message leaves out.
  const hasMap = tcp && !isTyped(context);
  if (onlyTried) return { shadow_rules: policySet(tried, hasMap) };
  return {
    rules: policySet(enforced, hasMap),
    ...(Object.keys(tried).length > 0 && { shadow_rules: policySet(tried, hasMap) }),
  };
}

/** Whose tokens an upstream Envoy reads for a service's port; undefined where Istio's filter does. */
function issuersOf({ dataplane, mesh }: Context, instance: ServiceInstance): readonly string[] | undefined {
  if (dataplane === 'istio') return undefined;
  const policy = policyFor(mesh, instance.service, instance.servicePort);
  return [...new Set(jwts(policy ?? {}).map(({ issuer = '' }) => issuer))];
}

function addPolicy(
  policies: Record<string, Matcher>,
  name: string,
  permissions: readonly Matcher[],
  principals: readonly Matcher[],
): void {
  if (principals.length > 0) policies[name] = { permissions, principals };
}

function policySet(policies: { readonly [name: string]: Matcher }, hasMap: boolean): Matcher {
  return hasMap || Object.keys(policies).length > 0 ? { policies } : {};
}

/** Whether a rule is for a service's instance, by name and by what its constraints say of the destination. */
function appliesTo(
  { services = [], constraints = [] }: AccessRule,
  instance: ServiceInstance,
  compat: Compat,
): boolean {
  return (
    fits(instance.service.hostname, services) &&
    constraints.every(({ key = '', values = [] }) => {
      if (!isDestination(key)) return true;
      const label = key.startsWith('destination.labels')
        ? nameInBrackets(key, 'destination.labels')
        : undefined;
      if (key.startsWith('destination.labels') && label === undefined) return true;
      const actual =
        label === undefined ? destinationAttribute(key, instance, compat) : instance.labels?.[label];
      return actual !== undefined && fits(actual, values);
    })
  );
}

/** Attributes of the destination are known when configuration is compiled. */
function isDestination(key: string): boolean {
  return (
    key === 'destination.name' ||
    key === 'destination.namespace' ||
    key === 'destination.user' ||
    key.startsWith('destination.labels')
  );
}

function destinationAttribute(
  key: string,
  { service, serviceAccount }: ServiceInstance,
  compat: Compat,
): string {
  switch (key) {
    case 'destination.name':
      return service.name;
    case 'destination.namespace':
      return service.namespace;
    default:
      return accountName(serviceAccount, compat);
  }
}

/** The name of the account in a SPIFFE id. */
function accountName(id: string, compat: Compat): string {
  if (hasQuirk(compat, 'account-after-first-sa')) return /sa\/([^/]*)/.exec(id)?.[1] ?? id;
  return id.slice(id.lastIndexOf('/') + 1);
}

/** Whether a text is one of some patterns, which may have a star at either end. */
function fits(text: string, patterns: readonly string[]): boolean {
  return patterns.some(
    (pattern) =>
      pattern === text ||
      pattern === '*' ||
      (pattern.endsWith('*') && text.startsWith(pattern.slice(0, -1))) ||
      (pattern.startsWith('*') && text.endsWith(pattern.slice(1))),
  );
}

/** TCP has no requests, so rules that ask for their parts open nothing. */
function asksForRequests({ paths = [], methods = [], constraints = [] }: AccessRule): boolean {
  return (
    paths.length > 0 ||
    methods.length > 0 ||
    constraints.some(({ key = '' }) => key.startsWith('request.headers'))
  );
}

function bindsRequests({ subjects = [] }: ServiceRoleBinding): boolean {
  return subjects.some(
    ({ group, properties = {} }) =>
      (group ?? '') !== '' ||
      Object.keys(properties).some(
        (key) => key !== 'source.ip' && key !== 'source.namespace' && key !== 'source.principal',
      ),
  );
}

function permissionOf({ methods = [], paths = [], constraints = [] }: AccessRule): Matcher {
  const all = [
    ...(methods.length > 0 ? [anyOf(methods, (method) => ({ header: header(':method', method) }))] : []),
    ...(paths.length > 0 ? [anyOf(paths, (path) => ({ header: header(':path', path) }))] : []),
    ...constraints.flatMap(({ key = '', values = [] }) => {
      const matcher = constraintMatcher(key);
      return matcher === undefined ? [] : [anyOf(values, matcher)];
    }),
  ];
  return { and_rules: { rules: all.length > 0 ? all : [{ any: true }] } };
}

/** One of some values; values that cannot be read are left out. */
function anyOf(values: readonly string[], matcher: (value: string) => Matcher | undefined): Matcher {
  const rules = values.flatMap((value) => {
    const rule = matcher(value);
    return rule === undefined ? [] : [rule];
  });
  return { or_rules: rules.length > 0 ? { rules } : {} };
}

/** How a constraint's value is checked; undefined for keys that are checked otherwise or not known. */
function constraintMatcher(key: string): ((value: string) => Matcher | undefined) | undefined {
  if (key === 'destination.ip')
    return (value) => {
      const range = cidr(value);
      return range && { destination_ip: range };
    };
  if (key === 'destination.port')
    return (value) =>
      /^\d+$/.test(value) && Number(value) <= 65535 ? { destination_port: Number(value) } : undefined;
  if (key.startsWith('request.headers')) {
    const name = nameInBrackets(key, 'request.headers');
    return name === undefined ? undefined : (value) => ({ header: header(name, value) });
  }
  if (key === ':method' || key === ':path') return (value) => ({ header: header(key, value) });
  if (key === 'connection.sni') return (value) => ({ requested_server_name: stringMatcher(value) });
  const filter = /^experimental\.(envoy\.filters\.[^[]*)\[(.+)\]$/s.exec(key);
  if (filter === null) return undefined;
  const [, name = '', path = ''] = filter;
  return (value) => ({
    metadata:
      value.startsWith('[') && value.endsWith(']')
        ? listMetadata(name, [path], value.replace(/^[[\]]+|[[\]]+$/g, ''))
        : textMetadata(name, path, stringMatcher(value)),
  });
}
