// What a DataSource has in itself. What is in a file or a variable is not judged.

import type { Message } from '../../envoy/message.js';

/** What dumps have in the place of bytes that are not shown. */
const REDACTED = '[redacted]';

/** The bytes that are written in a DataSource; undefined where they are elsewhere, absent, or were taken out. */
export function inlineBytes(source: Message | undefined): Buffer | undefined {
  const text = source?.text('inline_string');
  const encoded = text === undefined ? source?.text('inline_bytes') : undefined;
  if (text === undefined && encoded === undefined) return undefined;
  const bytes = text === undefined ? Buffer.from(encoded as string, 'base64') : Buffer.from(text);
  return bytes.length === REDACTED.length && bytes.toString() === REDACTED ? undefined : bytes;
}

/** Whether a DataSource brings nothing: it is absent, or what is written in it is empty. */
export function bringsNothing(source: Message | undefined): boolean {
  return source === undefined || inlineBytes(source)?.length === 0;
}
