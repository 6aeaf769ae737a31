// The resources of a side: what each is known by, and what it means.

import type { MessageInfo } from '../envoy/api-table.js';
import type { Detected } from '../envoy/detect.js';
import type { Message } from '../envoy/message.js';
import type { MessageReader } from '../envoy/message-reader.js';
import { typeName } from '../envoy/message-reader.js';
import { heldResources } from '../envoy/resources.js';
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

  /** The resources of a kind that are alone of their name, in the order in which the names first appear. */
  singles(kind: string): SideResource[] {
    const groups = [...(this.#kinds.get(kind)?.values() ?? [])];
    return groups.flatMap((group) => (group.length === 1 ? group : []));
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

/** The resources of a document, in the order of the text. */
export function resourcesOf(reader: MessageReader, { roots }: Detected): SideResource[] {
  return heldResources(reader, roots).map(({ node, message }) =>
    message === undefined
      ? { id: idOfUnknown(reader, node), meaning: untyped(reader, node, true) }
      : { id: idOf(message), meaning: new MessageMeaning(message) },
  );
}

/** What an Any of an unknown type is known by. */
function idOfUnknown({ tape }: MessageReader, node: number): ResourceId {
  const url = tape.get(node, '@type');
  const label = tape.get(node, 'name');
  return {
    kind: url < 0 ? 'resource' : typeName(tape.string(url)),
    name: label < 0 ? '' : tape.string(label),
  };
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
