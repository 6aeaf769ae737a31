// Text of configurations in Markdown, where it must stay text, and the length that a comment may have.

import { visible } from '../secrecy/visible.js';

/** What GitHub takes of a comment is 65,536 characters; this leaves room for a last line. */
export const COMMENT_LIMIT = 65_000;

/** One value of a configuration can be longer than all else. */
const TEXT_LIMIT = 500;

/** Text that Markdown takes as it stands: no table, no HTML, no mention of a person. */
export function escaped(text: string): string {
  return bounded(text)
    .replace(/[&\\`*_[\]<>#|~]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replaceAll('@', '&#64;');
}

/** Text as code. In a table a bar is escaped, which a backslash right before it would undo. */
export function codeSpan(text: string): string {
  return `\`${bounded(text)
    .replaceAll('`', "'")
    .replace(/\\(?=\|)/g, '\\ ')
    .replaceAll('|', '\\|')}\``;
}

/** On one line, and without what acts on the text around it. */
function bounded(text: string): string {
  const line = visible(text.slice(0, TEXT_LIMIT).replace(/\s+/g, ' '));
  return text.length > TEXT_LIMIT ? `${line.replace(/[\ud800-\udbff]$/, '')}…` : line;
}
