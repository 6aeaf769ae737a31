// What is told on standard output: reports, as opposed to configuration, which goes there as it is.

import { tame, tameCommands } from '../secrecy/tame.js';
import { writeOutputs, writeStandardOutput } from './outputs.js';

/**
 * Writes a report to a file or, without one, to standard output; what looks like a secret is covered, and nothing
 * in it acts.
 *
 * @param format of the report: that of GitHub consists of workflow commands
 */
export function tellReport(text: string, output?: string, format?: string): void {
  const told = format === 'github' ? tameCommands(text) : tame(text);
  if (output === undefined) writeStandardOutput([told]);
  else writeOutputs([{ path: output, chunks: [told] }]);
}
