// Rules on the fields of a message: what has to be there, and which numbers make sense.

import type { Level } from '../../finding/finding.js';

/** A number's limits. */
export interface Range {
  readonly least: number;
  readonly most: number;
}

/** The numbers of ports. */
export const PORT: Range = { least: 1, most: 65535 };
export const PERCENT: Range = { least: 0, most: 100 };
/** Numbers that are not negative. */
export const COUNT: Range = { least: 0, most: 2 ** 31 - 1 };

/** What is asked of a message. */
export interface MessageRule {
  /** Fields without which it means nothing. */
  readonly required?: readonly string[];
  /** One of these, at least. */
  readonly oneOf?: readonly string[];
  readonly ranges?: { readonly [field: string]: Range };
  /** How much it weighs that a field is missing; by default it is an error. */
  readonly level?: Level;
  /** What is asked of messages in its fields where its `bind` is a Unix socket, instead of what else is. */
  readonly onSocket?: { readonly [field: string]: MessageRule };
}
