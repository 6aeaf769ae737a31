// The language server: what an editor asks over the Language Server Protocol, answered from the folders that it
// has open. Diagnostics are those of `validate`.

import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CodeActionKind,
  type Connection,
  DidChangeWatchedFilesNotification,
  FileChangeType,
  type FileEvent,
  type InitializeParams,
  type InitializeResult,
  MessageType,
  type TextDocumentIdentifier,
  type TextDocumentPositionParams,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { addToGroup } from '../../collections/grouped.js';
import type { Finding } from '../../finding/finding.js';
import { tame } from '../../secrecy/tame.js';
import { PROJECT_FILE } from '../project-file.js';
import { version } from '../version.js';
import {
  type Asked,
  actions,
  completions,
  definitions,
  FIX_ALL,
  folds,
  hover,
  references,
  symbols,
  workspaceSymbols,
} from './answers.js';
import { diagnosticOf, uriOf } from './protocol.js';
import { Workspace } from './workspace.js';

/** A run waits for what else is typed: a part of the time that the last one took, between these bounds in milliseconds. */
const WAITED_PART = 1 / 4;
const SHORTEST_WAIT = 5;
const LONGEST_WAIT = 100;

/** Serves an editor until the connection ends. */
export function serve(connection: Connection): void {
  new Server(connection).listen();
}

class Server {
  private readonly documents = new TextDocuments(TextDocument);
  private workspaces: Workspace[] = [];
  /** Files outside of all folders, by path. */
  private readonly singles = new Map<string, Workspace>();
  private readonly due = new Map<Workspace, NodeJS.Timeout>();
  /** How long the last run of a folder took. */
  private readonly took = new Map<Workspace, number>();
  private watches = false;
  /** Settled once the folders were read. */
  private ready: Promise<unknown> = Promise.resolve();

  constructor(private readonly connection: Connection) {}

  listen(): void {
    const { connection, documents } = this;
    connection.onInitialize((params) => this.initialize(params));
    connection.onInitialized(() => this.initialized());
    connection.onDidChangeWatchedFiles(({ changes }) => this.filesChanged(changes));
    documents.onDidChangeContent(({ document }) => this.edited(document));
    documents.onDidClose(({ document }) => this.closed(document));
    this.answer();
    documents.listen(connection);
    connection.listen();
  }

  private answer(): void {
    const { connection } = this;
    connection.onHover((params) => this.at(params, hover, null));
    connection.onCompletion((params) => this.at(params, completions, []));
    connection.onDefinition((params) => this.at(params, definitions, []));
    connection.onReferences((params) =>
      this.at(params, (asked, offset) => references(asked, offset, params.context.includeDeclaration), []),
    );
    connection.onDocumentSymbol((params) => this.about(params, symbols, []));
    connection.onFoldingRanges((params) => this.about(params, folds, []));
    connection.onCodeAction((params) =>
      this.about(params, (asked) => actions(asked, params.range, params.context.only), []),
    );
    connection.onWorkspaceSymbol(async ({ query }) => {
      await this.ready;
      return this.workspaces.flatMap((workspace) => workspaceSymbols(workspace, query));
    });
  }

  /** Answers a question about a text that is open. */
  private async about<Answer>(
    { textDocument: { uri } }: { readonly textDocument: TextDocumentIdentifier },
    give: (asked: Asked) => Answer | Promise<Answer>,
    nothing: Answer,
  ): Promise<Answer> {
    const path = pathOf(uri);
    const workspace = await this.workspaceOf(path);
    const document = this.documents.get(uri);
    if (document === undefined) return nothing;
    // What was typed last may not have come there yet.
    workspace.edit(path, document.getText());
    return give({ workspace, path, document });
  }

  /** Answers a question about a place in a text that is open. */
  private at<Answer>(
    params: TextDocumentPositionParams,
    give: (asked: Asked, offset: number) => Answer | Promise<Answer>,
    nothing: Answer,
  ): Promise<Answer> {
    return this.about(params, (asked) => give(asked, asked.document.offsetAt(params.position)), nothing);
  }

  private initialize({ workspaceFolders, capabilities }: InitializeParams): InitializeResult {
    this.watches = capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true;
    this.workspaces = (workspaceFolders ?? []).map(({ uri }) => new Workspace(pathOf(uri), true, this.tell));
    this.ready = Promise.all(this.workspaces.map((one) => one.load()));
    return {
      serverInfo: { name: 'xdsc', version },
      capabilities: {
        textDocumentSync: TextDocumentSyncKind.Incremental,
        hoverProvider: true,
        completionProvider: { triggerCharacters: ['"', ' ', '.', '/'] },
        definitionProvider: true,
        referencesProvider: true,
        documentSymbolProvider: true,
        workspaceSymbolProvider: true,
        foldingRangeProvider: true,
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, FIX_ALL] },
      },
    };
  }

  private readonly tell = (message: string): void => {
    const params = { type: MessageType.Warning, message: tame(message) };
    void this.connection.sendNotification('window/logMessage', params);
  };

  private async initialized(): Promise<void> {
    if (!this.watches) return;
    const watchers = ['**/*.{yaml,yml,json}'].map((globPattern) => ({ globPattern }));
    await this.connection.client.register(DidChangeWatchedFilesNotification.type, { watchers });
  }

  /** The folder that a file is in, once it was read. */
  private async workspaceOf(path: string): Promise<Workspace> {
    await this.ready;
    // Of folders inside each other the inner one.
    const holding = this.workspaces.filter((one) => one.holds(path));
    const [own] = holding.sort((a, b) => b.root.length - a.root.length);
    const single = own ?? this.singles.get(path);
    if (single !== undefined) return single;
    const made = new Workspace(dirname(path), false, this.tell);
    this.singles.set(path, made);
    this.ready = made.load();
    return this.ready.then(() => made);
  }

  private async edited(document: TextDocument): Promise<void> {
    const path = pathOf(document.uri);
    const workspace = await this.workspaceOf(path);
    const latest = this.documents.get(document.uri);
    if (latest === undefined) return;
    workspace.edit(path, latest.getText());
    this.schedule(workspace);
  }

  private async closed({ uri }: TextDocument): Promise<void> {
    const path = pathOf(uri);
    const workspace = await this.workspaceOf(path);
    workspace.close(path);
    this.singles.delete(path);
    await this.connection.sendDiagnostics({ uri, diagnostics: [] });
    this.schedule(workspace);
  }

  private async filesChanged(changes: readonly FileEvent[]): Promise<void> {
    await this.ready;
    for (const workspace of this.workspaces) {
      const own = changes.filter(({ uri }) => workspace.holds(pathOf(uri)));
      if (own.length === 0) continue;
      // The globs of the project file may mean a new file.
      const asksProject = ({ uri, type }: FileEvent): boolean =>
        type === FileChangeType.Created || basename(uri) === PROJECT_FILE;
      if (own.some(asksProject)) await workspace.load();
      for (const { uri } of own) workspace.reread(pathOf(uri));
      this.schedule(workspace);
    }
  }

  private schedule(workspace: Workspace): void {
    clearTimeout(this.due.get(workspace));
    const wait = Math.min(
      LONGEST_WAIT,
      Math.max(SHORTEST_WAIT, WAITED_PART * (this.took.get(workspace) ?? 0)),
    );
    this.due.set(
      workspace,
      setTimeout(() => this.publish(workspace), wait),
    );
  }

  /** Sends what is wrong with the files that are open, and with the project file. */
  private publish(workspace: Workspace): void {
    const start = performance.now();
    const { findings } = workspace.validate().result;
    this.took.set(workspace, performance.now() - start);
    const byFile = new Map<string, Finding[]>();
    for (const finding of [...findings, ...workspace.projectFindings])
      if (finding.region !== undefined) addToGroup(byFile, finding.region.file, finding);
    for (const path of new Set([...workspace.openPaths, ...workspace.projectFile])) {
      const diagnostics = (byFile.get(path) ?? []).map(diagnosticOf);
      const document = this.documents.get(uriOf(path));
      void this.connection.sendDiagnostics({
        uri: uriOf(path),
        ...(document !== undefined && { version: document.version }),
        diagnostics,
      });
    }
  }
}

/** The path of a file; the URI where it names none. */
function pathOf(uri: string): string {
  return uri.startsWith('file:') ? fileURLToPath(uri) : uri;
}
