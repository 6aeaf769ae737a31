// Extensions of the right kind: Envoy finds one by the type of its configuration, and only among those that are for
// the place where it stands.

import { message } from '../../../envoy/api-table.js';
import { builtIn } from '../../../envoy/extensions/built-in.js';
import type { Message } from '../../../envoy/message.js';
import { fieldAt } from '../../place.js';
import type { Report } from '../../rule.js';
import type { Area, StartupCheck } from '../check.js';
import { transportOf } from '../listeners/transport.js';
import { isUnregistered, saidType } from '../registered.js';
import { LISTENER } from '../types.js';
import { isOn } from '../values.js';
import { BY_FIELD, BY_TYPE, LISTENER_FILTERS, type Point } from './points.js';

const misplacedExtension: StartupCheck = {
  code: 'misplaced-extension',
  on: [...BY_TYPE.keys(), ...BY_FIELD.keys(), LISTENER],
  finds: 'an extension is configured where Envoy has none of its type',
  refusal: "Didn't find a registered implementation for '…' with type URL: '…'",
  remedy: 'move the extension to where it belongs, or set the @type of one that belongs here',
  check(at, report) {
    const own = BY_TYPE.get(at.type.name);
    if (own !== undefined) judge(at, own, report);
    const fields = BY_FIELD.get(at.type.name);
    for (const field in fields)
      for (const extension of messagesIn(at, field)) judge(extension, fields[field] as Point, report);
    if (at.type.name === LISTENER)
      for (const filter of at.messages('listener_filters'))
        judge(filter, LISTENER_FILTERS[transportOf(at)], report);
  },
};

/** The area. */
export const EXTENSIONS: Area = {
  name: 'extensions',
  title: 'Extensions',
  checks: [misplacedExtension],
};

/** The messages in a field, one or many. */
function messagesIn(at: Message, name: string): readonly Message[] {
  if (at.type.field(name)?.repeated) return at.messages(name);
  const found = at.message(name);
  return found === undefined ? [] : [found];
}

function judge(extension: Message, { category, noun }: Point, report: Report): void {
  // What is optional is left out where Envoy does not have it.
  if (
    isOn(extension, 'is_optional') ||
    (extension.around !== undefined && isOn(extension.around, 'is_optional'))
  )
    return;
  const said = saidType(extension);
  if (said === undefined || !isUnregistered(said.name, builtIn(category))) return;
  report(fieldAt(extension, extension.has('name') ? 'name' : 'typed_config'), {
    message: `${message(said.name)?.shortName ?? said.name} is not the configuration of ${noun}`,
    expected: noun,
  });
}
