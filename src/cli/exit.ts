// Exit statuses, and what an error that ends the program tells the user.

import { type Finding, UNREADABLE } from '../finding/finding.js';
import { bounded } from '../secrecy/quoted.js';
import { paintFor, say } from './terminal.js';

/** Done; findings about content; usage, or input or output that failed. */
export const EXIT = { done: 0, findings: 1, failed: 2 } as const;

/** The status of a run with these findings, as far as they decide on it. */
export function statusOf(findings: readonly Finding[]): number {
  const errors = findings.filter(({ level }) => level === 'error');
  if (errors.length === 0) return EXIT.done;
  return errors.some(({ code }) => UNREADABLE.has(code)) ? EXIT.failed : EXIT.findings;
}

/** Ends the program with a message and status 2: usage, or output that failed. */
export class Failure extends Error {}

/** What ended the program, for the user. A mistake of the program's own names itself as one. */
export function messageOf(error: unknown): string {
  if (error instanceof Failure) return bounded(error.message);
  if (process.env.XDSC_DEBUG && error instanceof Error) return String(error.stack);
  return `internal error in xdsc, not caused by your input: ${withoutQuotes(error)}\n  please report it; XDSC_DEBUG=1 prints a stack trace`;
}

/** The message of an error without what it quotes, which may be part of an input. */
function withoutQuotes(error: unknown): string {
  const [line = ''] = String(error).split('\n', 1);
  return bounded(line.replace(/(["'`]).*\1/, '…'));
}

/** Says what ended the program, and gives the exit status. */
export function reportFailure(error: unknown): number {
  say(`${paintFor(process.stderr).error('error')}: ${messageOf(error)}\n`);
  return EXIT.failed;
}
