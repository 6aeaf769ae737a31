// What `xdsc explain` does: says what is known of a path.

import type { Api } from '../../envoy/detect.js';
import { explain } from '../../envoy/schema/explain.js';
import { configurationsOf } from '../../envoy/versions/extension-names.js';
import { lifetimeOf } from '../../envoy/versions/history.js';
import { lifetimeWords } from '../../envoy/versions/lifetime-words.js';
import { explanationText, unexplainedText } from '../../report/explanation-text.js';
import { targetNamed } from '../envoy-target.js';
import { EXIT, Failure } from '../exit.js';
import { writeStandardOutput } from '../outputs.js';
import { paintFor } from '../terminal.js';

/** The command's options as they were given. */
export interface ExplainFlags {
  readonly api?: Api;
  readonly format: 'text' | 'json';
  readonly envoy?: string;
}

/** Runs the command and gives the exit status. */
export function runExplain(path: string, { api, format, envoy }: ExplainFlags): number {
  const target = targetNamed(envoy);
  const explained = explain(configurationsOf(path)[0] ?? path, api);
  if ('problem' in explained) throw new Failure(unexplainedText(explained, paintFor(process.stderr)));
  const { type, member } = explained.element;
  const life = lifetimeOf(type, member);
  const versions = life === undefined ? undefined : lifetimeWords(life, target);
  const text =
    format === 'json'
      ? `${JSON.stringify({ ...explained, ...(versions !== undefined && { versions }) }, null, 2)}\n`
      : explanationText(explained, paintFor(process.stdout), versions);
  writeStandardOutput([text]);
  return EXIT.done;
}
