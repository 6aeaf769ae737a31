// Which message types can hold others of some kind, so that a walk through a document goes only where it
// may find something.

import { oncePer } from '../collections/once-per.js';
import { type FieldInfo, type MessageInfo, message } from './api-table.js';
import { earlierFields } from './earlier-fields.js';

/** What is looked for. */
export interface Goals {
  /** Whether a message of this type is looked for. */
  readonly isGoal: (typeName: string) => boolean;
  /** Whether the Anys of this type are opened; the Anys of others lead to nothing that is looked for. */
  readonly opensAny: (typeName: string) => boolean;
  /** Whether what is in a message of this type is somebody else's to look for. */
  readonly isClosed?: (typeName: string) => boolean;
}

/** The ways to what is looked for. */
export interface Reach {
  /** Whether a message of a type can hold what is looked for, or is it. */
  reaches(typeName: string): boolean;
  /** The fields of a message type that can lead there. */
  leadingFields(type: MessageInfo): ReadonlySet<FieldInfo>;
}

/** Finds the ways to some message types; each type is looked at once. */
export function reachOf({ isGoal, opensAny, isClosed = () => false }: Goals): Reach {
  const reaching = new Map<string, boolean>();

  const reaches = (name: string): boolean => {
    const known = reaching.get(name);
    if (known !== undefined) return known;
    const seen = new Set([name]);
    const queue = [name];
    for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
      if (isGoal(at) || reaching.get(at) === true) {
        reaching.set(name, true);
        return true;
      }
      if (isClosed(at)) continue;
      for (const field of message(at)?.fields ?? []) {
        if (field.kind !== 'message' || field.type === undefined) continue;
        if (field.type === 'google.protobuf.Any') {
          if (!opensAny(at)) continue;
          reaching.set(name, true);
          return true;
        }
        if (!seen.has(field.type) && reaching.get(field.type) !== false) {
          seen.add(field.type);
          queue.push(field.type);
        }
      }
    }
    // Nothing that can be reached from here reaches one either.
    for (const type of seen) reaching.set(type, false);
    return false;
  };

  const leadingFields = oncePer((type: MessageInfo): ReadonlySet<FieldInfo> => {
    const fields = [...type.fields, ...earlierFields(type)].filter(
      (field) =>
        !isClosed(type.name) &&
        field.kind === 'message' &&
        field.type !== undefined &&
        (field.type === 'google.protobuf.Any' ? opensAny(type.name) : reaches(field.type)),
    );
    return new Set(fields);
  });

  return { reaches, leadingFields };
}
