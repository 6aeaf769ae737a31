// Finds every TLS context of a document: in `tls_context` and in transport sockets, typed or as a Struct,
// wrapped or alone, in resources, discovery responses, dumps and static secrets.

import type { DocumentRoot } from '../envoy/detect.js';
import { structConfig } from '../envoy/extensions/extension-config.js';
import { type Side, sideOf } from '../envoy/extensions/side.js';
import type { Message } from '../envoy/message.js';
import type { Interest, MessageReader } from '../envoy/message-reader.js';
import { reachOf } from '../envoy/reach.js';
import { ReachWalk } from '../envoy/reach-walk.js';
import type { Tape } from '../source/tape.js';
import { TlsContext } from './context.js';
import { secretUses } from './secret-uses.js';

/** A Secret with its content in it: a static secret, or what an SDS file serves. */
export interface SecretPlace {
  readonly message: Message;
  /** Of a bootstrap (`static_resources.secrets`), or of a response or file. */
  readonly kind: 'static' | 'served';
}

/** What a document holds of TLS. */
export interface TlsInventory {
  readonly contexts: TlsContext[];
  readonly secrets: SecretPlace[];
  /** Names of the clusters that SDS is fetched through. */
  readonly sdsClusters: Set<string>;
  /** Whether any context may ask for a secret by name. */
  readonly namesSds: boolean;
}

/** What a message is to somebody who looks for TLS contexts. */
type Role = 'upstream' | 'downstream' | 'common' | 'secret' | 'socket' | 'cluster' | 'listener' | 'bootstrap';

const ROLES: ReadonlyMap<string, Role> = new Map<string, Role>([
  ['envoy.api.v2.auth.UpstreamTlsContext', 'upstream'],
  ['envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', 'upstream'],
  ['envoy.api.v2.auth.DownstreamTlsContext', 'downstream'],
  ['envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', 'downstream'],
  ['envoy.api.v2.auth.CommonTlsContext', 'common'],
  ['envoy.extensions.transport_sockets.tls.v3.CommonTlsContext', 'common'],
  ['envoy.api.v2.auth.Secret', 'secret'],
  ['envoy.extensions.transport_sockets.tls.v3.Secret', 'secret'],
  ['envoy.api.v2.core.TransportSocket', 'socket'],
  ['envoy.config.core.v3.TransportSocket', 'socket'],
  ['envoy.api.v2.Cluster', 'cluster'],
  ['envoy.config.cluster.v3.Cluster', 'cluster'],
  ['envoy.api.v2.Listener', 'listener'],
  ['envoy.config.listener.v3.Listener', 'listener'],
  ['envoy.config.bootstrap.v2.Bootstrap', 'bootstrap'],
  ['envoy.config.bootstrap.v3.Bootstrap', 'bootstrap'],
]);

/** What is looked for; the other roles only tell where. */
const GOALS: ReadonlySet<Role | undefined> = new Set<Role>([
  'upstream',
  'downstream',
  'common',
  'secret',
  'socket',
]);

/** Messages whose Anys hold resources or transport sockets; the Anys of others lead to no TLS context. */
const CARRIES_ANY = /^envoy\.admin\.|DiscoveryResponse$|\.Resource$|\.TransportSocket$/;

const REACH = reachOf({
  isGoal: (name) => GOALS.has(ROLES.get(name)),
  opensAny: (name) => CARRIES_ANY.test(name),
});

/** What is checked on the way to TLS contexts: the fields that lead on. Inside of contexts all fields are. */
export const TLS_INTEREST: Interest = (type) => {
  const role = ROLES.get(type.name);
  if (role === 'upstream' || role === 'downstream' || role === 'secret') return undefined;
  const fields = REACH.leadingFields(type);
  return fields.size > 0 ? fields : undefined;
};

/** Finds what the roots of a document hold, in the order of the text. */
export function tlsInventory(reader: MessageReader, roots: readonly DocumentRoot[]): TlsInventory {
  const walk = new Walk(reader.tape);
  for (const { type, node } of roots) {
    if (!REACH.reaches(type.name)) continue;
    const root = reader.read(type, node);
    if (root !== undefined) walk.visit(root, { resource: undefined, inBootstrap: false });
  }
  return walk;
}

interface Surroundings {
  readonly resource: Message | undefined;
  readonly inBootstrap: boolean;
}

class Walk extends ReachWalk<Surroundings> implements TlsInventory {
  readonly contexts: TlsContext[] = [];
  readonly secrets: SecretPlace[] = [];
  readonly sdsClusters = new Set<string>();
  // Whether any name of the document is that of an SDS field: contexts are many, names few.
  readonly namesSds: boolean;

  constructor({ names }: Tape) {
    super(REACH);
    this.namesSds = names.some((name) => /sds|combined/i.test(name));
  }

  visit(at: Message, around: Surroundings): void {
    const role = ROLES.get(at.type.name);
    switch (role) {
      case 'upstream':
      case 'downstream':
        this.context(at, role, around);
        break;
      case 'common':
        this.bare(at, around);
        break;
      case 'socket':
        this.socket(at, around);
        break;
      case 'secret':
        this.secrets.push({ message: at, kind: around.inBootstrap ? 'static' : 'served' });
        break;
      case 'cluster':
      case 'listener':
        this.descend(at, { ...around, resource: at });
        break;
      case 'bootstrap':
        this.descend(at, { ...around, inBootstrap: true });
        break;
      case undefined:
        this.descend(at, around);
    }
  }

  private context(at: Message, side: Side, around: Surroundings): void {
    const common = at.message('common_tls_context');
    this.add(new TlsContext(side, at, common, around.resource));
  }

  /** A CommonTlsContext that stands by itself, as in documentation. */
  private bare(at: Message, around: Surroundings): void {
    this.add(new TlsContext(sideOf(at), at, at, around.resource));
  }

  private add(context: TlsContext): void {
    this.contexts.push(context);
    if (this.namesSds) for (const { message } of secretUses(context)) this.collectFrom(message);
  }

  private socket(at: Message, around: Surroundings): void {
    const typed = at.message('typed_config');
    if (typed !== undefined) {
      this.visit(typed, around);
      return;
    }
    const config = structConfig(at, REACH.reaches);
    if (config !== undefined) this.visit(config, around);
  }

  private collectFrom(secret: Message): void {
    const api = secret.message('sds_config')?.message('api_config_source');
    if (api === undefined) return;
    for (const name of api.texts('cluster_names')) this.sdsClusters.add(name);
    for (const service of api.messages('grpc_services')) {
      const name = service.message('envoy_grpc')?.text('cluster_name');
      if (name !== undefined) this.sdsClusters.add(name);
    }
  }
}
