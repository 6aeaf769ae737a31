// Fields that hold an IP address: Envoy resolves no names there.

import { isIP } from 'node:net';
import type { Message } from '../../envoy/message.js';
import { quotedValue } from '../../secrecy/quoted.js';
import { fieldAt } from '../place.js';
import type { Report } from '../rule.js';

/** Reports a field whose text is not an IP address. */
export function checkIp(holder: Message, field: string, expected: string, report: Report): void {
  const address = holder.text(field) ?? '';
  if (address !== '' && isIP(address) === 0)
    report(fieldAt(holder, field), { message: `${quotedValue(address)} is not an IP address`, expected });
}
