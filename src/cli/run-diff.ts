// What `xdsc diff` does: reads two sides, compares them, prints the report and decides the exit status.

import { readSecretNames } from '../convert/secrets-file.js';
import { type DiffResult, diff } from '../diff/diff.js';
import type { Api } from '../envoy/detect.js';
import { type Finding, UNREADABLE } from '../finding/finding.js';
import { sortFindings } from '../finding/sort.js';
import { diffValue } from '../report/diff-json.js';
import { diffText } from '../report/diff-text.js';
import { findingText } from '../report/finding-text.js';
import type { SecretNames } from '../tls/secret-names.js';
import type { FailOn } from './diff-command.js';
import { EXIT, Failure } from './exit.js';
import { type Input, readInputs, readText } from './inputs.js';
import { writeStandardOutput } from './outputs.js';
import { paintFor, say } from './terminal.js';

/** The command's options as they were given. */
export interface DiffFlags {
  readonly format: 'pretty' | 'json';
  readonly failOn: readonly FailOn[];
  readonly only?: 'tls';
  readonly ignore: readonly string[];
  readonly secrets?: string;
  readonly api?: Api;
  readonly stdinFilename: string;
}

/** Runs the command and gives the exit status. */
export async function runDiff(paths: readonly string[], flags: DiffFlags): Promise<number> {
  const [old, now] = paths;
  if (old === undefined || now === undefined || paths.length !== 2)
    throw new Failure(
      `diff takes OLD and NEW, and ${paths.length === 1 ? 'one path' : `${paths.length} paths`} came; a folder or a glob in quotes is one side`,
    );
  if (old === '-' && now === '-') throw new Failure('only one side can be standard input');
  const findings: Finding[] = [];
  const secrets = readSecrets(flags.secrets, findings);
  const before = await readSide(old, flags, findings);
  const after = await readSide(now, flags, findings);
  const result = diff(before, after, {
    ignore: flags.ignore,
    ...(secrets !== undefined && { secrets }),
    ...(flags.only !== undefined && { only: flags.only }),
    ...(flags.api !== undefined && { api: flags.api }),
  });
  findings.push(...result.findings);
  for (const [path, count] of [
    [old, result.resources.old],
    [now, result.resources.new],
  ] as const) {
    if (count === 0 && !findings.some(isUnreadable))
      findings.push({
        code: 'unreadable',
        level: 'error',
        message: `${path}: there is no Envoy configuration in it`,
      });
  }
  const paint = paintFor(process.stderr);
  for (const finding of sortFindings(findings)) say(`${findingText(finding, paint)}\n`);
  // Half of a comparison is no verdict.
  if (findings.some(isUnreadable)) return EXIT.failed;
  writeStandardOutput([report({ ...result, findings: sortFindings(findings) }, flags)]);
  return fails(result, flags.failOn) ? EXIT.findings : EXIT.done;
}

function readSecrets(path: string | undefined, findings: Finding[]): SecretNames | undefined {
  if (path === undefined) return undefined;
  const text = readText(path, path);
  if ('code' in text) {
    findings.push(text);
    return undefined;
  }
  const read = readSecretNames(path, text.text);
  findings.push(...read.findings);
  return read.names;
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

function report(result: DiffResult, { format }: DiffFlags): string {
  if (format === 'json') return `${JSON.stringify(diffValue(result), null, 2)}\n`;
  return diffText(result, paintFor(process.stdout));
}

/** Whether a result has what a run is to fail on. */
function fails({ verdict, changes }: DiffResult, failOn: readonly FailOn[]): boolean {
  return failOn.some((what) => {
    switch (what) {
      case 'none':
        return false;
      case 'any':
        return changes.length > 0;
      case 'trust':
        return verdict.trust !== 'same';
      default:
        return changes.some(({ tls }) => tls?.class === what);
    }
  });
}

function isUnreadable({ level, code }: Finding): boolean {
  return level === 'error' && (UNREADABLE.has(code) || code === 'secrets-file');
}
