// Findings as a JUnit report: one suite a file, one test a finding.

import { addToGroup } from '../collections/grouped.js';
import type { Finding } from '../finding/finding.js';
import { isAtLeast } from './counts.js';
import type { FindingReport, ReportedFile } from './finding-report.js';
import { findingText, PLAIN } from './finding-text.js';
import { type JunitSuite, type JunitTest, suitesAsJunit } from './junit.js';

/** The report as XML. A file without findings that fail is a test that passes. */
export function findingsAsJunit({ files, findings, failOn }: FindingReport): string {
  const byFile = new Map<string, Finding[]>(files.map(({ name }) => [name, []]));
  for (const finding of findings) {
    addToGroup(byFile, finding.region?.file ?? 'xdsc', finding);
  }
  const known = new Map(files.map((file) => [file.name, file]));
  return suitesAsJunit([...byFile].map(([name, group]) => suite(name, known.get(name), group, failOn)));
}

function suite(
  name: string,
  file: ReportedFile | undefined,
  findings: readonly Finding[],
  failOn: FindingReport['failOn'],
): JunitSuite {
  const failures = findings.filter(({ level }) => isAtLeast(level, failOn));
  const others = findings.filter(({ level }) => !isAtLeast(level, failOn));
  return {
    name,
    tests:
      failures.length > 0
        ? failures.map((finding) => failedTest(name, finding))
        : [{ group: name, name: 'valid' }],
    said: [
      ...(file === undefined || file.detected.length === 0 ? [] : [file.detected.join(', ')]),
      ...others.map((finding) => findingText(finding, PLAIN)),
    ].join('\n'),
  };
}

function failedTest(file: string, finding: Finding): JunitTest {
  const { code, level, message, region } = finding;
  const name = region === undefined ? code : `${code} at ${region.line}:${region.column}`;
  return { group: file, name, failure: { message, type: level, text: findingText(finding, PLAIN) } };
}
