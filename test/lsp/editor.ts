// An editor, as far as a language server sees one: it starts `xdsc lsp --stdio` in a process, opens texts, types,
// and takes the diagnostics that come.

import { type ChildProcess, spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { vi } from 'vitest';
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import type {
  Diagnostic,
  Hover,
  InitializeResult,
  Position,
  PublishDiagnosticsParams,
  TextDocumentContentChangeEvent,
} from 'vscode-languageserver-protocol';
import { command } from '../cli/program.js';
import { at } from '../cli/xdsc.js';

/** An editor with one folder open: the test's. */
export class Editor {
  private readonly texts = new Map<string, { text: string; version: number }>();
  private readonly published = new Map<string, PublishDiagnosticsParams>();
  /** What the server logs. */
  readonly logged: string[] = [];

  private constructor(
    private readonly child: ChildProcess,
    readonly connection: MessageConnection,
    readonly capabilities: InitializeResult['capabilities'],
  ) {
    connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
      this.published.set(params.uri, params);
    });
  }

  /** Starts the server. */
  static async start({ folders = [''] }: { readonly folders?: readonly string[] } = {}): Promise<Editor> {
    const child = spawn(process.execPath, [...command(), 'lsp', '--stdio'], {
      cwd: '/',
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const connection = createMessageConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    const logged: string[] = [];
    connection.onRequest('client/registerCapability', () => null);
    connection.onNotification('window/logMessage', ({ message }: { message: string }) => {
      logged.push(message);
    });
    connection.listen();
    const { capabilities } = await connection.sendRequest<InitializeResult>('initialize', {
      processId: process.pid,
      rootUri: null,
      capabilities: { workspace: { didChangeWatchedFiles: { dynamicRegistration: true } } },
      workspaceFolders: folders.map((name) => ({ name, uri: uriOf(name) })),
    });
    const editor = new Editor(child, connection, capabilities);
    editor.logged.push(...logged);
    await connection.sendNotification('initialized', {});
    return editor;
  }

  /** Opens a text. */
  async open(name: string, text: string): Promise<void> {
    this.texts.set(name, { text, version: 1 });
    const languageId = name.endsWith('.json') ? 'json' : 'yaml';
    const textDocument = { uri: uriOf(name), languageId, version: 1, text };
    await this.connection.sendNotification('textDocument/didOpen', { textDocument });
  }

  /** Puts a text in the place of another one, as typing does. */
  async replace(name: string, found: string, text: string): Promise<void> {
    const document = this.document(name);
    const start = document.text.indexOf(found);
    if (start < 0) throw new Error(`${found} is not in ${name}`);
    const change: TextDocumentContentChangeEvent = {
      range: { start: this.position(name, start), end: this.position(name, start + found.length) },
      text,
    };
    document.text = document.text.slice(0, start) + text + document.text.slice(start + found.length);
    document.version++;
    await this.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri: uriOf(name), version: document.version },
      contentChanges: [change],
    });
  }

  /** Closes a text without saving it. */
  async close(name: string): Promise<void> {
    this.texts.delete(name);
    await this.connection.sendNotification('textDocument/didClose', { textDocument: { uri: uriOf(name) } });
  }

  /** Says that files were changed on the disk. */
  async changed(...names: string[]): Promise<void> {
    const changes = names.map((name) => ({ uri: uriOf(name), type: 2 }));
    await this.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
  }

  /** Waits for the diagnostics of the text as it is now. */
  async diagnostics(name: string): Promise<readonly Diagnostic[]> {
    const uri = uriOf(name);
    const version = this.texts.get(name)?.version;
    return vi.waitFor(
      () => {
        const found = this.published.get(uri);
        if (found === undefined || found.version !== version)
          throw new Error(`no diagnostics of ${name} yet`);
        return found.diagnostics;
      },
      { timeout: 15_000, interval: 5 },
    );
  }

  /** Waits until the diagnostics have these codes, in the order of the text. */
  async codes(name: string, ...codes: string[]): Promise<void> {
    await vi.waitFor(
      async () => {
        const found = (this.published.get(uriOf(name))?.diagnostics ?? []).map(({ code }) => code);
        if (found.join() !== codes.join()) throw new Error(`found [${found}], not [${codes}]`);
      },
      { timeout: 15_000, interval: 5 },
    );
  }

  /** Asks something about a place: where a text begins, or `offset` characters behind that. */
  ask<Answer>(method: string, name: string, found: string, offset = 0, more: object = {}): Promise<Answer> {
    const at = this.document(name).text.indexOf(found);
    if (at < 0) throw new Error(`${found} is not in ${name}`);
    return this.connection.sendRequest<Answer>(`textDocument/${method}`, {
      textDocument: { uri: uriOf(name) },
      position: this.position(name, at + offset),
      ...more,
    });
  }

  /** The text of a hover; undefined where nothing is shown. */
  async hover(name: string, found: string, offset = 0): Promise<string | undefined> {
    const hover = await this.ask<Hover | null>('hover', name, found, offset);
    return hover === null ? undefined : (hover.contents as { value: string }).value;
  }

  /** The text as the editor has it. */
  text(name: string): string {
    return this.document(name).text;
  }

  /** Ends the server as editors do, and gives its exit status. */
  async quit(): Promise<number | null> {
    const ended = new Promise<number | null>((done) => this.child.once('close', done));
    await this.connection.sendRequest('shutdown');
    await this.connection.sendNotification('exit');
    const status = await ended;
    this.connection.dispose();
    return status;
  }

  private document(name: string): { text: string; version: number } {
    const document = this.texts.get(name);
    if (document === undefined) throw new Error(`${name} is not open`);
    return document;
  }

  private position(name: string, offset: number): Position {
    const before = this.document(name).text.slice(0, offset).split('\n');
    return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
  }
}

/** The URI of a file of the test's folder. */
export function uriOf(name: string): string {
  return pathToFileURL(at(name)).href.replace(/\/$/, '');
}
