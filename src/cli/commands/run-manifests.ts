// What `xdsc manifests` does: reads the values, makes the manifests, prints them and says what to know.

import type { Finding } from '../../finding/finding.js';
import { sortFindings } from '../../finding/sort.js';
import type { Integration } from '../../kubernetes/certificate-authority.js';
import { type AgentValues, mergeValues, readHelmValues } from '../../kubernetes/helm-values.js';
import { sdsAgentManifests } from '../../kubernetes/manifests.js';
import { findingText } from '../../report/finding-text.js';
import { EXIT } from '../exit.js';
import { readFlag } from '../flag-file.js';
import { readText } from '../inputs.js';
import { writeOutputs } from '../outputs.js';
import { paintFor, say } from '../terminal.js';

/** The command's options as they were given. */
export interface ManifestsFlags {
  readonly output?: string;
  readonly ca?: string;
  readonly caAddress?: string;
  readonly integration?: Integration;
  readonly option: { readonly [name: string]: string };
  readonly kubernetes?: string;
  readonly namespace?: string;
  readonly trustDomain?: string;
  readonly image?: string;
  readonly citadelImage?: string;
  readonly values: readonly string[];
}

/** Runs the command and gives the exit status. */
export function runManifests(flags: ManifestsFlags): number {
  const findings: Finding[] = [];
  const values = readValues(flags.values, findings);
  const options = readOptions(flags.option, findings);
  // Errors of files that could not be read come before those of what they would have said.
  const unread = findings.some(isError);
  const { output, option: _option, values: _values, ...request } = flags;
  const { text, findings: found } = unread
    ? { text: undefined, findings: [] }
    : sdsAgentManifests({ ...request, options, values });
  findings.push(...found);
  const paint = paintFor(process.stderr);
  for (const finding of sortFindings(findings)) say(`${findingText(finding, paint)}\n`);
  // What is wrong here is wrong with what was asked for.
  if (text === undefined) return EXIT.failed;
  if (output === undefined) writeOutputs([], [text]);
  else writeOutputs([{ path: output, chunks: [text] }]);
  return EXIT.done;
}

function readValues(files: readonly string[], findings: Finding[]): AgentValues {
  let values: AgentValues = { env: {} };
  for (const file of files) {
    const read = readFlag(file, readHelmValues, findings);
    if (read !== undefined) values = mergeValues(values, read.values);
  }
  return values;
}

/** Settings, those of the form `@FILE` with the file's text. */
function readOptions(
  given: { readonly [name: string]: string },
  findings: Finding[],
): { readonly [name: string]: string } {
  const options: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (!value.startsWith('@')) {
      options[name] = value;
      continue;
    }
    const read = readText(value.slice(1), value.slice(1));
    if ('code' in read) findings.push(read);
    else options[name] = read.text;
  }
  return options;
}

function isError({ level }: Finding): boolean {
  return level === 'error';
}
