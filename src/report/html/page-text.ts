// Text of configurations in the page: nothing in it turns the direction of what stands beside it, and no single
// word fills the page.

import { covered } from '../../secrecy/quoted.js';
import { visibleLines } from '../../secrecy/visible.js';

/** The longest word that a cell or a heading has whole. */
const LONGEST = 200;

/** The text with its longest words cut in the middle. */
export function elided(text: string): string {
  return text.replace(WORDS, (word) => {
    const characters = [...word];
    return [...characters.slice(0, LONGEST / 2), '…', ...characters.slice(-LONGEST / 4)].join('');
  });
}

const WORDS = new RegExp(`\\S{${LONGEST + 1},}`, 'gu');

/** A value with each text in it changed. */
export function mapTexts<T>(value: T, change: (text: string) => string): T {
  if (typeof value === 'string') return change(value) as T;
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, mapTexts(member, change)]),
  ) as T;
}

/** Text as the page shows it: what looks like a secret is covered; its lines stay lines. */
export function pageText(text: string): string {
  return visibleLines(covered(text));
}
