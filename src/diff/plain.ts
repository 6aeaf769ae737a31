// Meanings as plain values, for reports. A secret never appears in one: what is inline is there by its digest,
// and what a field's name or declaration calls a secret is left out.

import { createHash } from 'node:crypto';
import type { FieldInfo } from '../envoy/api-table.js';
import type { Meaning, MessageMeaning } from './meaning.js';

/** What JSON can hold. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [name: string]: Plain };

/** A meaning as a value, without what is so by default. */
export function plain(meaning: Meaning): Plain {
  switch (meaning.shape) {
    case 'scalar':
      return meaning.value;
    case 'list':
      return meaning.items.map(plain);
    case 'map':
      return Object.fromEntries(
        [...meaning.members].map(([name, member]) => [name, hidden(name, undefined, member)]),
      );
    case 'message':
      return plainMessage(meaning);
  }
}

function plainMessage(message: MessageMeaning): Plain {
  const value: Record<string, Plain> = {};
  for (const [name, { field }] of message.members) {
    const member = message.get(name);
    if (member !== undefined) value[name] = hidden(name, field, member);
  }
  return value;
}

/** Names under which secrets stand in extensions that say no more of themselves. */
const SECRET_NAME =
  /^(?:access_?token|api_?key|client_?secret|hmac_?secret|json_?key|password|passphrase|private_?key|refresh_?token|google_refresh_token|secret_?key|token_?secret)$/i;

function hidden(name: string, field: FieldInfo | undefined, meaning: Meaning): Plain {
  const isSecret = meaning.shape === 'scalar' && (field?.sensitive === true || SECRET_NAME.test(name));
  if (!isSecret || meaning.value === '' || meaning.value === null) return plain(meaning);
  return `sha256:${createHash('sha256').update(String(meaning.value)).digest('hex')}`;
}
