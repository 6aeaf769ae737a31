// The forms that findings take: one file a form.

import type { FindingReport } from './finding-report.js';
import type { Paint } from './finding-text.js';
import { findingsAsGithub } from './findings-github.js';
import { findingsAsGitlab } from './findings-gitlab.js';
import { findingsAsJson } from './findings-json.js';
import { findingsAsJunit } from './findings-junit.js';
import { findingsAsMarkdown } from './findings-markdown.js';
import { findingsAsText } from './findings-pretty.js';
import { findingsAsSarif } from './findings-sarif.js';
import { shownFinding } from './shown-finding.js';

const FORMATTERS = {
  pretty: findingsAsText,
  json: findingsAsJson,
  sarif: findingsAsSarif,
  junit: findingsAsJunit,
  github: findingsAsGithub,
  gitlab: findingsAsGitlab,
  markdown: findingsAsMarkdown,
} satisfies Record<string, (report: FindingReport, paint: Paint) => string>;

export type FindingFormat = keyof typeof FORMATTERS;

export const FINDING_FORMATS = Object.keys(FORMATTERS) as FindingFormat[];

/** The report in a form, with a line break at its end. */
export function formatFindings(report: FindingReport, format: FindingFormat, paint: Paint): string {
  return FORMATTERS[format]({ ...report, findings: report.findings.map(shownFinding) }, paint);
}
