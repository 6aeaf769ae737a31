// Which v3 message takes the place of a message, as the v3 descriptors themselves say
// (udpa.annotations.versioning.previous_message_type; scripts/generate/upgrade-table.mjs writes the table).
// Fields keep their numbers, and nearly always their names.

import { memo } from '../../collections/memo.js';
import { enumeration, type FieldInfo, type MessageInfo, message } from '../api-table.js';
import table from '../generated/upgrade-table.data.js';

const V3 = /^envoy\..*\.v3(?:alpha)?\./;

let successors: ReadonlyMap<string, string> | undefined;
let predecessors: ReadonlyMap<string, string> | undefined;

function pairs(): [string, string][] {
  return table.split('\n').flatMap((line) => {
    const [packages = '', ...names] = line.split(';');
    const [from, to] = packages.split(' ');
    return names.map((name): [string, string] => {
      const [old = '', now = old] = name.split('=');
      return [`${from}.${old}`, `${to}.${now}`];
    });
  });
}

/** The full names of all v2 messages that have a successor, with its name. */
export function allSuccessors(): ReadonlyMap<string, string> {
  successors ??= new Map(pairs());
  return successors;
}

/** Whether a message is of the v3 API. */
export function isV3(typeName: string): boolean {
  return V3.test(typeName);
}

/** The v3 message for a message's full name: itself where it has no version, undefined where there is none. */
export function successorOf(typeName: string): MessageInfo | undefined {
  const successor = allSuccessors().get(typeName);
  if (successor !== undefined) return message(successor);
  return isV3(typeName) || !typeName.startsWith('envoy.') ? message(typeName) : undefined;
}

/** The v2 message whose place a v3 message takes. */
export function predecessorOf(typeName: string): MessageInfo | undefined {
  predecessors ??= new Map(pairs().map(([from, to]) => [to, from]));
  const name = predecessors.get(typeName);
  return name === undefined ? undefined : message(name);
}

/** The field of the same meaning: that of the same number, if its value is of the same kind. */
export function fieldIn(target: MessageInfo, field: FieldInfo): FieldInfo | undefined {
  const found = target.fields.find((one) => one.number === field.number) ?? target.field(field.name);
  return found !== undefined && sameKind(field, found) ? found : undefined;
}

function sameKind(from: FieldInfo, to: FieldInfo): boolean {
  if (from.kind !== to.kind || from.scalar !== to.scalar) return false;
  if (from.repeated !== to.repeated || (from.map === undefined) !== (to.map === undefined)) return false;
  if (from.kind !== 'message' || from.type === to.type) return true;
  return successorOf(from.type as string)?.name === to.type;
}

/**
 * The name in v3 of an enum's value; undefined where v3 has none. Names of one number correspond; where v3 has
 * several, the same one.
 */
export function enumValueIn(to: FieldInfo, from: FieldInfo, name: string): string | undefined {
  const now = enumeration(to.type as string);
  const number = enumeration(from.type as string)?.byName(name)?.number;
  const same = now?.byName(name);
  const found = number === undefined || same?.number === number ? same : now?.byNumber(number);
  return found === undefined || found.name.startsWith('DEPRECATED_AND_UNAVAILABLE') ? undefined : found.name;
}

const changing = new Map<string, boolean>();

/** Whether all values of an enum have the same names in v3. */
export function enumChanges(from: FieldInfo, to: FieldInfo): boolean {
  return memo(changing, `${from.type} ${to.type}`, () => {
    const values = enumeration(from.type as string)?.values ?? [];
    return values.some(({ name }) => enumValueIn(to, from, name) !== name);
  });
}
