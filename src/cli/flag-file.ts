// Files that flags name: a mesh's settings, a proxy, the names of secrets, values of a chart.

import type { Finding } from '../finding/finding.js';
import { readText } from './inputs.js';

/** Reads the file that a flag names. What is wrong in it is told with what is wrong in the inputs. */
export function readFlag<T extends { readonly findings: readonly Finding[] }>(
  path: string,
  reader: (name: string, text: string) => T,
  findings: Finding[],
): T | undefined {
  const read = readText(path, path);
  if ('code' in read) {
    findings.push(read);
    return undefined;
  }
  const result = reader(path, read.text);
  findings.push(...result.findings);
  return result;
}
