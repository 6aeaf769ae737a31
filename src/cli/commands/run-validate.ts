// What `xdsc validate` does: reads the inputs, validates them together, mends what can be mended, and reports.

import { basename } from 'node:path';
import { messageNames } from '../../envoy/api-table.js';
import type { Api } from '../../envoy/detect.js';
import { type Level, UNREADABLE } from '../../finding/finding.js';
import { nearName } from '../../finding/near-name.js';
import { plural } from '../../finding/plural.js';
import { countLevels, isAtLeast } from '../../report/counts.js';
import { type FindingFormat, formatFindings } from '../../report/finding-formats.js';
import { type Paint, PLAIN } from '../../report/finding-text.js';
import { rulesPage } from '../../report/rules-page.js';
import { quoted } from '../../secrecy/quoted.js';
import { CODES } from '../../validate/codes.js';
import { applyFixes } from '../../validate/fix.js';
import { RULE_TEXTS, RULES } from '../../validate/rules/index.js';
import { AREAS } from '../../validate/startup/areas.js';
import { type ValidateOptions, type ValidateResult, validate } from '../../validate/validate.js';
import { versionsFor, versionsOfFile } from '../envoy-target.js';
import { EXIT, Failure, statusOf } from '../exit.js';
import { type FileSilences, fileSilences } from '../file-silences.js';
import { type Input, readInputs } from '../inputs.js';
import { writeManyOutputs, writeStandardOutput } from '../outputs.js';
import { readPolicies } from '../policies.js';
import { PROJECT_FILE, type Project, projectPath, readProject } from '../project-file.js';
import { paintFor, say } from '../terminal.js';
import { tellReport } from '../told.js';
import { version } from '../version.js';

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
  readonly skipUnknown?: boolean;
  readonly envoy?: string;
  readonly envoyBinary?: string;
  readonly static?: boolean;
  readonly dynamic?: boolean;
}

/** Runs the command and gives the exit status. */
export async function runValidate(paths: readonly string[], flags: ValidateFlags): Promise<number> {
  if (flags.rules) {
    writeStandardOutput([
      flags.format === 'markdown' ? rulesPage(RULES, AREAS, CODES) : rulesText(paintFor(process.stdout)),
    ]);
    return EXIT.done;
  }
  const project = readProject(flags.config);
  const silences = await fileSilences(project);
  const policies = await readPolicies(project);
  const given = paths.length > 0 ? paths : project.config.inputs.map((path) => projectPath(project, path));
  if (given.length === 0 && project.findings.length === 0)
    throw new Failure(`no input: pass files, directories or globs, or set inputs in ${PROJECT_FILE}`);
  const versions =
    flags.envoyBinary === undefined
      ? await versionsFor(flags.envoy ?? project.config.envoy)
      : await versionsOfFile(flags.envoyBinary);
  const options = {
    ...optionsOf(flags, project, silences),
    policies: policies.rules,
    ...(versions !== undefined && { versions }),
  };
  const { inputs, findings: unread } = await readInputs(given, {
    stdinFilename: flags.stdinFilename,
    output: undefined,
  });
  // The project file is no input of its own.
  const texts = inputs.filter(({ name, single }) => single || basename(name) !== PROJECT_FILE);
  const { result, fixed } = await validateAndFix(texts, options, flags);
  const findings = [...project.findings, ...policies.findings, ...unread, ...result.findings];
  // A run over some files proves nothing about silences for others.
  if (paths.length === 0) findings.push(...silences.findings());
  return report({ ...result, findings }, fixed, flags);
}

function report(result: ValidateResult, fixed: number, flags: ValidateFlags): number {
  const { findings } = result;
  const failOn = flags.failOn ?? 'error';
  const text = formatFindings(
    { ...result, failOn, version },
    flags.format ?? 'pretty',
    flags.output === undefined ? paintFor(process.stdout) : PLAIN,
  );
  tellReport(text, flags.output, flags.format);
  if (fixed > 0) say(`${plural(fixed, 'finding')} mended\n`);
  if (statusOf(findings) === EXIT.failed) return EXIT.failed;
  const tooMany = flags.maxWarnings !== undefined && countLevels(findings).warning > flags.maxWarnings;
  return tooMany || findings.some(({ level }) => isAtLeast(level, failOn)) ? EXIT.findings : EXIT.done;
}

/** Validates; then mends what can be mended, writes it, and validates what there is now. */
async function validateAndFix(
  inputs: readonly Input[],
  options: ValidateOptions,
  { fix, skipUnknown = false }: ValidateFlags,
): Promise<{ readonly result: ValidateResult; readonly fixed: number }> {
  const result = validateInputs(inputs, options, skipUnknown);
  if (!fix) return { result, fixed: 0 };
  const { texts, fixed } = applyFixes(inputs, result.findings);
  if (fixed === 0) return { result, fixed };
  const changed = inputs.flatMap((input, index) => {
    const text = texts[index] as string;
    if (text === input.text) return [];
    if (input.path === undefined)
      throw new Failure('--fix edits files in place and cannot edit standard input');
    return [{ path: input.path, chunks: [text] }];
  });
  const mended = inputs.map((input, index) => ({ ...input, text: texts[index] as string }));
  const after = validateInputs(mended, options, skipUnknown);
  const spoilt = unreadable(after).find((file) => !unreadable(result).includes(file));
  if (spoilt !== undefined)
    throw new Failure(`${spoilt} could not be read after its fixes, so nothing was written`);
  await writeManyOutputs(changed, { isDurable: true });
  return { result: after, fixed };
}

/** The files that cannot be read. */
function unreadable({ findings }: ValidateResult): string[] {
  return findings.flatMap(({ code, level, region }) =>
    level === 'error' && UNREADABLE.has(code) && region !== undefined ? [region.file] : [],
  );
}

function validateInputs(
  inputs: readonly Input[],
  options: ValidateOptions,
  skipUnknown: boolean,
): ValidateResult {
  return validate(
    inputs.map(({ name, text, single }) => ({ name, text, found: !single || skipUnknown })),
    options,
  );
}

function optionsOf(
  { api, type, forbid, static: isStatic, dynamic }: ValidateFlags,
  { config }: Project,
  { isSilenced }: FileSilences,
): ValidateOptions {
  const askable = RULES.filter(({ onlyIfAsked }) => onlyIfAsked).map(({ code }) => code);
  for (const code of forbid) {
    if (!askable.includes(code)) throw new Failure(unknown('--forbid', code, askable));
  }
  const version = api === 'auto' ? undefined : (api ?? config.api);
  return {
    ...(version !== undefined && { api: version }),
    ...(type !== undefined && { type: messageNamed(type, version) }),
    ...(isStatic === true && { delivery: 'static' }),
    ...(dynamic === true && { delivery: 'dynamic' }),
    levels: config.levels,
    ask: new Set(forbid),
    silenced: isSilenced,
  };
}

/** The list of the rules, for people. */
function rulesText(paint: Paint): string {
  return RULE_TEXTS.map(
    ({ code, level, finds, onlyIfAsked }) =>
      `${paint.strong(code)} ${paint.faint(onlyIfAsked ? '(off by default)' : `(${level})`)}\n  ${finds}\n`,
  ).join('');
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
  const choices = known.length < 10 ? `\n  expected one of ${known.join(', ')}` : '';
  return `${flag}: unknown value ${quoted(value)}${meant === undefined ? choices : `\n  did you mean ${meant}?`}`;
}
