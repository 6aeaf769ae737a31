// Findings for programs of one's own.

import { visibleJson } from '../secrecy/visible.js';
import { countLevels } from './counts.js';
import type { FindingReport } from './finding-report.js';

/** The report as JSON: every finding with its region, what was detected, and the counts. */
export function findingsAsJson({ files, findings, silenced, version }: FindingReport): string {
  const value = {
    version,
    files: files.map(({ name, detected, notChecked }) => ({ file: name, detected, notChecked })),
    counts: { ...countLevels(findings), silenced },
    findings,
  };
  return `${visibleJson(value, 2)}\n`;
}
