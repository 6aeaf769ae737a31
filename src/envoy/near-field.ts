// The field of a message that a misspelt name was meant for.

import { oncePer } from '../collections/once-per.js';
import { nearName } from '../finding/near-name.js';
import type { FieldInfo, MessageInfo } from './api-table.js';

/** The field whose name is nearest to one that the message does not have, if it is near enough. */
export function nearField(type: MessageInfo, name: string): FieldInfo | undefined {
  return type.field(nearName(name, fieldNames(type)) ?? '');
}

const fieldNames = oncePer((type: MessageInfo) => type.fields.map((field) => field.name));
