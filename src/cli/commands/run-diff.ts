// What `xdsc diff` does: reads two sides, compares them, prints the report and decides the exit status.

import { type DiffInput, type DiffOptions, type DiffResult, diff } from '../../diff/diff.js';
import { type FailOn, fails } from '../../diff/fail-on.js';
import { type Renames, readRenames } from '../../diff/renames.js';
import type { Api } from '../../envoy/detect.js';
import { type Finding, UNREADABLE } from '../../finding/finding.js';
import { sortFindings } from '../../finding/sort.js';
import { type DiffFormat, formatDiff } from '../../report/diff-formats.js';
import { findingText, PLAIN } from '../../report/finding-text.js';
import { visible } from '../../secrecy/visible.js';
import type { SecretNames } from '../../tls/secret-names.js';
import { EXIT, Failure } from '../exit.js';
import { readFlag } from '../flag-file.js';
import { type Input, readInputs, readText } from '../inputs.js';
import { readSecrets } from '../secrets.js';
import { paintFor, say } from '../terminal.js';
import { tellReport } from '../told.js';

/** The command's options as they were given. */
export interface DiffFlags {
  readonly format: DiffFormat;
  readonly git?: boolean;
  readonly failOn: readonly FailOn[];
  readonly only?: 'tls';
  readonly ignore: readonly string[];
  readonly secrets?: string;
  readonly rename?: string;
  readonly api?: Api;
  readonly output?: string;
  readonly stdinFilename: string;
}

/** Runs the command and gives the exit status. */
export async function runDiff(paths: readonly string[], flags: DiffFlags): Promise<number> {
  if (flags.git === true) return runGitDiff(paths, flags);
  const [old, now] = paths;
  if (old === undefined || now === undefined || paths.length !== 2)
    throw new Failure(
      `diff takes exactly two paths, OLD and NEW, but got ${paths.length === 1 ? 'one path' : `${paths.length} paths`}; quote a glob so that it counts as one side`,
    );
  if (old === '-' && now === '-') throw new Failure('only one side can be standard input');
  const findings: Finding[] = [];
  const secrets = readSecrets(flags.secrets, findings);
  const renames =
    flags.rename === undefined ? undefined : readFlag(flags.rename, readRenames, findings)?.renames;
  const before = await readSide(old, flags, findings);
  const after = await readSide(now, flags, findings);
  const result = diff(before, after, optionsOf(flags, secrets, renames));
  findings.push(...result.findings);
  for (const [path, count] of [
    [old, result.resources.old],
    [now, result.resources.new],
  ] as const) {
    if (count === 0 && !findings.some(isUnreadable))
      findings.push({
        code: 'unreadable',
        level: 'error',
        message: `${path}: no Envoy configuration found`,
      });
  }
  const paint = paintFor(process.stderr);
  for (const finding of sortFindings(findings)) say(`${findingText(finding, paint)}\n`);
  // Half of a comparison is no verdict.
  if (findings.some(isUnreadable)) return EXIT.failed;
  const text = await report({ ...result, findings: sortFindings(findings) }, flags);
  tellReport(text, flags.output, flags.format);
  return fails(result, flags.failOn) ? EXIT.findings : EXIT.done;
}

/** What git gives its external diff, and for a file that was renamed two more. */
const GIT_ARGUMENTS = [7, 9];

/**
 * Stands in for git's own diff of one file. git takes any status but 0 for a crash, so what cannot be compared
 * is told in the output as well.
 */
async function runGitDiff(paths: readonly string[], flags: DiffFlags): Promise<number> {
  const [path, oldFile, , , newFile] = paths;
  // For a path that is not merged, git gives the path alone.
  if (path !== undefined && paths.length === 1) {
    tellReport(`xdsc diff ${visible(path)}: not merged\n`);
    return EXIT.done;
  }
  if (
    path === undefined ||
    oldFile === undefined ||
    newFile === undefined ||
    !GIT_ARGUMENTS.includes(paths.length)
  )
    throw new Failure(`--git takes the seven arguments of git's external diff, but got ${paths.length}`);
  const findings: Finding[] = [];
  const read = (file: string): readonly DiffInput[] => {
    if (file === '/dev/null') return [];
    const text = readText(path, file);
    if ('text' in text) return [{ name: path, text: text.text }];
    findings.push(text);
    return [];
  };
  const secrets = readSecrets(flags.secrets, findings);
  const renames =
    flags.rename === undefined ? undefined : readFlag(flags.rename, readRenames, findings)?.renames;
  const result = diff(read(oldFile), read(newFile), optionsOf(flags, secrets, renames));
  findings.push(...result.findings);
  const paint = paintFor(process.stdout);
  const isReadable = !findings.some(isUnreadable) && result.resources.old + result.resources.new > 0;
  const body = isReadable
    ? await report({ ...result, findings }, flags)
    : `${sortFindings(findings)
        .map((finding) => `${findingText(finding, paint)}\n`)
        .join('')}not compared\n`;
  tellReport(`${paint.strong(`xdsc diff ${visible(path)}`)}\n${body}\n`);
  return EXIT.done;
}

function optionsOf(
  flags: DiffFlags,
  secrets: SecretNames | undefined,
  renames: Renames | undefined,
): DiffOptions {
  return {
    ignore: flags.ignore,
    ...(secrets !== undefined && { secrets }),
    ...(renames !== undefined && { renames }),
    ...(flags.only !== undefined && { only: flags.only }),
    ...(flags.api !== undefined && { api: flags.api }),
  };
}

async function readSide(
  path: string,
  { stdinFilename }: DiffFlags,
  findings: Finding[],
): Promise<readonly Input[]> {
  const read = await readInputs([path], { stdinFilename, output: undefined });
  findings.push(...read.findings);
  return read.inputs;
}

function report(result: DiffResult, { format, output }: DiffFlags): Promise<string> {
  return formatDiff(result, format, output === undefined ? paintFor(process.stdout) : PLAIN);
}

function isUnreadable({ level, code }: Finding): boolean {
  return level === 'error' && (UNREADABLE.has(code) || code === 'secrets-file' || code === 'rename-file');
}
