// Texts with a cursor in them, `¦`, and what the editor's questions about it give.

import { type Completion, completionsAt } from '../../src/editor/completion.js';
import { fixesOf } from '../../src/editor/fixes.js';
import { applyEdits, sortEdits } from '../../src/source/edit.js';
import { Reading } from '../../src/validate/reading.js';
import { type ValidatedRun, validateReadings } from '../../src/validate/validate.js';

const CURSOR = '¦';

/** A text without its cursor, and where that was. */
function cursorIn(marked: string): { readonly text: string; readonly offset: number } {
  const offset = marked.indexOf(CURSOR);
  if (offset < 0) throw new Error('there is no cursor');
  return { text: marked.replace(CURSOR, ''), offset };
}

/** Validates files together. */
function runOver(files: Readonly<Record<string, string>>): ValidatedRun {
  return validateReadings(
    Object.entries(files).map(([name, text]) => new Reading({ name, text, found: true })),
  );
}

/**
 * What is offered at the cursor.
 *
 * @param before the file as it was when it could last be read
 */
export function offered(
  marked: string,
  { name = 'a.yaml', before = '' }: { readonly name?: string; readonly before?: string } = {},
): readonly Completion[] {
  const { text, offset } = cursorIn(marked);
  const { run } = runOver({ [name]: before });
  return completionsAt(name, text, offset, { run, document: run.surveys[0]?.config.document, api: 'v3' });
}

/** The text with an offer taken. */
export function taken(marked: string, label: string, options?: Parameters<typeof offered>[1]): string {
  const { text } = cursorIn(marked);
  const offer = offered(marked, options).find((one) => one.label === label);
  if (offer === undefined) throw new Error(`${label} is not offered`);
  return text.slice(0, offer.start) + offer.text + text.slice(offer.end);
}

/** The text with the fix of a title applied, and the titles of all fixes of the text's findings. */
export function fixed(text: string, title: string, name = 'a.yaml'): string {
  const fix = allFixes(text, name).find((one) => one.title === title);
  if (fix === undefined) throw new Error(`no fix is called ${title}`);
  return [...applyEdits(text, sortEdits(fix.edits))].join('');
}

/** The titles of the fixes of all findings of a text. */
export function fixTitles(text: string, name = 'a.yaml'): readonly string[] {
  return allFixes(text, name).map(({ title }) => title);
}

function allFixes(text: string, name: string): ReturnType<typeof fixesOf>[number][] {
  const { result, run, read } = runOver({ [name]: text });
  const documents = [
    ...run.surveys.map(({ config }) => config.document),
    ...read.flatMap(({ source }) => source.documents),
  ];
  return result.findings.flatMap((finding) => fixesOf(finding, documents, text));
}
