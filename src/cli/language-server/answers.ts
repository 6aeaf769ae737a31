// Answers to what an editor asks about a text, in the form of the Language Server Protocol.

import {
  type CodeAction,
  CodeActionKind,
  type CompletionItem,
  CompletionItemKind,
  CompletionItemTag,
  type DocumentSymbol,
  type FoldingRange,
  FoldingRangeKind,
  type Hover,
  type Location,
  MarkupKind,
  type Range,
  SymbolKind,
  type TextEdit,
  type WorkspaceSymbol,
} from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { type Completion, completionsAt } from '../../editor/completion.js';
import { definitionsAt, type EditedFile, referencesAt } from '../../editor/definition.js';
import { fixesOf } from '../../editor/fixes.js';
import { foldsOf } from '../../editor/folding.js';
import { explanationAt } from '../../editor/hover.js';
import { namesIn } from '../../editor/names.js';
import { placeAt } from '../../editor/place.js';
import { type SymbolAt, symbolOfName, symbolsOf } from '../../editor/symbols.js';
import type { Edit, Finding, Region } from '../../finding/finding.js';
import { explanationMarkdown } from '../../report/explanation-markdown.js';
import { bounded } from '../../secrecy/quoted.js';
import { visible } from '../../secrecy/visible.js';
import { compatible } from '../../validate/fix.js';
import { diagnosticOf, rangeOf, uriOf } from './protocol.js';
import type { Workspace } from './workspace.js';

/** The text that is asked about, and the folder that it is in. */
export interface Asked {
  readonly workspace: Workspace;
  readonly path: string;
  readonly document: TextDocument;
}

/** What the API says of what the cursor is on. */
export async function hover({ workspace, path }: Asked, offset: number): Promise<Hover | null> {
  const place = placeAt(workspace.configs(path), offset);
  const explained = place === undefined ? undefined : explanationAt(place);
  if (place === undefined || explained === undefined) return null;
  // The history is large: loaded when it is first asked for.
  const { lifetimeOf } = await import('../../envoy/versions/history.js');
  const { lifetimeWords } = await import('../../envoy/versions/lifetime-words.js');
  const life = lifetimeOf(explained.element.type, explained.element.member);
  const { tape, document } = place.message.reader;
  const value = explanationMarkdown(explained, life && lifetimeWords(life, undefined));
  const range = rangeOf(document.source.region(tape.start(place.node), tape.end(place.node)));
  return { contents: { kind: MarkupKind.Markdown, value }, range };
}

/** What may stand at the cursor. */
export function completions({ workspace, path, document }: Asked, offset: number): CompletionItem[] {
  const text = document.getText();
  const { run, configs } = workspace.lastRead(path);
  const [last] = configs;
  const surroundings = { run, document: last?.document, api: last?.detected.api ?? workspace.api ?? 'v3' };
  return completionsAt(path, text, offset, surroundings).map((one) => itemOf(one, document, text));
}

const ITEM_KINDS: Readonly<Record<Completion['kind'], CompletionItemKind>> = {
  field: CompletionItemKind.Field,
  value: CompletionItemKind.EnumMember,
  type: CompletionItemKind.Class,
  name: CompletionItemKind.Reference,
};

function itemOf(completion: Completion, document: TextDocument, text: string): CompletionItem {
  const { label, kind, detail, description, deprecated, start, end } = completion;
  const range = { start: document.positionAt(start), end: document.positionAt(end) };
  const [quote = ''] = /^["']/.exec(text.charAt(start)) ?? [];
  return {
    label,
    kind: ITEM_KINDS[kind],
    ...(detail !== undefined && { detail }),
    ...(description !== undefined && { documentation: description }),
    // What is deprecated comes last.
    ...(deprecated && { tags: [CompletionItemTag.Deprecated] }),
    sortText: `${deprecated ? 1 : 0}${label}`,
    filterText: quote + label,
    textEdit: { range, newText: completion.text },
  };
}

/** The places that define what the cursor is on. */
export function definitions(asked: Asked, offset: number): Location[] {
  const { run } = asked.workspace.validate();
  return definitionsAt(run, editedFile(asked), offset).map(locationOf);
}

/** The places that name what the cursor is on. */
export function references({ workspace, path }: Asked, offset: number, withDefinition: boolean): Location[] {
  return referencesAt(workspace.validate().run, path, offset, withDefinition).map(locationOf);
}

function locationOf(region: Region): Location {
  return { uri: uriOf(region.file), range: rangeOf(region) };
}

function editedFile({ workspace, path }: Asked): EditedFile {
  return {
    name: path,
    documents: workspace.reading(path)?.source.documents ?? [],
    configs: workspace.configs(path),
  };
}

/** What can be done about the findings in a range, and about all findings of the text. */
export function actions(asked: Asked, range: Range, only: readonly string[] | undefined): CodeAction[] {
  const { workspace, path, document } = asked;
  const [start, end] = [document.offsetAt(range.start), document.offsetAt(range.end)];
  const findings = workspace.validate().result.findings.filter(({ region }) => region?.file === path);
  const isWanted = (kind: string): boolean => only === undefined || only.some((one) => kind.startsWith(one));
  const found: CodeAction[] = [];
  if (isWanted(CodeActionKind.QuickFix)) {
    const { documents, configs } = editedFile(asked);
    const inside = [...configs.map((config) => config.document), ...documents];
    for (const finding of findings) {
      const { region } = finding;
      if (region === undefined || region.start > end || region.end < start) continue;
      for (const fix of fixesOf(finding, inside, document.getText()))
        found.push({
          title: visible(bounded(fix.title)),
          kind: CodeActionKind.QuickFix,
          diagnostics: [diagnosticOf(finding)],
          ...(fix.isPreferred && { isPreferred: true }),
          edit: { changes: { [document.uri]: textEdits(document, fix.edits) } },
        });
    }
  }
  if (isWanted(FIX_ALL)) found.push(...fixAll(document, findings));
  return found;
}

/** The kind of what `--fix` does. */
export const FIX_ALL = `${CodeActionKind.SourceFixAll}.xdsc`;

function fixAll(document: TextDocument, findings: readonly Finding[]): CodeAction[] {
  const { edits, count } = compatible(findings.flatMap((finding) => (finding.edits ? [finding.edits] : [])));
  if (count === 0) return [];
  return [
    {
      title: 'Apply all automatic fixes',
      kind: FIX_ALL,
      edit: { changes: { [document.uri]: textEdits(document, edits) } },
    },
  ];
}

function textEdits(document: TextDocument, edits: readonly Edit[]): TextEdit[] {
  return edits.map(({ start, end, text }) => ({
    range: { start: document.positionAt(start), end: document.positionAt(end) },
    newText: text,
  }));
}

/** What the text holds, by name. */
export function symbols({ workspace, path }: Asked): DocumentSymbol[] {
  const surveys = workspace
    .validate()
    .run.surveys.filter(({ config }) => config.document.source.name === path);
  const documents = workspace.reading(path)?.source.documents ?? [];
  return symbolsOf(documents, surveys).map(symbolOf);
}

function symbolOf({ name, what, region, selection, children }: SymbolAt): DocumentSymbol {
  return {
    // An empty name is an error in the protocol.
    name: name === '' ? '(no name)' : name,
    detail: what,
    kind: symbolKind(what),
    range: rangeOf(region),
    selectionRange: rangeOf(selection),
    children: children.map(symbolOf),
  };
}

/** The resources of a folder whose names hold a text. */
export function workspaceSymbols(workspace: Workspace, query: string): WorkspaceSymbol[] {
  const names = workspace.validate().run.surveys.flatMap(namesIn);
  return names
    .filter(({ defines, name }) => defines && name.toLowerCase().includes(query.toLowerCase()))
    .map(symbolOfName)
    .map(({ name, what, selection }) => ({
      name,
      kind: symbolKind(what),
      containerName: what,
      location: locationOf(selection),
    }));
}

const SYMBOL_KINDS: Readonly<Record<string, SymbolKind>> = {
  cluster: SymbolKind.Module,
  listener: SymbolKind.Interface,
  route: SymbolKind.Method,
  secret: SymbolKind.Key,
  'filter chain': SymbolKind.Field,
  'virtual host': SymbolKind.Field,
};

function symbolKind(what: string): SymbolKind {
  return SYMBOL_KINDS[what] ?? SymbolKind.Object;
}

/** What of the text can be folded. */
export function folds({ workspace, path }: Asked): FoldingRange[] {
  const reading = workspace.reading(path);
  if (reading === undefined) return [];
  const inner = new Set(workspace.configs(path).map(({ document }) => document.source));
  inner.delete(reading.source);
  return foldsOf(reading.source, [...inner]).map(({ first, last, isComment }) => ({
    startLine: first - 1,
    endLine: last - 1,
    ...(isComment && { kind: FoldingRangeKind.Comment }),
  }));
}
