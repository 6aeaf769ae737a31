// What a field says that a map has more than once. Envoy 1.40, measured:
//
//   YAML   the last of equal keys counts, and a null takes away what was before it; of the two spellings of
//          one field either may count, and differs from start to start; refused: two members of one oneof
//   JSON   the last scalar counts, messages merge, lists append, a null says nothing, in both spellings alike;
//          refused: an Any, a member of a oneof, or two members of one, twice in one map
//
// Kubernetes reads the last, and merges the maps of `<<`, which Envoy takes for an unknown field.

import type { Document } from '../source/document.js';
import { Kind, Style, type Tape } from '../source/tape.js';
import type { FieldInfo } from './api-table.js';
import { WRAPPED_SCALARS } from './normal-value.js';

/** How a document is read. */
export type Reading = 'yaml' | 'json' | 'kubernetes';

/** Why it is not determined what is read. */
export type RepeatFault = 'spellings' | 'refused' | 'oneof' | 'merge-key';

/** A field of a message: its key, and the map that this stands in. */
export interface Member {
  readonly field: FieldInfo;
  /** Of several, the last. */
  readonly key: number;
  readonly owner: number;
  /** The first key of several. */
  readonly first?: number;
  /** Values that count as well, in their order: of messages and lists of JSON. */
  readonly earlier?: readonly number[];
}

/** How Envoy reads a document: the name of the file decides, else the text. */
export function envoyReading({ format, source }: Document): Reading {
  if (source.embedding === undefined && /\.ya?ml$/i.test(source.name)) return 'yaml';
  return format;
}

/**
 * Adds a field to those that a message has already.
 *
 * @param isNull whether its value is null, which is read as its absence
 * @returns why it is not determined what is read now; undefined where it is
 */
export function addMember(
  members: Member[],
  member: Member,
  isNull: boolean,
  { reading, tape }: { readonly reading: Reading; readonly tape: Tape },
): RepeatFault | undefined {
  const { field, key, owner } = member;
  const at = members.findIndex((one) => one.field === field);
  const before = members[at];
  if (reading === 'json') {
    if (isNull) return undefined;
    const rival = rivalOf(members, field);
    if (rival !== undefined) members.splice(members.indexOf(rival), 1);
    if (before !== undefined) {
      members[members.indexOf(before)] = together(before, member, tape);
      return before.owner === owner && isOnce(field) ? 'refused' : undefined;
    }
    members.push(member);
    return rival?.owner === owner ? 'oneof' : undefined;
  }
  if (before === undefined) {
    if (isNull) return undefined;
    const rival = reading === 'yaml' ? rivalOf(members, field) : undefined;
    if (rival !== undefined) members.splice(members.indexOf(rival), 1);
    members.push(member);
    return rival === undefined ? undefined : 'oneof';
  }
  if (isNull) members.splice(at, 1);
  else members[at] = { ...member, first: before.first ?? before.key };
  return tape.links[before.key] === tape.links[key] ? undefined : 'spellings';
}

/** Another member of the field's oneof. */
function rivalOf(members: readonly Member[], { oneof, name }: FieldInfo): Member | undefined {
  if (oneof === undefined) return undefined;
  return members.find((one) => one.field.oneof === oneof && one.field.name !== name);
}

/** Whether Envoy refuses the field where one map of JSON has it twice. */
function isOnce({ oneof, type, map, repeated }: FieldInfo): boolean {
  return oneof !== undefined || map !== undefined || (type === 'google.protobuf.Any' && !repeated);
}

function together(before: Member, member: Member, tape: Tape): Member {
  const { field, key } = member;
  const joined = { ...member, first: before.first ?? before.key };
  if (!field.repeated && !isMerged(field)) return joined;
  const value = tape.resolve(key + 1);
  tape.styles[value] = (tape.styles[value] as number) | Style.Scattered;
  const earlier = [...(before.earlier ?? []), tape.resolve(before.key + 1)];
  return {
    ...joined,
    earlier: field.repeated ? earlier : earlier.filter((one) => tape.kind(one) === Kind.Map),
  };
}

/** Whether copies of a field are one message, and not the last of them. */
function isMerged({ kind, type = '', map }: FieldInfo): boolean {
  return (
    kind === 'message' &&
    map === undefined &&
    !WRAPPED_SCALARS.has(type) &&
    !type.startsWith('google.protobuf.')
  );
}
