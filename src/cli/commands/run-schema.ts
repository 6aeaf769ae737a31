// What `xdsc schema` does: prints the JSON Schema of a message.

import type { Api } from '../../envoy/detect.js';
import { jsonSchema } from '../../envoy/schema/json-schema.js';
import { EXIT, Failure } from '../exit.js';
import { writeStandardOutput } from '../outputs.js';
import { paintFor } from '../terminal.js';

/** The command's options as they were given. */
export interface SchemaFlags {
  readonly api?: Api;
}

/** Runs the command and gives the exit status. */
export function runSchema(name: string | undefined, { api }: SchemaFlags): number {
  const schema = jsonSchema(name ?? 'Bootstrap', api);
  if ('problem' in schema) {
    const { problem, suggestion } = schema;
    const meant =
      suggestion === undefined ? '' : `\n  did you mean ${paintFor(process.stderr).good(suggestion)}?`;
    throw new Failure(`${problem}${meant}`);
  }
  writeStandardOutput([`${JSON.stringify(schema.schema, null, 2)}\n`]);
  return EXIT.done;
}
