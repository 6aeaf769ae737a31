// A walk through messages that goes only where something that is looked for may be.

import type { FieldInfo } from './api-table.js';
import type { Message } from './message.js';
import type { Reach } from './reach.js';

/** Visits messages, with what is known of their surroundings. */
export abstract class ReachWalk<Around> {
  constructor(protected readonly reach: Reach) {}

  /** Looks at a message; what is in it is looked at where this descends. */
  abstract visit(at: Message, around: Around, field?: FieldInfo): void;

  /** Visits what the fields of a message hold, in the order of the text. */
  protected descend(at: Message, around: Around): void {
    const fields = this.reach.leadingFields(at.type);
    if (fields.size === 0) return;
    const { tape } = at.reader;
    at.each((field, value) => {
      if (!fields.has(field)) return;
      if (field.repeated) {
        const items = at.items(field.name);
        for (let i = 0; i < items.length; i++) this.step(at, field, items[i] as number, i, around);
      } else if (field.map === undefined) this.step(at, field, value, -1, around);
      else {
        for (let key = value + 1; key < (tape.links[value] as number); key = tape.next(key + 1))
          this.step(at, field, tape.resolve(key + 1), -1, around);
      }
    });
  }

  /** Goes from a message to one in it; what an Any holds is not opened where it leads nowhere. */
  protected step(at: Message, field: FieldInfo, node: number, index: number, around: Around): void {
    if (field.type === 'google.protobuf.Any') {
      const { type } = at.reader.openAny(node, { parent: at, field });
      if (type === undefined || !this.reach.reaches(type.name)) return;
    }
    const found = at.open(field, node, index);
    if (found !== undefined) this.visit(found, around, field);
  }
}
