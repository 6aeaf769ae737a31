// JUnit reports, which CI servers show as tests, in the form of Ant's JUnit task. Time and host are always the same,
// so that equal input gives an equal report.

import { visibleLines } from '../secrecy/visible.js';

/** A suite. */
export interface JunitSuite {
  readonly name: string;
  readonly tests: readonly JunitTest[];
  /** What is said beside the tests. */
  readonly said: string;
}

/** A test, which passes where there is no failure. */
export interface JunitTest {
  /** What it is a test of. */
  readonly group: string;
  readonly name: string;
  readonly failure?: { readonly message: string; readonly type: string; readonly text: string };
}

/** The suites as XML. */
export function suitesAsJunit(suites: readonly JunitSuite[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.map(suiteXml).join('')}</testsuites>\n`;
}

function suiteXml({ name, tests, said }: JunitSuite, id: number): string {
  const failures = tests.filter(({ failure }) => failure !== undefined).length;
  return [
    `  <testsuite package="xdsc" id="${id}" name="${attribute(name)}" timestamp="1970-01-01T00:00:00" hostname="localhost" tests="${tests.length}" failures="${failures}" errors="0" time="0">\n`,
    '    <properties/>\n',
    ...tests.map(testXml),
    `    <system-out>${content(said)}</system-out>\n`,
    '    <system-err/>\n',
    '  </testsuite>\n',
  ].join('');
}

function testXml({ group, name, failure }: JunitTest): string {
  const head = `    <testcase classname="${attribute(group)}" name="${attribute(name)}" time="0"`;
  if (failure === undefined) return `${head}/>\n`;
  const { message, type, text } = failure;
  return [
    `${head}>\n`,
    `      <failure message="${attribute(message)}" type="${attribute(type)}">${content(text)}</failure>\n`,
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
