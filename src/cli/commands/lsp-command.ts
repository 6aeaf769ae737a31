// `xdsc lsp`: its options and help.

import { Command } from 'commander';

/** The command, ready to be added to the program. */
export function lspCommand(): Command {
  return new Command('lsp')
    .description('Serve an editor over the Language Server Protocol.')
    .helpOption('-h, --help', 'print this help')
    .option('--stdio', 'communicate over standard input and output (required)')
    .option('--clientProcessId <pid>', 'exit when this process ends')
    .addHelpText('after', AFTER_HELP)
    .action(async (flags: { readonly stdio?: true }) => {
      // Loaded now, so that other commands and --help do without it.
      const { runLsp } = await import('./run-lsp.js');
      runLsp(flags);
    });
}

const AFTER_HELP = `
Editors start this command. docs/editors.md has the settings for each.
`;
