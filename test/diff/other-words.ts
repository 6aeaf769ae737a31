// The same configuration in other words: members shuffled, lists that are sets shuffled, names in the other
// spelling, enums by number, durations with zeros, 64-bit integers as text. Made from the API's table alone, so
// that the comparison is not tested with itself.

import { enumeration, type FieldInfo } from '../../src/envoy/api-table.js';
import { detect } from '../../src/envoy/detect.js';
import { jsonShapeOf } from '../../src/envoy/json-shape.js';
import type { Message } from '../../src/envoy/message.js';
import { MessageReader } from '../../src/envoy/message-reader.js';
import { plainValue } from '../../src/envoy/normal-value.js';
import type { Document } from '../../src/source/document.js';
import { Kind } from '../../src/source/tape.js';
import { Random } from '../source/random.js';

/** Lists whose order means nothing, by the last part of the message's name and the field. */
const SETS = new Set([
  'StaticResources.clusters',
  'StaticResources.listeners',
  'StaticResources.secrets',
  'DiscoveryResponse.resources',
  'Listener.filter_chains',
  'RouteConfiguration.virtual_hosts',
  'VirtualHost.domains',
  'CertificateValidationContext.verify_subject_alt_name',
  'CertificateValidationContext.match_subject_alt_names',
  'FilterChainMatch.server_names',
  'FilterChainMatch.prefix_ranges',
  'ClusterLoadAssignment.endpoints',
  'LocalityLbEndpoints.lb_endpoints',
  'Cluster.hosts',
]);

/** All that a document holds, as a list of messages that say their types; undefined where it is nothing. */
export function inOtherWords(document: Document, seed: number): unknown {
  const reader = new MessageReader(document);
  const words = new OtherWords(seed);
  const { roots } = detect(document.tape);
  if (roots.length === 0) return undefined;
  return roots.map(({ type, node }) => {
    const message = reader.read(type, node);
    return message === undefined
      ? plainValue(document.tape, node)
      : { '@type': `type.googleapis.com/${type.name}`, ...words.message(message) };
  });
}

class OtherWords {
  private readonly random: Random;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  private shuffled<T>(items: readonly T[]): T[] {
    const rest = [...items];
    const taken: T[] = [];
    while (rest.length > 0) taken.push(...rest.splice(this.random.below(rest.length), 1));
    return taken;
  }

  message(message: Message): Record<string, unknown> {
    const { tape } = message.reader;
    const { node, type } = message;
    const members: [string, unknown][] = [];
    for (let key = node + 1; key < (tape.links[node] as number); key = tape.next(key + 1)) {
      const name = tape.name(key);
      const field = message.reader.field(type, key);
      const value = tape.resolve(key + 1);
      if (field === null || field.number === 0 || tape.kind(value) === Kind.Null)
        members.push([name, plainValue(tape, value)]);
      else
        members.push([name === field.name ? field.jsonName : field.name, this.value(message, field, value)]);
    }
    return Object.fromEntries(this.shuffled(members));
  }

  private value(message: Message, field: FieldInfo, node: number): unknown {
    const { tape } = message.reader;
    if (field.map !== undefined) return plainValue(tape, node);
    if (!field.repeated || tape.kind(node) !== Kind.List) return this.item(message, field, node, -1);
    const items: unknown[] = [];
    for (let item = node + 1, i = 0; item < (tape.links[node] as number); item = tape.next(item), i++)
      items.push(this.item(message, field, tape.resolve(item), i));
    const owner = message.type.name.slice(message.type.name.lastIndexOf('.') + 1);
    return SETS.has(`${owner}.${field.name}`) ? this.shuffled(items) : items;
  }

  private item(message: Message, field: FieldInfo, node: number, index: number): unknown {
    const { tape } = message.reader;
    const plain = plainValue(tape, node);
    if (field.kind === 'enum' && typeof plain === 'string')
      return enumeration(field.type as string)?.byName(plain)?.number ?? plain;
    if (field.type === 'google.protobuf.Duration' && typeof plain === 'string')
      return /^\d+s$/.test(plain) ? plain.replace('s', '.000s') : plain;
    if (field.scalar === 'uint64' || field.scalar === 'int64') return String(plain);
    if (field.kind !== 'message' || jsonShapeOf(field) !== 'map' || tape.kind(node) !== Kind.Map)
      return plain;
    const opened = message.open(field, node, index);
    if (opened === undefined) return plain;
    const url = tape.get(node, '@type');
    // A TypedStruct holds its message one step deeper.
    if (url >= 0 && opened.node !== node) return plain;
    return { ...(url >= 0 && { '@type': tape.string(url) }), ...this.message(opened) };
  }
}
