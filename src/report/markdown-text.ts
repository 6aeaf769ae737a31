// Text of configurations in Markdown, where it must stay text, and the length that a comment may have.

/** What GitHub takes of a comment is 65,536 characters; this leaves room for a last line. */
export const COMMENT_LIMIT = 65_000;

/** One value of a configuration can be longer than all else. */
const TEXT_LIMIT = 500;

/** Text that Markdown takes as it stands: no table, no HTML, no mention of a person. */
export function escaped(text: string): string {
  return bounded(text)
    .replace(/[&\\`*_[\]<>#|~]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replaceAll('@', '&#64;')
    .replace(/\s+/g, ' ');
}

/** Text as code. */
export function codeSpan(text: string): string {
  return `\`${bounded(text).replaceAll('`', "'").replaceAll('|', '\\|').replace(/\s+/g, ' ')}\``;
}

function bounded(text: string): string {
  return text.length > TEXT_LIMIT ? `${text.slice(0, TEXT_LIMIT)}…` : text;
}
