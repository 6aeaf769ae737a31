// What `xdsc policy test` does: holds the project's policies against the configuration of each test, and says
// where they find something else than the test expects.

import { dirname, join } from 'node:path';
import type { Finding } from '../../finding/finding.js';
import { plural } from '../../finding/plural.js';
import { isExpected, type PolicyTest, readPolicyTests } from '../../policy/test-file.js';
import { findingText } from '../../report/finding-text.js';
import { visible } from '../../secrecy/visible.js';
import type { Rule } from '../../validate/rule.js';
import { validate } from '../../validate/validate.js';
import { EXIT, Failure, statusOf } from '../exit.js';
import { readText } from '../inputs.js';
import { readPolicies } from '../policies.js';
import { PROJECT_FILE, projectPath, readProject } from '../project-file.js';
import { paintFor, say } from '../terminal.js';
import { tellReport } from '../told.js';

/** Runs the command and gives the exit status. */
export async function runPolicyTest(
  files: readonly string[],
  { config }: { readonly config?: string },
): Promise<number> {
  const project = readProject(config);
  const { rules, findings } = await readPolicies(project);
  const wrong = [...project.findings, ...findings];
  if (wrong.length === 0 && rules.length === 0) throw new Failure(`${PROJECT_FILE} has no policies to test`);
  const paint = paintFor(process.stdout);
  const lines: string[] = [];
  let [passed, failed] = [0, 0];
  for (const file of files.length > 0 ? files : [projectPath(project, 'policies.test.yaml')]) {
    const read = readText(file, file);
    const tests = 'code' in read ? { tests: [], findings: [read] } : readPolicyTests(file, read.text);
    wrong.push(...tests.findings);
    for (const test of tests.tests) {
      const found = wrong.length > 0 ? [] : foundBy(rules, file, test);
      if (!Array.isArray(found)) wrong.push(found);
      else if (wrong.length > 0) continue;
      else if (isExpected(test, found)) {
        passed++;
        lines.push(`${paint.good('ok')}      ${visible(test.name)}`);
      } else {
        failed++;
        lines.push(
          `${paint.error('failed')}  ${visible(test.name)}`,
          `  expected ${listed(test.expect)}`,
          `  found ${listed(found.map(placeOf))}`,
        );
      }
    }
  }
  for (const finding of wrong) say(`${findingText(finding, paintFor(process.stderr))}\n`);
  if (wrong.length > 0) return statusOf(wrong) || EXIT.findings;
  lines.push(`${plural(passed + failed, 'test')}: ${passed} passed, ${failed} failed`);
  tellReport(`${lines.join('\n')}\n`, undefined, undefined);
  return failed > 0 ? EXIT.findings : EXIT.done;
}

/** What the policies find in the configuration of a test, in the order of the text. */
function foundBy(
  rules: readonly Rule[],
  testFile: string,
  { name, file, text }: PolicyTest,
): Finding[] | Finding {
  const path = file === undefined ? undefined : join(dirname(testFile), file);
  const read = path === undefined ? { text: text ?? '' } : readText(path, path);
  if ('code' in read) return read;
  const codes = new Set(rules.map(({ code }) => code));
  const { findings } = validate([{ name: path ?? name, text: read.text }], { policies: rules });
  // A configuration that cannot be read violates nothing, and proves nothing.
  const unread = findings.find(({ code }) => UNREAD.has(code));
  return unread ?? findings.filter(({ code }) => codes.has(code));
}

const UNREAD: ReadonlySet<string> = new Set(['syntax', 'template', 'empty', 'no-envoy-config']);

function placeOf({ code, region }: Finding): string {
  return `${code}:${region?.line}`;
}

function listed(codes: readonly string[]): string {
  return codes.length === 0 ? 'nothing' : visible(codes.join(', '));
}
