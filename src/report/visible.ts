// Text of configurations on its way to people: what would act on a terminal or turn the direction of the text
// around it is shown as an escape.

/** Controls, ends of lines, and marks that turn the direction of what follows. */
const ACTS = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** The text with escapes in the place of characters that act; tabs stay. */
export function visible(text: string): string {
  return text.replace(ACTS, (character) => {
    if (character === '\t') return character;
    if (character === '\n') return '\\n';
    return `\\u${(character.codePointAt(0) as number).toString(16).padStart(4, '0')}`;
  });
}
