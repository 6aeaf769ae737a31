// Findings as a JUnit report, which CI servers show as tests: one suite a file, one test a finding, in the
// form of Ant's JUnit task. Time and host are always the same, so that equal input gives an equal report.

import { addToGroup } from '../collections/grouped.js';
import type { Finding } from '../finding/finding.js';
import { visibleLines } from '../secrecy/visible.js';
import { isAtLeast } from './counts.js';
import type { FindingReport, ReportedFile } from './finding-report.js';
import { findingText, PLAIN } from './finding-text.js';

/** The report as XML. A file without findings that fail is a test that passes. */
export function findingsAsJunit({ files, findings, failOn }: FindingReport): string {
  const byFile = new Map<string, Finding[]>(files.map(({ name }) => [name, []]));
  for (const finding of findings) {
    addToGroup(byFile, finding.region?.file ?? 'xdsc', finding);
  }
  const known = new Map(files.map((file) => [file.name, file]));
  const suites = [...byFile].map(([name, group], id) => suite(id, name, known.get(name), group, failOn));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('')}</testsuites>\n`;
}

function suite(
  id: number,
  name: string,
  file: ReportedFile | undefined,
  findings: readonly Finding[],
  failOn: FindingReport['failOn'],
): string {
  const failures = findings.filter(({ level }) => isAtLeast(level, failOn));
  const others = findings.filter(({ level }) => !isAtLeast(level, failOn));
  const cases =
    failures.length > 0
      ? failures.map((finding) => failedCase(name, finding))
      : [`    <testcase classname="${attribute(name)}" name="valid" time="0"/>\n`];
  const said = [
    ...(file === undefined || file.detected.length === 0 ? [] : [file.detected.join(', ')]),
    ...others.map((finding) => findingText(finding, PLAIN)),
  ].join('\n');
  return [
    `  <testsuite package="xdsc" id="${id}" name="${attribute(name)}" timestamp="1970-01-01T00:00:00" hostname="localhost" tests="${cases.length}" failures="${failures.length}" errors="0" time="0">\n`,
    '    <properties/>\n',
    ...cases,
    `    <system-out>${content(said)}</system-out>\n`,
    '    <system-err/>\n',
    '  </testsuite>\n',
  ].join('');
}

function failedCase(file: string, finding: Finding): string {
  const { code, level, message, region } = finding;
  const name = region === undefined ? code : `${code} at ${region.line}:${region.column}`;
  return [
    `    <testcase classname="${attribute(file)}" name="${attribute(name)}" time="0">\n`,
    `      <failure message="${attribute(message)}" type="${level}">${content(findingText(finding, PLAIN))}</failure>\n`,
    '    </testcase>\n',
  ].join('');
}

/** Control characters and half surrogates, for which XML 1.0 has no place. */
const FORBIDDEN = /(?![\t\n\r])\p{Cc}|\p{Cs}|[\ufffe\uffff]/gu;

function content(text: string): string {
  return visibleLines(text)
    .replace(FORBIDDEN, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

function attribute(text: string): string {
  return content(text)
    .replaceAll('"', '&quot;')
    .replace(/[\t\r\n]+/g, ' ');
}
