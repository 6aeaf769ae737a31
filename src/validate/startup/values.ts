// What scalar values of messages say.

import type { Message } from '../../envoy/message.js';
import { isTrue } from '../../source/plain-kind.js';

/** Whether a bool is there and true. */
export function isOn(message: Message, field: string): boolean {
  const text = message.text(field);
  return text !== undefined && isTrue(text);
}

/** Whether a bool is there and false. */
export function isOff(message: Message, field: string): boolean {
  const text = message.text(field);
  return text !== undefined && !isTrue(text);
}

/** A duration in seconds; undefined where it is absent or not written as one. */
export function secondsOf(message: Message, field: string): number | undefined {
  const text = message.text(field);
  return text !== undefined && /^-?\d+(?:\.\d*)?s$/.test(text) ? Number.parseFloat(text) : undefined;
}

/** A whole number; undefined where it is absent or not written as one. */
export function integerOf(message: Message, field: string): number | undefined {
  const text = message.text(field);
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
