// A message without the fields that have their defaults, as protobuf's JSON form has it: what a resource
// says in so many words is the same message as what it leaves out.

import { enumeration, message } from '../../../envoy/api-table.js';

type Fields = { readonly [name: string]: unknown };

/** A message in normal form, default values left out at every depth. */
export function withoutDefaults<T extends object>(typeName: string, value: T): T {
  const type = message(typeName);
  if (type === undefined) return value;
  const kept: Record<string, unknown> = {};
  for (const [name, given] of Object.entries(value)) {
    const field = type.field(name);
    if (field === undefined) kept[name] = given;
    else if (field.map !== undefined) {
      if (Object.keys(given as Fields).length > 0) kept[name] = given;
    } else if (field.repeated) {
      const items = given as readonly unknown[];
      if (items.length > 0) {
        kept[name] =
          field.kind === 'message'
            ? items.map((item) => withoutDefaults(field.type ?? '', item as object))
            : items;
      }
    } else if (field.kind === 'message') {
      kept[name] =
        given !== null && typeof given === 'object' ? withoutDefaults(field.type ?? '', given) : given;
    } else if (field.oneof !== undefined || !isDefault(field.type, given)) kept[name] = given;
  }
  return kept as T;
}

/** The default of a scalar, or of an enum: its first value. */
function isDefault(enumType: string | undefined, value: unknown): boolean {
  if (enumType !== undefined) return value === enumeration(enumType)?.values[0]?.name;
  return value === '' || value === false || value === 0 || value === '0';
}
