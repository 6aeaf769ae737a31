// Text to documents: which format it is, what stopped the reading, what was odd about it. A document knows
// where it is, also where it is inside a string of another one.

import type { Finding, Region } from '../finding/finding.js';
import { quotedKey, quotedValue } from '../secrecy/quoted.js';
import { MAX_YAML_BYTES } from './decode.js';
import { duplicateKeys } from './duplicate-keys.js';
import type { Edit } from './edit.js';
import { isLenientJson } from './lenient-json.js';
import { Positions } from './position.js';
import { type ScanFault, scanJson } from './scan-json.js';
import { scanYaml } from './scan-yaml.js';
import { Kind, type Tape } from './tape.js';
import { templateMark } from './template.js';

export type Format = 'json' | 'yaml';

/** A text that is a string inside a node of an outer document. */
export interface Embedding {
  readonly document: Document;
  /** The string's node in the outer document. */
  readonly node: number;
  /** An offset of the inner text as an offset of the outer one. */
  outerOffset(inner: number): number;
  /** Edits of the inner text as edits of the outer one. */
  outerEdits(edits: readonly Edit[]): Edit[];
}

/** One JSON document, or one of a YAML stream. Its root is node 0 of the tape. */
export interface Document {
  readonly tape: Tape;
  readonly format: Format;
  readonly source: Source;
}

/** What was read from one text. */
export interface Source {
  /** The file's name, as messages say it. */
  readonly name: string;
  readonly text: string;
  readonly format: Format;
  readonly documents: readonly Document[];
  /** Of level error where there are no documents because the text cannot be read. */
  readonly findings: readonly Finding[];
  readonly embedding: Embedding | undefined;
  /** A range of this text as a place in the outermost file. */
  region(start: number, end: number): Region;
}

/** What is known of a text before it is read. */
export interface ReadOptions {
  /** Detected by default. */
  readonly format?: Format;
  readonly embedding?: Embedding;
  /** Where a range of the text stands for the reader of messages, if the text was made from another one. */
  readonly region?: (start: number, end: number) => Region;
}

/** How many duplicate keys are reported; the others add no information. */
const MAX_REPORTED = 1000;

/**
 * Reads all documents of a text.
 *
 * @param name the file's name for messages; `.json` makes its JSON errors count
 * @returns documents and findings; an unreadable text has no documents and an error finding with the code
 *   `syntax`, `template` or `empty`
 */
export function readSource(name: string, text: string, options: ReadOptions = {}): Source {
  const positions = new Positions(name, text);
  const { embedding } = options;
  const region = (start: number, end: number): Region => {
    if (options.region !== undefined) return options.region(start, end);
    return embedding === undefined
      ? positions.region(start, end)
      : embedding.document.source.region(embedding.outerOffset(start), embedding.outerOffset(end));
  };

  const findings: Finding[] = [];
  // The name of the outer file says nothing of what is inside one of its strings.
  const hint = embedding === undefined ? name : '';
  const scan = options.format === undefined ? scanEither(hint, text) : scanAs(options.format, text);
  const documents: Document[] = [];
  const source: Source = { name, text, format: scan.format, documents, findings, embedding, region };
  if (scan.error !== undefined) findings.push(syntaxError(scan.error, text, scan.format, region));
  for (const { code, remedy, faults, fixed } of scan.oddities) {
    for (const { message, expected, offset, end } of faults) {
      findings.push({
        code,
        level: 'warning',
        message,
        expected,
        remedy,
        region: region(offset, end),
        ...(embedding === undefined && fixed && { edits: [{ start: offset, end, text: '' }] }),
      });
    }
  }
  for (const tape of scan.tapes) {
    if (tape.kind(0) === Kind.Null) continue; // an empty document of a YAML stream
    documents.push({ tape, format: scan.format, source });
    for (const { first, second } of duplicateKeys(tape).slice(0, MAX_REPORTED)) {
      const at = region(tape.start(first), tape.end(first));
      findings.push({
        code: 'duplicate-key',
        level: 'warning',
        message: `duplicate key ${quotedKey(tape.name(second))}, first defined at line ${at.line}, column ${at.column}`,
        expected: 'each key only once',
        remedy: 'remove one of the two: parsers differ in which one they use',
        region: region(tape.start(second), tape.end(second)),
      });
    }
  }
  if (documents.length === 0 && scan.error === undefined) {
    findings.push({
      code: 'empty',
      level: 'error',
      message: 'this file contains no document',
      expected: 'an Envoy configuration in JSON or YAML',
      region: region(0, 0),
    });
  }
  return source;
}

interface Scan {
  readonly format: Format;
  readonly tapes: readonly Tape[];
  readonly error: ScanFault | undefined;
  /** What was read on in spite of, by kind. */
  readonly oddities: readonly Oddity[];
}

interface Oddity {
  readonly code: string;
  readonly remedy: string;
  readonly faults: readonly ScanFault[];
  /** Whether removing it mends it. */
  readonly fixed: boolean;
}

/** Reads a text as what it looks like. YAML's flow style, and a quoted key, begin as JSON does. */
function scanEither(name: string, text: string): Scan {
  if (!looksLikeJson(text)) return scanAs('yaml', text);
  const json = scanAs('json', text);
  if (json.error === undefined || text.length > MAX_YAML_BYTES) return json;
  if (/\.json$/i.test(name)) return scanLenient(json, json.error, text);
  const yaml = scanAs('yaml', text);
  return yaml.error === undefined || /\.ya?ml$/i.test(name) ? yaml : json;
}

/** What is not quite JSON: read, with a warning, where Envoy reads it. */
function scanLenient(json: Scan, error: ScanFault, text: string): Scan {
  if (!isLenientJson(text)) return json;
  const lenient = scanYaml(text);
  if (lenient.error !== undefined || lenient.tapes.length !== 1) return json;
  const faults = [
    { ...error, message: 'a key or string of JSON without double quotes', expected: 'double quotes' },
  ];
  const remedy = 'put it in double quotes: Envoy reads it as it is, other tools do not';
  return { ...lenient, format: 'json', oddities: [{ code: 'json-quotes', remedy, faults, fixed: false }] };
}

/** How much of a text is inspected to detect its format: more than a license in a comment. */
const LOOK_AHEAD = 65536;

/** Whether the first thing in a text that is no space and no comment of JSON could begin a JSON document. */
function looksLikeJson(text: string): boolean {
  const space = /(?:\s|\/\/.*|\/\*(?:[^*]|\*(?!\/))*\*\/)*/y;
  const start = space.exec(text.slice(0, LOOK_AHEAD))?.[0].length ?? 0;
  return /[{["]/.test(text.charAt(start));
}

function scanAs(format: Format, text: string): Scan {
  if (format === 'yaml') return { format, oddities: [], ...scanYaml(text) };
  const { tape, error, comments, trailingCommas } = scanJson(text);
  const remedy = 'remove it: Envoy rejects it';
  return {
    format,
    tapes: tape === undefined ? [] : [tape],
    error,
    oddities: [
      { code: 'json-comment', remedy, faults: comments, fixed: true },
      {
        code: 'trailing-comma',
        remedy: 'remove it: Envoy before 1.40 rejects it',
        faults: trailingCommas,
        fixed: true,
      },
    ],
  };
}

function syntaxError(
  fault: ScanFault,
  text: string,
  format: Format,
  region: (start: number, end: number) => Region,
): Finding {
  const mark = templateMark(text, fault.offset);
  if (mark !== undefined) {
    return {
      code: 'template',
      level: 'error',
      message: `this is ${mark.language}, not ${format.toUpperCase()}: ${placeholder(text.slice(mark.offset, mark.end))} is an unrendered placeholder`,
      expected: 'a rendered configuration',
      remedy: 'render the template first and pass the result to xdsc',
      region: region(mark.offset, mark.end),
    };
  }
  return {
    code: 'syntax',
    level: 'error',
    message: fault.message,
    expected: fault.expected,
    region: region(fault.offset, fault.end),
  };
}

/** A placeholder of a template, if it is no more than a name: with a default or a pipe it may hold a value. */
function placeholder(text: string): string {
  return /^\W{1,4}\s*[.$]?\w+(?:\.\w+)*\s*\W{1,3}$/.test(text) ? quotedValue(text) : 'a placeholder';
}
