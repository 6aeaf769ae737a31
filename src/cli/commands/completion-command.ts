// `xdsc completion`: its arguments and help.

import { Argument, Command } from 'commander';
import type { Shell } from '../completion.js';
import { tellReport } from '../told.js';

/** The command, ready to be added to the program. */
export function completionCommand(): Command {
  const command = new Command('completion')
    .description('Print the completion script of a shell.')
    .addArgument(new Argument('<shell>', 'shell to complete in').choices(['bash', 'zsh', 'fish']))
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', EXAMPLES)
    .action(async (shell: Shell) => {
      const { completionScript } = await import('../completion.js');
      tellReport(completionScript(command.parent as Command, shell));
    });
  return command;
}

const EXAMPLES = `
In the shell's start-up file:
  eval "$(xdsc completion bash)"      ~/.bashrc
  eval "$(xdsc completion zsh)"       ~/.zshrc, after compinit
  xdsc completion fish | source       ~/.config/fish/config.fish
`;
