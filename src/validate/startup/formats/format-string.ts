// Reads a format string of Envoy: text with commands such as `%REQ(:path)%`, as in access logs and header values.

import { nearName } from '../../../finding/near-name.js';
import { BUILT_IN, type Command, formatterOf, useFault } from './commands.js';

/** What Envoy says against a format string. */
export interface FormatFault {
  /** In a sentence without a full stop; nothing of the text but names of commands is in it. */
  readonly message: string;
  /** Where in the string the command begins. */
  readonly at: number;
  /** The command that was probably meant, for the one that stands there. */
  readonly meant?: { readonly name: string; readonly command: string };
  readonly remedy?: string;
}

/** The commands that configured formatters add; `any` where one may add whatever it likes. */
export type AddedCommands = ReadonlyMap<string, Command> | 'any';

// Brackets may hold brackets: the shortest text that something fitting follows is the argument.
const COMMAND = /%([A-Z0-9_]+)(?:\(([^\n]*?)\))?(?::([0-9]+))?%/y;

/** The largest length that Envoy reads. */
const LONGEST = 2n ** 64n - 1n;

/** The first thing that Envoy refuses in a format string; undefined where it takes it. */
export function formatFault(format: string, added: AddedCommands): FormatFault | undefined {
  for (let at = format.indexOf('%'); at >= 0; at = format.indexOf('%', at)) {
    if (format.charAt(at + 1) === '%') {
      at += 2;
      continue;
    }
    COMMAND.lastIndex = at;
    const match = COMMAND.exec(format);
    const [whole = '', name = '', argument = '', length] = match ?? [];
    if (match === null || (length !== undefined && BigInt(length) > LONGEST)) return notCommand(format, at);
    const command = (added === 'any' ? undefined : added.get(name)) ?? BUILT_IN.get(name);
    if (command === undefined) {
      if (added !== 'any') return unknownCommand(name, added, at);
    } else {
      const message = useFault(name, command, argument, length !== undefined);
      if (message !== undefined) return { message, at };
    }
    at += whole.length;
  }
  return undefined;
}

function notCommand(format: string, at: number): FormatFault {
  const [, name] = /^%([A-Z][A-Z0-9_]*)(?![A-Za-z])/.exec(format.slice(at, at + 80)) ?? [];
  return {
    message:
      name === undefined
        ? 'a % in a format string begins a command in capital letters, as in %PROTOCOL%, and this one does not'
        : `the command %${name} in a format string does not end as it must, in % or (…)%`,
    at,
    remedy: name === undefined ? 'write %% for a percent sign' : 'close the command with %',
  };
}

function unknownCommand(name: string, added: ReadonlyMap<string, Command>, at: number): FormatFault {
  const message = `format strings have no command %${name}%`;
  const formatter = formatterOf(name);
  if (formatter !== undefined)
    return { message: `${message} without its formatter`, at, remedy: `add ${formatter} to formatters` };
  const near = nearName(name, [...BUILT_IN.keys(), ...added.keys()]);
  return { message, at, ...(near !== undefined && { meant: { name: near, command: name } }) };
}
