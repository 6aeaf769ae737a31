// Completion scripts for shells, made from the commands themselves.

import type { Command, Option } from 'commander';

export type Shell = 'bash' | 'zsh' | 'fish';

/** The script that completes a program's commands, options and the values of options in a shell. */
export function completionScript(program: Command, shell: Shell): string {
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](program);
}

/** The options that help lists, which have a long name. */
function optionsOf(command: Command): readonly Option[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => long !== undefined);
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

function bashScript(program: Command): string {
  const names = program.commands.map((one) => one.name()).join(' ');
  const values: string[] = [];
  const options: string[] = [];
  for (const command of program.commands) {
    const name = command.name();
    const words = [
      ...command.commands.map((one) => one.name()),
      ...optionsOf(command).map(({ long }) => long),
    ];
    options.push(`    ${name}) words='${words.join(' ')}' ;;`);
    for (const option of optionsOf(command)) {
      if (!takesValue(option)) continue;
      const choices = option.argChoices?.join(' ') ?? '';
      values.push(`    '${name} ${option.long}') words='${choices}'; value=1 ;;`);
    }
  }
  return `# bash completion for xdsc: eval "$(xdsc completion bash)"
_xdsc() {
  local cur=\${COMP_WORDS[COMP_CWORD]} words= value=
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${names} --help --version' -- "$cur"))
    return
  fi
  case "\${COMP_WORDS[1]} \${COMP_WORDS[COMP_CWORD-1]}" in
${values.join('\n')}
  esac
  [ -n "$value" ] || case "\${COMP_WORDS[1]}" in
${options.join('\n')}
  esac
  # Without a match, the names of files are offered.
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _xdsc xdsc
`;
}

function zshScript(program: Command): string {
  const commands = program.commands.map((one) => `    ${zshWord(`${one.name()}:${one.description()}`)}`);
  const cases = program.commands.map((command) => {
    const specs = optionsOf(command).map((option) => {
      const text = `${option.long}[${option.description.replace(/[[\]:]/g, ' ')}]`;
      const choices = option.argChoices;
      const value = !takesValue(option)
        ? ''
        : choices === undefined
          ? ':value:_files'
          : `:value:(${choices.join(' ')})`;
      return `        ${zshWord(text + value)}`;
    });
    const words = command.commands.map((one) => one.name()).join(' ');
    specs.push(`        ${zshWord(words === '' ? '*:file:_files' : `1:command:(${words})`)}`);
    return `    ${command.name()})\n      _arguments \\\n${specs.join(' \\\n')} ;;`;
  });
  return `#compdef xdsc
# zsh completion for xdsc: eval "$(xdsc completion zsh)", after compinit
_xdsc() {
  local -a commands=(
${commands.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
${cases.join('\n')}
  esac
}
compdef _xdsc xdsc
`;
}

function zshWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function fishScript(program: Command): string {
  const lines = ['# fish completion for xdsc: xdsc completion fish | source'];
  for (const command of program.commands) {
    const name = command.name();
    lines.push(
      `complete -c xdsc -f -n __fish_use_subcommand -a ${name} -d ${fishWord(command.description())}`,
    );
    const inside = `complete -c xdsc -n '__fish_seen_subcommand_from ${name}'`;
    for (const sub of command.commands)
      lines.push(`${inside} -f -a ${sub.name()} -d ${fishWord(sub.description())}`);
    for (const option of optionsOf(command)) {
      const choices = option.argChoices;
      const value = !takesValue(option)
        ? ''
        : choices === undefined
          ? ' -r'
          : ` -x -a ${fishWord(choices.join(' '))}`;
      lines.push(`${inside} -l ${option.long?.slice(2)}${value} -d ${fishWord(option.description)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function fishWord(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
