// Findings as GitLab's Code Quality report: a list that merge requests show at the changed lines.

import type { Finding, Level } from '../finding/finding.js';
import { visibleJson } from '../secrecy/visible.js';
import type { FindingReport } from './finding-report.js';
import { fingerprintOf } from './fingerprint.js';

const SEVERITIES: Readonly<Record<Level, string>> = { error: 'major', warning: 'minor', note: 'info' };

/** The report as GitLab reads it. What is in no file has no place there and is left out. */
export function findingsAsGitlab({ findings }: FindingReport): string {
  const seen = new Map<string, number>();
  return `${visibleJson(
    findings.flatMap((finding) => issueOf(finding, seen)),
    2,
  )}\n`;
}

/** @param seen how often each fingerprint came; GitLab takes issues with the same one for one issue */
function issueOf(finding: Finding, seen: Map<string, number>) {
  const { code, level, message, suggestion, remedy, region } = finding;
  if (region === undefined) return [];
  const fingerprint = fingerprintOf(finding);
  const count = seen.get(fingerprint) ?? 0;
  seen.set(fingerprint, count + 1);
  const hints = [suggestion === undefined ? undefined : `did you mean ${suggestion}?`, remedy];
  return [
    {
      description: [message, ...hints.filter((hint) => hint !== undefined)].join('; '),
      check_name: code,
      fingerprint: count === 0 ? fingerprint : fingerprintOf(finding, count),
      severity: SEVERITIES[level],
      location: {
        path: region.file.replaceAll('\\', '/').replace(/^(?:\.\/)+/, ''),
        lines: { begin: region.line, end: region.endLine },
      },
    },
  ];
}
