// What `xdsc lsp` does: serves an editor until the connection ends.

import {
  createConnection,
  ProposedFeatures,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { Failure } from '../exit.js';
import { serve } from '../language-server/server.js';

/** Runs the command. */
export function runLsp({ stdio }: { readonly stdio?: true }): void {
  if (stdio !== true) throw new Failure('lsp: pass --stdio; no other transport is supported');
  serve(
    createConnection(
      ProposedFeatures.all,
      new StreamMessageReader(process.stdin),
      new StreamMessageWriter(process.stdout),
    ),
  );
}
