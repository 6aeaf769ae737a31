// What is told on standard output: reports, as opposed to configuration, which goes there as it is.

import { covered } from '../secrecy/quoted.js';
import { writeOutputs, writeStandardOutput } from './outputs.js';

/** Writes a report to a file or, without one, to standard output; what looks like a secret is covered. */
export function tellReport(text: string, output?: string): void {
  if (output === undefined) writeStandardOutput([covered(text)]);
  else writeOutputs([{ path: output, chunks: [covered(text)] }]);
}
