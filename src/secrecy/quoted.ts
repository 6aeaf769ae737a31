// How texts of inputs appear in messages. Every message that says a name or a value passes it through here, so
// that none is longer than it may be, none acts on what shows it, and none is a secret.

import { holdsSecret, looksLikeKey, withoutSecrets } from './looks-secret.js';
import { visible, visibleLines } from './visible.js';

/** A name up to this length is shown whole. */
const NAME_LENGTH = 160;
/** A value that is wrong is shown up to this length. */
const VALUE_LENGTH = 64;
/** A message is cut behind this length. */
const MESSAGE_LENGTH = 1000;

/** A name, address or path in quotes; one that shows itself to be a secret by its length only. */
export function quoted(name: string): string {
  if (holdsSecret(name)) return withheld(name);
  return visible(JSON.stringify(name.length > NAME_LENGTH ? `${cut(name, NAME_LENGTH)}…` : name));
}

/** The name of a field or another key in quotes; one that could be a value by its length only. */
export function quotedKey(name: string): string {
  return isHarmlessName(name) ? visible(JSON.stringify(name)) : withheld(name);
}

/** The name of a field as a step of a path. */
export function shownName(name: string): string {
  return isHarmlessName(name) ? visible(name) : withheld(name);
}

/** A value that is not what was expected: shown where it is short, printable and does not look like a key. */
export function quotedValue(value: string): string {
  return isHarmlessValue(value) ? JSON.stringify(value) : withheld(value);
}

/** Whether a value of a field that is not sensitive may be shown although it is not what was expected. */
export function isHarmlessValue(value: string): boolean {
  return value.length < VALUE_LENGTH && visible(value) === value && !looksLikeKey(value);
}

/** What is said in place of a value. */
export function withheld(value: string): string {
  return `(${value.length === 1 ? '1 character' : `${value.length} characters`}, not shown)`;
}

/** Whether the name of a field, or another key, may be shown. */
export function isHarmlessName(name: string): boolean {
  return name.length <= NAME_LENGTH && !looksLikeKey(name);
}

/** A message as a whole, once more without what shows itself to be a secret, and not too long. */
export function bounded(message: string): string {
  const text = visibleLines(covered(message));
  return text.length > MESSAGE_LENGTH ? `${cut(text, MESSAGE_LENGTH)}…` : text;
}

/** Text in which whatever shows itself to be a secret is covered. */
export function covered(text: string): string {
  return withoutSecrets(text, () => COVER);
}

const COVER = '•••';

/** The beginning of a text, with no half of a character at its end. */
function cut(text: string, length: number): string {
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
}
