// What was found, in the forms that people and programs take: one file a form.

import type { Finding, Level } from '../finding/finding.js';
import type { Paint } from './finding-text.js';
import { findingsAsGithub } from './findings-github.js';
import { findingsAsJson } from './findings-json.js';
import { findingsAsJunit } from './findings-junit.js';
import { findingsAsMarkdown } from './findings-markdown.js';
import { findingsAsText } from './findings-pretty.js';
import { findingsAsSarif } from './findings-sarif.js';

/** What is told. */
export interface FindingReport {
  readonly files: readonly ReportedFile[];
  readonly findings: readonly Finding[];
  /** How many findings comments or the project's configuration silenced. */
  readonly silenced: number;
  /** The level from which on findings make the run fail. */
  readonly failOn: Level | 'never';
  /** Of the program. */
  readonly version: string;
}

/** A file that was looked at. */
export interface ReportedFile {
  readonly name: string;
  readonly text: string;
  readonly detected: readonly string[];
}

const FORMATTERS = {
  pretty: findingsAsText,
  json: findingsAsJson,
  sarif: findingsAsSarif,
  junit: findingsAsJunit,
  github: findingsAsGithub,
  markdown: findingsAsMarkdown,
} satisfies Record<string, (report: FindingReport, paint: Paint) => string>;

export type FindingFormat = keyof typeof FORMATTERS;

export const FINDING_FORMATS = Object.keys(FORMATTERS) as FindingFormat[];

/** The report in a form, with a line break at its end. */
export function formatFindings(report: FindingReport, format: FindingFormat, paint: Paint): string {
  return FORMATTERS[format](report, paint);
}
