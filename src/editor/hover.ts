// What an editor shows of what the cursor is on: what the API says of it. No value of the text is part of it.

import { message } from '../envoy/api-table.js';
import { typeName } from '../envoy/message-reader.js';
import { type Explanation, explainEnumValue, explainField, explainMessage } from '../envoy/schema/explain.js';
import { configurationsOf } from '../envoy/versions/extension-names.js';
import { Kind } from '../source/tape.js';
import type { Place } from './place.js';

/** What the API says of a place: of the value where that is an enum's, a type's or an extension's name, else of the field. */
export function explanationAt(place: Place): Explanation | undefined {
  const { message: at, field, part } = place;
  if (place.isInUntyped) return undefined;
  if (part === 'value') {
    const named = explanationOfValue(place);
    if (named !== undefined) return named;
  }
  return field === undefined ? undefined : explainField(at.type, field);
}

function explanationOfValue({ message: at, field, key, node }: Place): Explanation | undefined {
  const { tape } = at.reader;
  if (tape.kind(node) !== Kind.String) return undefined;
  const text = tape.string(node);
  if (field === undefined) {
    const type = tape.name(key) === '@type' ? message(typeName(text)) : undefined;
    return type === undefined ? undefined : explainMessage(type);
  }
  if (field.kind === 'enum') return explainEnumValue(field, text);
  const [config] = field.name === 'name' ? configurationsOf(text) : [];
  const type = config === undefined ? undefined : message(config);
  return type === undefined ? undefined : explainMessage(type);
}
