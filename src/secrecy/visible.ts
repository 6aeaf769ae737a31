// Text of inputs on its way to people: characters that act on a terminal, turn the direction of the text or
// hide in it, and what a CI service reads as a command, are shown as escapes.

/** Controls (C0 and C1), ends of lines, marks that turn the direction of what follows, and invisible ones. */
const ACTS = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/gu;

/** The same without what JSON itself has between its values. */
const ACTS_IN_JSON = new RegExp(`(?![\\n\\t])${ACTS.source}`, 'gu');

/** The text with escapes in place of characters that act; tabs stay. */
export function visible(text: string): string {
  return withoutCommands(text.replace(ACTS, escapeOf));
}

/** As `visible`, for text of several lines: line ends stay as well. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n');
}

/** JSON with escapes in place of the characters that act, which JSON itself lets pass; its value stays the same. */
export function visibleJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(ACTS_IN_JSON, escapeOf);
}

function escapeOf(character: string): string {
  if (character === '\t') return character;
  if (character === '\n') return '\\n';
  return `\\u${(character.codePointAt(0) as number).toString(16).padStart(4, '0')}`;
}

/**
 * The text without workflow commands: GitHub's runner takes a line that begins with `::`, and in its older form
 * anything with `##[` (actions/runner, ActionCommand.cs).
 */
function withoutCommands(text: string): string {
  return text.replace(/^(\s*):(?=:)/, '$1\\u003a').replaceAll('##[', '#\\u0023[');
}
