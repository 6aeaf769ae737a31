// Workflow commands of GitHub Actions. Escaping as in @actions/toolkit's command.ts.

import { visibleLines } from '../secrecy/visible.js';

/** A name and its value. */
export type Property = readonly [string, string | number];

/** A command that GitHub shows at a place of a file. */
export function workflowCommand(
  command: 'error' | 'warning' | 'notice',
  properties: readonly Property[],
  text: string,
): string {
  const written = properties.map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  return `::${command} ${written.join(',')}::${escapeData(text)}`;
}

function escapeData(text: string): string {
  return visibleLines(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
