// JSON Schemas that messages are held against, in normal form: proto field names, enum names, numbers and durations
// as protobuf's JSON form has them. Ajv compiles them.

import { Ajv2020 } from 'ajv/dist/2020.js';
import { quoted } from '../secrecy/quoted.js';
import type { Condition } from './cel.js';

/** A condition that is a schema, or what is wrong with the schema. */
export function compileSchema(schema: unknown): Condition | { readonly problem: string } {
  if (typeof schema !== 'object' || schema === null) return { problem: 'a JSON Schema is a map' };
  try {
    const validate = new Ajv2020({ strict: false, validateFormats: false, logger: false }).compile(schema);
    return ({ message }) => validate(message.toValue());
  } catch (error) {
    return { problem: `this is not a JSON Schema that can be used: ${quoted((error as Error).message)}` };
  }
}
