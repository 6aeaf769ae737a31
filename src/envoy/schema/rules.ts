// What the API's options say of its messages: the rules of protoc-gen-validate, required oneofs, fields that
// newer Envoys refuse or that are unfinished. From a table that `npm run generate` derives from the descriptors
// (scripts/generate/schema-rules.mjs writes it): a line for each message, its full name, a space, and its rules
// as JSON, parsed when they are asked for.

import { memo } from '../../collections/memo.js';
import table from '../generated/schema-rules.data.js';

/** A bound: durations as text (`1.5s`), and 64-bit integers that no double holds. */
export type Bound = number | string;

/** A text that has a form of its own. */
export type StringFormat =
  | 'http-header-name'
  | 'http-header-value'
  | 'email'
  | 'hostname'
  | 'ip'
  | 'ipv4'
  | 'ipv6'
  | 'uri'
  | 'uri-ref'
  | 'address'
  | 'uuid';

/** What validate.proto says of one value; lengths without a unit are in characters, for bytes in bytes. */
export interface ValueRules {
  readonly const?: Bound | boolean;
  readonly in?: readonly Bound[];
  readonly notIn?: readonly Bound[];
  readonly lt?: Bound;
  readonly lte?: Bound;
  readonly gt?: Bound;
  readonly gte?: Bound;
  readonly len?: number;
  readonly minLen?: number;
  readonly maxLen?: number;
  readonly lenBytes?: number;
  readonly minBytes?: number;
  readonly maxBytes?: number;
  readonly pattern?: string;
  readonly prefix?: string;
  readonly suffix?: string;
  readonly contains?: string;
  readonly notContains?: string;
  readonly format?: StringFormat;
  /** False: a header's name or value need only be free of line breaks and zeros. */
  readonly strict?: boolean;
  readonly definedOnly?: boolean;
  /** The empty value is not checked. */
  readonly ignoreEmpty?: boolean;
}

/** What is said of a field; `items`, `keys` and `values` say it of what a list or map holds. */
export interface FieldRules extends ValueRules {
  readonly required?: boolean;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly unique?: boolean;
  readonly items?: ValueRules;
  readonly minPairs?: number;
  readonly maxPairs?: number;
  readonly keys?: ValueRules;
  readonly values?: ValueRules;
  /** Declared `optional`: absent and empty differ. */
  readonly presence?: boolean;
  /** Envoy refuses it unless a runtime flag allows it. */
  readonly disallowed?: boolean;
  /** Work in progress. */
  readonly unfinished?: boolean;
}

/** What is said of a message. */
export interface MessageRules {
  /** By proto field name. */
  readonly fields?: Readonly<Record<string, FieldRules>>;
  /** The oneofs of which one member must be there. */
  readonly required?: readonly string[];
  readonly unfinished?: boolean;
}

const NONE: MessageRules = {};

let lines: ReadonlyMap<string, string> | undefined;
const parsed = new Map<string, MessageRules>();

/** The rules of the message of this full name. */
export function rulesOf(messageName: string): MessageRules {
  return memo(parsed, messageName, () => {
    const json = rulesByName().get(messageName);
    return json === undefined ? NONE : (JSON.parse(json) as MessageRules);
  });
}

function rulesByName(): ReadonlyMap<string, string> {
  lines ??= new Map(
    table.split('\n').map((line) => {
      const space = line.indexOf(' ');
      return [line.slice(0, space), line.slice(space + 1)];
    }),
  );
  return lines;
}
