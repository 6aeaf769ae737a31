// The resources of a configuration, whatever form it comes in: what a bootstrap holds and the rest of it, what
// a discovery response carries, what a dump shows, or a message by itself.

import type { FieldInfo, MessageInfo } from '../envoy/api-table.js';
import type { Detected } from '../envoy/detect.js';
import type { Message } from '../envoy/message.js';
import type { MessageReader } from '../envoy/message-reader.js';
import { typeName } from '../envoy/message-reader.js';
import { Kind } from '../source/tape.js';
import { type Meaning, MessageMeaning, untyped } from './meaning/meaning.js';
import type { ResourceId } from './tls/change.js';

/** A resource of one side. */
export interface SideResource {
  readonly id: ResourceId;
  readonly meaning: Meaning;
}

/** Resources by what they are known by: most are alone, but nothing keeps a side from naming one twice. */
export class ResourcesById {
  readonly #kinds = new Map<string, Map<string, [SideResource, ...SideResource[]]>>();

  constructor(private readonly resources: readonly SideResource[]) {
    for (const resource of resources) {
      const { kind, name } = resource.id;
      let names = this.#kinds.get(kind);
      if (names === undefined) {
        names = new Map();
        this.#kinds.set(kind, names);
      }
      const group = names.get(name);
      if (group === undefined) names.set(name, [resource]);
      else group.push(resource);
    }
  }

  /** The resources of an id, in the order of the text. */
  all({ kind, name }: ResourceId): readonly SideResource[] {
    return this.#kinds.get(kind)?.get(name) ?? [];
  }

  /** The resources of each id, in the order in which the ids first appear. */
  *groups(): Generator<readonly [SideResource, ...SideResource[]]> {
    for (const resource of this.resources) {
      const group = this.#kinds.get(resource.id.kind)?.get(resource.id.name);
      if (group?.[0] === resource) yield group;
    }
  }
}

const KINDS: ReadonlyMap<string, string> = new Map([
  ['Bootstrap', 'bootstrap'],
  ['Cluster', 'cluster'],
  ['ClusterLoadAssignment', 'endpoints'],
  ['FilterChain', 'filter chain'],
  ['Listener', 'listener'],
  ['RouteConfiguration', 'route'],
  ['Runtime', 'runtime'],
  ['ScopedRouteConfiguration', 'scoped route'],
  ['Secret', 'secret'],
  ['VirtualHost', 'virtual host'],
  ['CommonTlsContext', 'TLS context'],
  ['UpstreamTlsContext', 'upstream TLS context'],
  ['DownstreamTlsContext', 'downstream TLS context'],
]);

/** Of a bootstrap: the resources in it, which are compared by themselves. */
const STATIC_RESOURCES: readonly string[] = ['clusters', 'listeners', 'secrets'];

/** Visits the resources of a document, in the order of the text. */
export function resourcesOf(reader: MessageReader, { roots }: Detected): SideResource[] {
  const found: SideResource[] = [];
  for (const { type, node } of roots) {
    const root = reader.read(type, node);
    if (root !== undefined) visit(root, found);
  }
  return found;
}

const RESPONSES = new Set(['DiscoveryResponse', 'DeltaDiscoveryResponse']);

function visit(message: Message, found: SideResource[]): void {
  const { name: fullName, shortName: name } = message.type;
  if (RESPONSES.has(name) && /^envoy\.(?:api|service\.discovery)\.v[23]\.\w+$/.test(fullName)) {
    for (const [index, item] of message.items('resources').entries())
      fromField(message, 'resources', item, index, found);
  } else if (name === 'Resource' && message.type.field('resource') !== undefined) {
    const held = message.value('resource');
    if (held >= 0) fromField(message, 'resource', held, -1, found);
  } else if (fullName.startsWith('envoy.admin.')) {
    visitDump(message, found);
  } else {
    found.push({ id: idOf(message), meaning: new MessageMeaning(message) });
    if (name === 'Bootstrap') visitStatic(message, found);
  }
}

function visitStatic(bootstrap: Message, found: SideResource[]): void {
  const held = bootstrap.message('static_resources');
  for (const field of STATIC_RESOURCES) {
    for (const message of held?.messages(field) ?? []) visit(message, found);
  }
}

/** What a dump shows of itself; routes that stand in listeners are there already, what failed counts for nothing. */
const PASSED_OVER = new Set(['error_state', 'static_route_configs', 'inline_scoped_route_configs']);

function visitDump(dump: Message, found: SideResource[]): void {
  dump.each((field, value) => {
    if (field.kind !== 'message' || PASSED_OVER.has(field.name)) return;
    const nodes = field.repeated ? dump.items(field.name) : [value];
    for (const [index, node] of nodes.entries()) {
      if (field.type === 'google.protobuf.Any')
        fromField(dump, field.name, node, field.repeated ? index : -1, found);
      else if (field.map === undefined && leadsOn(field)) {
        const message = dump.open(field, node, field.repeated ? index : -1);
        if (message !== undefined) visit(message, found);
      }
    }
  });
}

function leadsOn({ type }: FieldInfo): boolean {
  return /^envoy\.(?:admin\.|config\.bootstrap\.)/.test(type ?? '');
}

/** What an Any in a field holds. */
function fromField(holder: Message, name: string, node: number, index: number, found: SideResource[]): void {
  const { reader } = holder;
  const { tape } = reader;
  const field = holder.type.field(name);
  if (field === undefined || tape.kind(node) !== Kind.Map) return;
  const opened = holder.open(field, node, index);
  if (opened !== undefined) {
    visit(opened, found);
    return;
  }
  const url = tape.get(node, '@type');
  const label = tape.get(node, 'name');
  found.push({
    id: {
      kind: url < 0 ? 'resource' : typeName(tape.string(url)),
      name: label < 0 ? '' : tape.string(label),
    },
    meaning: untyped(reader, node, true),
  });
}

/** What a resource is known by. */
function idOf(message: Message): ResourceId {
  return { kind: kindOf(message.type), name: nameOf(message) };
}

function kindOf(type: MessageInfo): string {
  return KINDS.get(type.shortName) ?? type.shortName;
}

function nameOf(message: Message): string {
  const name = message.text('name') ?? message.text('cluster_name');
  if (name !== undefined && name !== '') return name;
  // Envoy makes a name for a listener without one; its address is what it is known by here.
  const address = message.type.field('address') === undefined ? undefined : message.message('address');
  const socket = address?.message('socket_address');
  if (socket !== undefined) {
    const port = socket.text('port_value') ?? socket.text('named_port');
    return [socket.text('address'), port].filter((part) => part !== undefined).join(':');
  }
  return address?.message('pipe')?.text('path') ?? '';
}
