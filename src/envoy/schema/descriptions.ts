// What the API's comments say of its messages, fields and enum values. From a table that `npm run generate`
// derives (scripts/generate/schema-descriptions.mjs writes it): a line for each type, its full name, a space,
// and the texts as JSON, by field or value; the type's own under the empty name. A megabyte, so only what
// shows descriptions loads it.

import table from '../generated/schema-descriptions.data.js';

type Texts = Readonly<Record<string, string>>;

let lines: ReadonlyMap<string, string> | undefined;

/** What is said of the type of this full name. */
export function describedType(name: string): string | undefined {
  return textsOf(name)[''];
}

/** What is said of a message's field or an enum's value. */
export function describedMember(type: string, member: string): string | undefined {
  return textsOf(type)[member];
}

function textsOf(name: string): Texts {
  lines ??= new Map(
    table.split('\n').map((line) => {
      const space = line.indexOf(' ');
      return [line.slice(0, space), line.slice(space + 1)];
    }),
  );
  const json = lines.get(name);
  return json === undefined ? {} : (JSON.parse(json) as Texts);
}
