// A message in the order in which its fields are declared: by their numbers, at every depth.

import { type MessageInfo, message } from './api-table.js';
import { typeName } from './message-reader.js';
import type { NormalValue } from './normal-value.js';

type Fields = { readonly [name: string]: NormalValue };

/** A message in normal form with its fields in the order of their numbers; Structs stay as they are. */
export function inFieldOrder(type: MessageInfo, value: Fields): Fields {
  const url = value['@type'];
  const rest = Object.keys(value).filter((name) => name !== '@type' && type.field(name) === undefined);
  const known = type.fields.filter(({ name }) => value[name] !== undefined);
  return {
    ...(url !== undefined && { '@type': url }),
    ...Object.fromEntries([
      ...known.map((field) => {
        const given = value[field.name] as NormalValue;
        const order = (item: NormalValue): NormalValue => valueInOrder(field.type, item);
        if (field.kind !== 'message') return [field.name, given];
        if (field.map !== undefined)
          return [
            field.name,
            Object.fromEntries(Object.entries(given as Fields).map(([key, item]) => [key, order(item)])),
          ];
        return [field.name, Array.isArray(given) ? given.map(order) : order(given)];
      }),
      ...rest.map((name) => [name, value[name]]),
    ]),
  };
}

/** A value of a field: an Any tells its own type. */
function valueInOrder(fieldType: string | undefined, value: NormalValue): NormalValue {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const fields = value as Fields;
  const type = message(
    fieldType === 'google.protobuf.Any' ? typeName(String(fields['@type'] ?? '')) : (fieldType ?? ''),
  );
  return type === undefined || type.name.startsWith('google.protobuf.') ? value : inFieldOrder(type, fields);
}
