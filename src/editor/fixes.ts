// What an editor can do about a finding: the edits that it brings, the name that was probably meant, and a comment
// that silences it.

import { type Edit, type Finding, UNREADABLE } from '../finding/finding.js';
import { nearName } from '../finding/near-name.js';
import type { Document } from '../source/document.js';
import { outermostEdits } from '../source/embedded.js';
import { jsonScalar, yamlScalar } from '../source/scalar-text.js';
import { Kind, Style, type Tape } from '../source/tape.js';
import { innerOffset } from './inner-offset.js';

/** Something that can be done. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly Edit[];
  /** Whether it is what one wants: a fix of the finding's own, or the name that was meant. */
  readonly isPreferred: boolean;
}

/**
 * What can be done about a finding.
 *
 * @param documents of its file, those inside of strings first
 * @param text of its file
 */
export function fixesOf(finding: Finding, documents: readonly Document[], text: string): readonly Fix[] {
  const { code, edits, suggestion } = finding;
  const fixes: Fix[] = [];
  if (edits !== undefined) fixes.push({ title: `Fix ${code}`, edits, isPreferred: true });
  const renaming = suggestion === undefined ? undefined : suggestionEdits(finding, suggestion, documents);
  if (renaming !== undefined && edits === undefined)
    fixes.push({ title: `Change to ${suggestion}`, edits: renaming, isPreferred: true });
  const silencing = silence(finding, documents, text);
  if (silencing !== undefined)
    fixes.push({ title: `Silence ${code} for this line`, edits: [silencing], isPreferred: false });
  return fixes;
}

/** Puts the name that was meant in the place of the one that is there. */
function suggestionEdits(
  { region }: Finding,
  suggestion: string,
  documents: readonly Document[],
): readonly Edit[] | undefined {
  if (region === undefined) return undefined;
  for (const document of documents) {
    const { tape, source } = document;
    const end = innerOffset(source, region.end);
    const node = end === undefined ? undefined : scalarEndingAt(tape, end);
    if (node === undefined) continue;
    const written = tape.kind(node) === Kind.Key ? tape.name(node) : tape.string(node);
    const name = inPlaceOf(written, suggestion);
    if (name === undefined) continue;
    const text =
      tape.has(node, Style.Quoted) || document.format === 'json' ? jsonScalar(name) : yamlScalar(name);
    return outermostEdits(document, [{ start: tape.start(node), end: tape.end(node), text }]);
  }
  return undefined;
}

/** The key or scalar that ends at an offset. */
function scalarEndingAt(tape: Tape, offset: number): number | undefined {
  for (let node = tape.size - 1; node >= 0; node--) {
    const kind = tape.kind(node);
    const isScalar = kind === Kind.Key || (kind < Kind.Map && !tape.has(node, Style.Block));
    if (isScalar && tape.end(node) === offset && tape.start(node) < offset) return node;
  }
  return undefined;
}

/** What stands there after the change; undefined where the suggestion is about something else. */
function inPlaceOf(written: string, suggestion: string): string | undefined {
  const slash = written.lastIndexOf('/');
  // The name of a type, without the URL that it is in.
  if (slash >= 0 && !suggestion.includes('/') && /^[\w.]+\.[A-Z]\w*$/.test(suggestion))
    return written.slice(0, slash + 1) + suggestion;
  const isNear = nearName(written, [suggestion]) !== undefined;
  return isNear || written.toUpperCase().endsWith(suggestion.toUpperCase()) ? suggestion : undefined;
}

/** A comment above the line of a finding. */
function silence({ code, region }: Finding, documents: readonly Document[], text: string): Edit | undefined {
  if (region === undefined || UNREADABLE.has(code) || /silence/.test(code)) return undefined;
  const around = documents.find(({ source }) => innerOffset(source, region.start) !== undefined);
  if (around === undefined || around.format !== 'yaml') return undefined;
  const start = text.lastIndexOf('\n', region.start - 1) + 1;
  const indent = /^[ \t]*/.exec(text.slice(start))?.[0] ?? '';
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  return { start, end: start, text: `${indent}# xdsc-disable-next-line ${code}: TODO${newline}` };
}
