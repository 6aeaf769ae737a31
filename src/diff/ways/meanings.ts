// Short questions to meanings.

import { type Meaning, MessageMeaning } from '../meaning/meaning.js';

/** A field of a message; undefined where it is absent, says the default, or there is no message. */
export function fieldOf(meaning: Meaning | undefined, ...path: readonly string[]): Meaning | undefined {
  let at = meaning;
  for (const name of path) {
    if (at instanceof MessageMeaning) at = at.get(name);
    else if (at?.shape === 'map') at = at.members.get(name);
    else return undefined;
  }
  return at;
}

/** The items of a list; none where there is no list. */
export function itemsOf(meaning: Meaning | undefined, ...path: readonly string[]): readonly Meaning[] {
  const list = fieldOf(meaning, ...path);
  return list?.shape === 'list' ? list.items : [];
}

/** A scalar as text; undefined where there is none. */
export function textOf(meaning: Meaning | undefined, ...path: readonly string[]): string | undefined {
  const scalar = fieldOf(meaning, ...path);
  return scalar?.shape === 'scalar' && scalar.value !== null ? String(scalar.value) : undefined;
}

/** Texts of a list of scalars. */
export function textsOf(meaning: Meaning | undefined, ...path: readonly string[]): string[] {
  return itemsOf(meaning, ...path).flatMap((item) => textOf(item) ?? []);
}

/** Whether a switch is on. */
export function isOn(meaning: Meaning | undefined, ...path: readonly string[]): boolean {
  const scalar = fieldOf(meaning, ...path);
  return scalar?.shape === 'scalar' && scalar.value === true;
}

/** Whether a switch is off, and not only left out. */
export function isOff(meaning: Meaning | undefined, ...path: readonly string[]): boolean {
  const scalar = fieldOf(meaning, ...path);
  return scalar?.shape === 'scalar' && scalar.value === false;
}

/** The last part of a message's type name; undefined for what is no message. */
export function typeOf(meaning: Meaning | undefined): string | undefined {
  return meaning instanceof MessageMeaning ? meaning.type.shortName : undefined;
}
