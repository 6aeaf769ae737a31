// What was found, in the forms that people and programs take: one file a form.

import type { Finding, Level } from '../finding/finding.js';

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
  /** What was checked. */
  readonly detected: readonly string[];
  /** What it holds besides, in which nothing was looked at. */
  readonly notChecked: readonly string[];
  /** Whether what was checked are resources of Istio alone. */
  readonly onlyIstio?: boolean;
}
