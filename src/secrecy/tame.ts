// The last thing that happens to a text before people see it, whatever it is and whoever wrote it: what looks
// like a secret is covered, and nothing in it acts but the colors of this program.

import { covered } from './quoted.js';
import { visible } from './visible.js';

/** Bold, faint, and the colors of errors, warnings and what is good, with their ends. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character starts a color
const COLOR = /(\x1b\[(?:1|2|22|31|32|33|39)m)/;

/** A text for people, of any number of lines. */
export function tame(text: string): string {
  return covered(text)
    .split('\n')
    .map((line) => tameLine(line))
    .join('\n');
}

/** A text that consists of workflow commands, whose data are escaped already. */
export function tameCommands(text: string): string {
  return covered(text);
}

function tameLine(line: string): string {
  if (!line.includes('\x1b')) return visible(line);
  const parts = line.split(COLOR);
  return parts.map((part, i) => (i % 2 === 1 ? part : visible(part))).join('');
}
