// Which resources a document holds, whatever form it comes in: what a bootstrap has and the rest of it, what a
// discovery response carries, what a dump shows, or a message by itself.

import { Kind } from '../source/tape.js';
import type { FieldInfo } from './api-table.js';
import type { DocumentRoot } from './detect.js';
import type { Message } from './message.js';
import type { MessageReader } from './message-reader.js';

/** A resource, a bootstrap around the resources that it has, or whatever else a document is. */
export interface HeldResource {
  readonly node: number;
  /** Undefined for an Any whose type is not known. */
  readonly message: Message | undefined;
}

/** The fields of a bootstrap's `static_resources`. */
const STATIC: readonly string[] = ['clusters', 'listeners', 'secrets'];

const RESPONSE = /^envoy\.(?:api|service\.discovery)\.v[23]\.(?:Delta)?DiscoveryResponse$/;

/** What of a dump is none of its resources: routes that listeners have in them, and what was refused. */
const SKIPPED = new Set(['error_state', 'static_route_configs', 'inline_scoped_route_configs']);

/**
 * The resources of a document, in the order of the text; a bootstrap comes before what it has.
 *
 * @param roots the messages at its top, as `detect` finds them
 */
export function heldResources(reader: MessageReader, roots: readonly DocumentRoot[]): HeldResource[] {
  const found: HeldResource[] = [];
  for (const { type, node } of roots) {
    const root = reader.read(type, node);
    if (root !== undefined) visit(root, found);
  }
  return found;
}

function visit(message: Message, found: HeldResource[]): void {
  const { name, shortName } = message.type;
  if (RESPONSE.test(name)) visitField(message, message.type.field('resources'), found);
  else if (shortName === 'Resource' && message.type.field('resource') !== undefined)
    visitField(message, message.type.field('resource'), found);
  else if (name.startsWith('envoy.admin.')) {
    for (const field of message.present) if (holdsResources(field)) visitField(message, field, found);
  } else {
    found.push({ node: message.node, message });
    const held = shortName === 'Bootstrap' ? message.message('static_resources') : undefined;
    if (held === undefined) return;
    for (const field of STATIC) visitField(held, held.type.field(field), found);
  }
}

/** Whether a field of a dump leads to resources. */
function holdsResources({ name, kind, map, type }: FieldInfo): boolean {
  if (kind !== 'message' || map !== undefined || SKIPPED.has(name)) return false;
  return type === 'google.protobuf.Any' || /^envoy\.(?:admin\.|config\.bootstrap\.)/.test(type ?? '');
}

/** Visits what is in a field, one or many. */
function visitField(holder: Message, field: FieldInfo | undefined, found: HeldResource[]): void {
  if (field === undefined) return;
  const { tape } = holder.reader;
  for (const [index, node] of holder.items(field.name).entries()) {
    const message = holder.open(field, node, field.repeated ? index : -1);
    if (message !== undefined) visit(message, found);
    else if (field.type === 'google.protobuf.Any' && tape.kind(node) === Kind.Map)
      found.push({ node, message: undefined });
  }
}
