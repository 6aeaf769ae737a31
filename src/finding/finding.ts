// What every stage reports. A finding is a value: it becomes text, an annotation or an exit status only at
// the edge of the program.

/** How much a finding weighs. `error` stops what would be written. */
export type Level = 'error' | 'warning' | 'note';

/** A place in a text: offsets in UTF-16 code units, and lines and columns that count from 1. */
export interface Region {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** Replaces the text from `start` to `end` (offsets in UTF-16 code units) by `text`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Something that a stage has to say about an input. */
export interface Finding {
  readonly code: string;
  readonly level: Level;
  /** What is wrong, in a sentence without a full stop. */
  readonly message: string;
  /** What was expected there. */
  readonly expected?: string;
  /** The name that was probably meant. */
  readonly suggestion?: string;
  /** What to do about it. */
  readonly remedy?: string;
  /** Where it stands in the API, as in `static_resources.clusters[0].tls_context`. */
  readonly path?: string;
  readonly region?: Region;
  /** What mends it, in the file of its region. */
  readonly edits?: readonly Edit[];
}

/** Codes of what keeps a text from being read at all. */
export const UNREADABLE: ReadonlySet<string> = new Set([
  'unreadable',
  'syntax',
  'template',
  'template-syntax',
  'encoding',
  'empty',
]);
