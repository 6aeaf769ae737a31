// Who should be able to call whom, read from the policies alone. This reading is independent of the compiler, so that
// a mistake there shows. It knows what most meshes say; where a policy says more, it decides nothing, and the reader
// is asked to say what is expected.

import { parseAllDocuments } from 'yaml';
import type { CompileInput } from '../compile/compile.js';

/** What becomes of a call: it arrives with mutual TLS or in plain text, is denied by a role, or not connected. */
export const OUTCOMES = ['mtls', 'plain', 'denied', 'refused'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** A call that may be made. */
export interface Call {
  readonly client: { readonly namespace: string; readonly account: string; readonly hasProxy: boolean };
  readonly server: { readonly name: string; readonly namespace: string; readonly hasProxy: boolean };
  readonly port: { readonly name: string; readonly port: number };
  /** Whether a route of a gateway has led to the server, so that routes are decided. */
  readonly isRouted?: boolean;
}

/** What is expected of a call; without an outcome, why it is left open. */
export type Expectation =
  | { readonly outcome: Outcome; readonly why: string }
  | { readonly outcome: undefined; readonly why: string };

type Value = { readonly [name: string]: unknown };

interface Resource {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly spec: Value;
}

type Mode = 'plain' | 'permissive' | 'strict';

/** Thrown inside where a policy says more than is read here. */
class Undecided extends Error {}

/** The policies of a mesh. */
export class Policies {
  private readonly resources: readonly Resource[];

  constructor(
    inputs: readonly CompileInput[],
    private readonly mesh: { readonly trustDomain: string; readonly rootNamespace: string },
  ) {
    this.resources = inputs.flatMap(({ text }) =>
      parseAllDocuments(text).flatMap((document) => resourcesIn(document.toJS() as unknown)),
    );
  }

  /** What is expected of a GET of `/`. */
  expect(call: Call): Expectation {
    try {
      return this.decide(call);
    } catch (error) {
      if (!(error instanceof Undecided)) throw error;
      return { outcome: undefined, why: error.message };
    }
  }

  /** What a server takes; undefined where its policies say more than is read here. */
  modeOf(call: Pick<Call, 'server' | 'port'>): Mode | undefined {
    try {
      return this.serverMode(call);
    } catch (error) {
      if (!(error instanceof Undecided)) throw error;
      return undefined;
    }
  }

  private decide(call: Call): Expectation {
    const { client, server } = call;
    const mode = server.hasProxy ? this.serverMode(call) : 'plain';
    const sends = client.hasProxy ? this.clientSends(call) : 'plain';
    if (sends === 'mtls' && mode === 'plain')
      return { outcome: 'refused', why: 'the client begins TLS and the server takes plain text' };
    if (sends === 'plain' && mode === 'strict')
      return { outcome: 'refused', why: 'the client sends plain text and the server wants mTLS' };
    const principal =
      sends === 'mtls' ? `${this.mesh.trustDomain}/ns/${client.namespace}/sa/${client.account}` : undefined;
    if (server.hasProxy && !this.isAllowed(call, principal))
      return { outcome: 'denied', why: 'no role lets it' };
    return { outcome: sends, why: `the client sends ${sends}, the server is ${mode}` };
  }

  /** The rule of the client's namespace, else of the server's, else of the mesh; in each the most specific host. */
  private clientSends({ client, server, port, isRouted = false }: Call): 'mtls' | 'plain' {
    const host = `${server.name}.${server.namespace}.svc.cluster.local`;
    if (!isRouted) this.checkRoutes(host);
    for (const namespace of [client.namespace, server.namespace, this.mesh.rootNamespace]) {
      const fitting = this.of('DestinationRule')
        .filter((rule) => rule.namespace === namespace && isExported(rule, client.namespace))
        .map((rule) => ({ rule, host: fullName(textOf(rule.spec.host), rule.namespace) }))
        .filter((one) => matchesHost(one.host, host))
        .sort((a, b) => specificity(b.host) - specificity(a.host));
      const [first, second] = fitting;
      if (first === undefined) continue;
      if (second !== undefined && second.host === first.host)
        throw new Undecided(`several destination rules for ${first.host} in ${namespace}`);
      return sentBy(first.rule, port.port);
    }
    return 'plain';
  }

  /** Routes to other places, or to subsets, are left to the reader. */
  private checkRoutes(host: string): void {
    const routed = this.of('VirtualService').some(
      ({ spec, namespace }) =>
        listOf(spec.hosts).some((one) => matchesHost(fullName(textOf(one), namespace), host)) &&
        (spec.gateways === undefined || listOf(spec.gateways).includes('mesh')),
    );
    if (routed) throw new Undecided('a virtual service routes it');
  }

  private serverMode({ server, port }: Pick<Call, 'server' | 'port'>): Mode {
    const policies = this.of('Policy').filter(({ namespace }) => namespace === server.namespace);
    const targeting = policies.flatMap(({ spec }) =>
      listOf(spec.targets)
        .map(fieldsOf)
        .filter(({ name }) => name === server.name)
        .map((target) => ({ spec, ports: listOf(target.ports).map(fieldsOf) })),
    );
    const found =
      targeting.find(({ ports }) =>
        ports.some((one) => one.number === port.port || one.name === port.name),
      ) ??
      targeting.find(({ ports }) => ports.length === 0) ??
      policies.find(({ spec }) => listOf(spec.targets).length === 0) ??
      this.of('MeshPolicy')[0];
    if (found === undefined) return 'plain';
    const { spec } = found;
    if (listOf(spec.origins).length > 0) throw new Undecided('a policy asks for tokens of end users');
    const peers = listOf(spec.peers).map(fieldsOf);
    if (peers.length === 0) return 'plain';
    const [peer] = peers;
    if (peers.length > 1 || peer === undefined || !('mtls' in peer))
      throw new Undecided('a policy has several methods for peers');
    const mtls = fieldsOf(peer.mtls);
    return mtls.mode === 'PERMISSIVE' ? 'permissive' : 'strict';
  }

  private isAllowed({ server }: Call, principal: string | undefined): boolean {
    const config = this.of('ClusterRbacConfig')[0] ?? this.of('RbacConfig')[0];
    if (config === undefined || !governs(config.spec, server)) return true;
    if (config.spec.enforcement_mode === 'PERMISSIVE') throw new Undecided('roles are not enforced');
    const name = `${server.name}.${server.namespace}.svc.cluster.local`;
    const roles = this.of('ServiceRole').filter(({ namespace }) => namespace === server.namespace);
    const fitting = roles.filter(({ spec }) =>
      listOf(spec.rules)
        .map(fieldsOf)
        .some((rule) => fits(rule, name)),
    );
    return this.of('ServiceRoleBinding')
      .filter(
        ({ namespace, spec }) =>
          namespace === server.namespace &&
          fitting.some((role) => role.name === fieldsOf(spec.roleRef ?? spec.role_ref).name),
      )
      .flatMap(({ spec }) => listOf(spec.subjects).map(fieldsOf))
      .some((subject) => isSubject(subject, principal));
  }

  private of(kind: string): readonly Resource[] {
    return this.resources.filter((one) => one.kind === kind);
  }
}

function resourcesIn(value: unknown): Resource[] {
  const { kind, metadata, spec, items } = fieldsOf(value);
  if (typeof kind !== 'string') return [];
  if (kind.endsWith('List') && Array.isArray(items)) return items.flatMap(resourcesIn);
  const { name, namespace } = fieldsOf(metadata);
  return [{ kind, name: textOf(name), namespace: textOf(namespace) || 'default', spec: fieldsOf(spec) }];
}

function fieldsOf(value: unknown): Value {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Value) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A short name is of the rule's own namespace. */
function fullName(host: string, namespace: string): string {
  return host.includes('.') || host.startsWith('*') ? host : `${host}.${namespace}.svc.cluster.local`;
}

function matchesHost(pattern: string, host: string): boolean {
  return pattern === host || (pattern.startsWith('*') && host.endsWith(pattern.slice(1)));
}

function specificity(host: string): number {
  return host.startsWith('*') ? host.length : Number.MAX_SAFE_INTEGER;
}

function isExported({ spec, namespace }: Resource, to: string): boolean {
  const where = listOf(spec.exportTo ?? spec.export_to);
  return where.length === 0 || where.includes('*') || namespace === to;
}

function sentBy({ spec, name }: Resource, port: number): 'mtls' | 'plain' {
  const policy = fieldsOf(spec.trafficPolicy ?? spec.traffic_policy);
  const own = listOf(policy.portLevelSettings ?? policy.port_level_settings)
    .map(fieldsOf)
    .find((one) => fieldsOf(one.port).number === port);
  // Settings of a port replace those of the rule as a whole.
  const mode = fieldsOf((own ?? policy).tls).mode ?? 'DISABLE';
  if (mode === 'ISTIO_MUTUAL') return 'mtls';
  if (mode === 'DISABLE') return 'plain';
  throw new Undecided(`the destination rule ${name} has TLS of its own`);
}

function governs(spec: Value, server: Call['server']): boolean {
  const names = (value: unknown): boolean => {
    const { services, namespaces } = fieldsOf(value);
    return (
      listOf(namespaces).includes(server.namespace) ||
      listOf(services).includes(`${server.name}.${server.namespace}.svc.cluster.local`)
    );
  };
  switch (spec.mode) {
    case 'ON':
      return true;
    case 'ON_WITH_INCLUSION':
      return names(spec.inclusion);
    case 'ON_WITH_EXCLUSION':
      return !names(spec.exclusion);
    default:
      return false;
  }
}

/** Whether a rule of a role is for a GET of `/` of a service. */
function fits(rule: Value, service: string): boolean {
  if (!listOf(rule.services).some((one) => matches(textOf(one), service))) return false;
  if (listOf(rule.constraints).length > 0) throw new Undecided('a role has constraints');
  const methods = listOf(rule.methods).map(textOf);
  const paths = listOf(rule.paths).map(textOf);
  return (
    (methods.length === 0 || methods.includes('*') || methods.includes('GET')) &&
    (paths.length === 0 || paths.some((one) => matches(one, '/')))
  );
}

function isSubject(subject: Value, principal: string | undefined): boolean {
  const { user, properties, ...others } = subject;
  if (Object.keys(others).length > 0) throw new Undecided('a binding has subjects other than accounts');
  const wanted = [
    ...(user === undefined ? [] : [{ pattern: textOf(user), is: principal }]),
    ...Object.entries(fieldsOf(properties)).map(([name, pattern]) => {
      if (name === 'source.principal') return { pattern: textOf(pattern), is: principal };
      if (name === 'source.namespace') return { pattern: textOf(pattern), is: principal?.split('/')[2] };
      throw new Undecided(`a binding looks at ${name}`);
    }),
  ];
  return (
    wanted.length > 0 && wanted.every(({ pattern, is }) => pattern === '*' || matches(pattern, is ?? ''))
  );
}

/** As roles have it: a star at the beginning or the end. */
function matches(pattern: string, text: string): boolean {
  if (pattern === '*') return true;
  if (pattern.startsWith('*')) return text.endsWith(pattern.slice(1));
  if (pattern.endsWith('*')) return text.startsWith(pattern.slice(0, -1));
  return text === pattern;
}
