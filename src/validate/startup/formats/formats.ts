// What Envoy asks of format strings, wherever they stand.

import type { Message } from '../../../envoy/message.js';
import { isSlip } from '../../../finding/near-name.js';
import type { Tape } from '../../../source/tape.js';
import type { Area, StartupCheck } from '../check.js';
import { addedBy, type Command } from './commands.js';
import { HOLDERS, visitFormats } from './fields.js';
import { type AddedCommands, type FormatFault, formatFault } from './format-string.js';

/** Its logs have commands of their own. */
const GENERIC_PROXY = 'envoy.extensions.filters.network.generic_proxy.v3.GenericProxy';

const formatString: StartupCheck = {
  code: 'format-string',
  on: HOLDERS,
  finds: 'a format string has a command that Envoy does not have, or that it takes in another form',
  refusal: "Not supported field in StreamInfo: …; Couldn't find valid command at position …",
  remedy: 'correct the command; a percent sign is written %%',
  check(at, report) {
    let added: AddedCommands | undefined;
    visitFormats(at, ({ node, place }) => {
      const { tape } = at.reader;
      added ??= addedCommands(at);
      const fault = formatFault(tape.string(node), added);
      if (fault === undefined) return;
      const { message, meant, remedy } = fault;
      report(place(), {
        message,
        ...(remedy !== undefined && { remedy }),
        ...(meant !== undefined && {
          suggestion: `%${meant.name}%`,
          ...(isSlip(meant.command, meant.name) && edited(tape, node, meant)),
        }),
      });
    });
  },
};

/** The area. */
export const FORMATS: Area = { name: 'formats', title: 'Format strings', checks: [formatString] };

/** What the formatters that are configured beside a format string add. */
function addedCommands(at: Message): AddedCommands {
  for (let around = at.around; around !== undefined; around = around.around)
    if (around.type.name === GENERIC_PROXY) return 'any';
  const holder = [at, at.around].find((one) => one?.type.field('formatters') !== undefined);
  const added = new Map<string, Command>();
  for (const formatter of holder?.messages('formatters') ?? []) {
    const commands = addedBy(formatter.message('typed_config')?.type.name ?? '');
    if (commands === undefined) return 'any';
    for (const [name, command] of commands) added.set(name, command);
  }
  return added;
}

/** Puts the command that was meant into the text, where it stands there once. */
function edited(tape: Tape, node: number, { name, command }: NonNullable<FormatFault['meant']>) {
  const start = tape.start(node);
  const [before, after, more] = tape.text.slice(start, tape.end(node)).split(`%${command}`);
  if (before === undefined || after === undefined || more !== undefined || /^[A-Z0-9_]/.test(after))
    return {};
  const at = start + before.length + 1;
  return { edits: [{ start: at, end: at + command.length, text: name }] };
}
