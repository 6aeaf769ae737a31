// Upgrades documents to v3: the edits that make each v3, and what was said on the way.

import type { Finding } from '../../finding/finding.js';
import { type Document, readSource, type Source } from '../../source/document.js';
import { applyEdits, type Edit, offsetBefore, sortEdits } from '../../source/edit.js';
import { aliasEdits } from '../../source/expand-aliases.js';
import type { FieldInfo } from '../api-table.js';
import { type DocumentRoot, detect } from '../detect.js';
import { type Interest, MessageReader } from '../message-reader.js';
import { isV3 } from './correspondence.js';
import type { OnUnknown } from './subject.js';
import { Walk } from './walk.js';

/** All fields are checked; what an Any holds is no field of it. */
const ALL_BUT_ANY: Interest = (type) => (type.name === 'google.protobuf.Any' ? NONE : undefined);
const NONE: ReadonlySet<FieldInfo> = new Set();

/** What an upgrade of a document gives. */
export interface Upgraded {
  /** In the order of the text. */
  readonly edits: readonly Edit[];
  /** `no-counterpart`, `left-out`, `check-meaning` and `unknown-extension` say what did not go over as it was. */
  readonly findings: readonly Finding[];
}

/**
 * Upgrades the messages of a document to v3.
 *
 * @param roots what the document holds, as `detect` finds it
 */
export function upgradeDocument(
  document: Document,
  roots: readonly DocumentRoot[],
  onUnknown: OnUnknown,
): Upgraded {
  const aliases = document.tape.aliases.length === 0 ? [] : aliasEdits(document.tape);
  if (aliases.length > 0) return upgradeWithoutAliases(document, aliases, roots, onUnknown);
  // Envoy refuses fields that it does not know. It may know more of v3 than this snapshot, but of v2 it cannot.
  const reader = new MessageReader(document, ALL_BUT_ANY, ({ name }) =>
    onUnknown === 'fail' && !isV3(name) ? 'error' : 'warning',
  );
  const walk = new Walk(reader, onUnknown);
  const edits: Edit[] = [];
  for (const { type, node } of roots) {
    const message = reader.read(type, node);
    if (message === undefined) continue;
    for (const edit of walk.edits(message)) edits.push(edit);
  }
  return {
    edits: sortEdits(edits),
    findings: onUnknown === 'keep' ? reader.findings.map(kept) : reader.findings,
  };
}

/** What is kept stays where it is, also where a run before this one kept it. */
function kept(finding: Finding): Finding {
  return finding.code === 'unknown-field' ? { ...finding, level: 'warning' } : finding;
}

/** Upgrades a document in which values have several readers: they are written out for each first. */
function upgradeWithoutAliases(
  document: Document,
  aliases: readonly Edit[],
  roots: readonly DocumentRoot[],
  onUnknown: OnUnknown,
): Upgraded {
  const { tape, source } = document;
  const expanded = editedSource(source, sortEdits([...aliases]));
  const alone = expanded.documents[source.documents.indexOf(document)] as Document;
  const [first] = roots;
  const api = roots.some(({ type }) => isV3(type.name)) ? 'v3' : 'v2';
  const found = first?.node === 0 ? [first] : detect(alone.tape, api).roots;
  const { edits, findings } = upgradeDocument(alone, found, onUnknown);
  if (edits.length === 0) return { edits, findings };
  const start = alone.tape.start(0);
  // An edit may take the comment behind the last line along.
  const end = Math.max(alone.tape.end(0), edits.at(-1)?.end ?? 0);
  const inside = edits.map((edit) => ({ ...edit, start: edit.start - start, end: edit.end - start }));
  const text = [...applyEdits(expanded.text.slice(start, end), inside)].join('');
  const beyond = end - alone.tape.end(0);
  return { edits: [{ start: tape.start(0), end: tape.end(0) + beyond, text }], findings };
}

/** A text with edits made in it, read again: its regions are those of the text before. */
export function editedSource(source: Source, edits: readonly Edit[]): Source {
  const before = offsetBefore(edits);
  return readSource(source.name, [...applyEdits(source.text, edits)].join(''), {
    format: source.format,
    region: (start, end) => source.region(before(start), before(end)),
  });
}
