// What `xdsc explain` does: says what is known of a path.

import type { Api } from '../../envoy/detect.js';
import { explain } from '../../envoy/schema/explain.js';
import { explanationText, unexplainedText } from '../../report/explanation-text.js';
import { EXIT, Failure } from '../exit.js';
import { writeStandardOutput } from '../outputs.js';
import { paintFor } from '../terminal.js';

/** The command's options as they were given. */
export interface ExplainFlags {
  readonly api?: Api;
  readonly format: 'text' | 'json';
}

/** Runs the command and gives the exit status. */
export function runExplain(path: string, { api, format }: ExplainFlags): number {
  const explained = explain(path, api);
  if ('problem' in explained) throw new Failure(unexplainedText(explained, paintFor(process.stderr)));
  const text =
    format === 'json'
      ? `${JSON.stringify(explained, null, 2)}\n`
      : explanationText(explained, paintFor(process.stdout));
  writeStandardOutput([text]);
  return EXIT.done;
}
