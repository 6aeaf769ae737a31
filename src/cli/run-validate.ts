// What `xdsc validate` does: reads the inputs, validates them together, mends what can be mended, and reports.

import { messageNames } from '../envoy/api-table.js';
import type { Api } from '../envoy/detect.js';
import type { Level } from '../finding/finding.js';
import { nearName } from '../finding/near-name.js';
import { countLevels, isAtLeast } from '../report/counts.js';
import { type FindingFormat, formatFindings } from '../report/finding-report.js';
import { PLAIN } from '../report/finding-text.js';
import { RULES } from '../validate/rules/index.js';
import { type ValidateOptions, type ValidateResult, validate } from '../validate/validate.js';
import { EXIT, Failure, statusOf } from './exit.js';
import { type Input, readInputs } from './inputs.js';
import { writeOutputs, writeStandardOutput } from './outputs.js';
import { paintFor } from './terminal.js';
import { version } from './version.js';

/** The command's options as they were given. */
export interface ValidateFlags {
  readonly api?: Api | 'auto';
  readonly type?: string;
  readonly failOn?: Level | 'never';
  readonly maxWarnings?: number;
  readonly forbid: readonly string[];
  readonly fix?: boolean;
  readonly format?: FindingFormat;
  readonly output?: string;
  readonly rules?: boolean;
  readonly config?: string | boolean;
  readonly stdinFilename: string;
}

/** Runs the command and gives the exit status. */
export async function runValidate(paths: readonly string[], flags: ValidateFlags): Promise<number> {
  const options = optionsOf(flags);
  const failOn = flags.failOn ?? 'error';
  const { inputs, findings: unread } = await readInputs(paths, {
    stdinFilename: flags.stdinFilename,
    output: undefined,
  });
  const result = validateInputs(inputs, options);
  const findings = [...unread, ...result.findings];
  const text = formatFindings(
    { ...result, findings, failOn, version },
    flags.format ?? 'pretty',
    flags.output === undefined ? paintFor(process.stdout) : PLAIN,
  );
  if (flags.output === undefined) writeStandardOutput([text]);
  else writeOutputs([{ path: flags.output, chunks: [text] }]);
  if (statusOf(findings) === EXIT.failed) return EXIT.failed;
  const tooMany = flags.maxWarnings !== undefined && countLevels(findings).warning > flags.maxWarnings;
  return tooMany || findings.some(({ level }) => isAtLeast(level, failOn)) ? EXIT.findings : EXIT.done;
}

function validateInputs(inputs: readonly Input[], options: ValidateOptions): ValidateResult {
  return validate(
    inputs.map(({ name, text, single }) => ({ name, text, found: !single })),
    options,
  );
}

function optionsOf({ api, type, forbid }: ValidateFlags): ValidateOptions {
  const askable = RULES.filter(({ onlyIfAsked }) => onlyIfAsked).map(({ code }) => code);
  for (const code of forbid) {
    if (!askable.includes(code)) throw new Failure(unknown('--forbid', code, askable));
  }
  const version = api === 'auto' ? undefined : api;
  return {
    ...(version !== undefined && { api: version }),
    ...(type !== undefined && { type: messageNamed(type, version) }),
    ask: new Set(forbid),
  };
}

/** The full name of a message that is given by it or by its last part. */
function messageNamed(name: string, api: Api | undefined): string {
  const names = messageNames().filter(
    (one) => one.startsWith('envoy.') && (api === undefined || one.includes('.v3.') === (api === 'v3')),
  );
  const found = names.find((one) => one === name) ?? names.find((one) => one.endsWith(`.${name}`));
  if (found === undefined)
    throw new Failure(
      unknown(
        '--type',
        name,
        names.map((one) => one.slice(one.lastIndexOf('.') + 1)),
      ),
    );
  return found;
}

function unknown(flag: string, value: string, known: readonly string[]): string {
  const meant = nearName(value, known);
  const choices = known.length < 10 ? `\n  it is one of ${known.join(', ')}` : '';
  return `${flag}: there is no ${JSON.stringify(value)}${meant === undefined ? choices : `\n  did you mean ${meant}?`}`;
}
