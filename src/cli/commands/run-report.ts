// What `xdsc report` does: reads the inputs and writes the page.

import type { Finding } from '../../finding/finding.js';
import { sortFindings } from '../../finding/sort.js';
import { findingText } from '../../report/finding-text.js';
import { reportHtml } from '../../report/html/report-html.js';
import { EXIT, statusOf } from '../exit.js';
import { type Input, readInputs } from '../inputs.js';
import { writeOutputs } from '../outputs.js';
import { readSecrets } from '../secrets.js';
import { paintFor, say } from '../terminal.js';
import { version } from '../version.js';

/** The command's options as they were given. */
export interface ReportFlags {
  readonly output: string;
  readonly against?: readonly string[];
  readonly secrets?: string;
  readonly title?: string;
  readonly stdinFilename: string;
}

/** Runs the command and gives the exit status. */
export async function runReport(paths: readonly string[], flags: ReportFlags): Promise<number> {
  const findings: Finding[] = [];
  const read = async (from: readonly string[]): Promise<readonly Input[]> => {
    const { inputs, findings: unread } = await readInputs(from, {
      stdinFilename: flags.stdinFilename,
      output: undefined,
    });
    findings.push(...unread);
    return inputs;
  };
  const secrets = readSecrets(flags.secrets, findings);
  const inputs = await read(paths);
  const against = flags.against === undefined ? undefined : await read(flags.against);
  const { html, findings: said } = reportHtml(inputs, {
    version,
    ...(flags.title !== undefined && { title: flags.title }),
    ...(against !== undefined && { against }),
    ...(secrets !== undefined && { secrets }),
  });
  findings.push(...said);
  // What the page tells of, it tells of; what kept an input out of it is told here.
  const unread = findings.filter((finding) => statusOf([finding]) === EXIT.failed);
  const paint = paintFor(process.stderr);
  for (const finding of sortFindings(unread)) say(`${findingText(finding, paint)}\n`);
  if (unread.length > 0) return EXIT.failed;
  writeOutputs([{ path: flags.output, chunks: [html] }]);
  return EXIT.done;
}
