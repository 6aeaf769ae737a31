// Fields of v2 that stayed in v3 messages: Envoy refuses them in static configuration and drops them in dynamic
// configuration. Envoy 1.13 to 1.17 still read them, and their dumps mark them as hidden.

import type { EnvoyConfig } from '../../tls/configs.js';
import { SANS_V2 } from '../../tls/fields.js';
import type { MessageMeaning } from '../meaning/meaning.js';
import { walk } from '../meaning/walk.js';
import type { TlsDifference } from './change.js';
import { aroundDifference } from './tls-difference.js';

/** The resources, by kind and name, that have a context of v2 in a message of v3. */
export function leftoverContexts(config: EnvoyConfig): string[] {
  const { document, detected } = config;
  const { names, text } = document.tape;
  if (!names.some((name) => name === 'tls_context' || name === 'tlsContext')) return [];
  if (detected.api === 'v2' && !text.includes('.v3.')) return [];
  return config.inventory.contexts.flatMap(({ message, resource }) => {
    const holder = message.around;
    const key = holder?.type.isV3 && !message.type.isV3 ? holder.key('tls_context') : -1;
    if (key < 0 || /^hidden/i.test(document.tape.name(key))) return [];
    return [`${resource?.type.shortName.toLowerCase() ?? ''} ${resource?.text('name') ?? ''}`];
  });
}

/** What it means that a field of v2 stayed in v3. */
export function leftover(name: string): TlsDifference {
  return aroundDifference(
    'unknown',
    `v3 has no ${name}: Envoy rejects it in static configuration and ignores it in dynamic configuration`,
  );
}

/** What it means that only one of two contexts is said in words of v2 within v3. */
export function leftoverDifference(old: MessageMeaning, now: MessageMeaning): TlsDifference | undefined {
  const [before, after] = [leftoversIn(old), leftoversIn(now)];
  const [name] = [...before, ...after].filter((one) => before.has(one) !== after.has(one));
  return name === undefined ? undefined : leftover(name);
}

function leftoversIn(context: MessageMeaning): Set<string> {
  const found = new Set<string>();
  if (context.reader.unread.size === 0) return found;
  walk(context, (meaning) => {
    if (meaning.shape === 'message' && meaning.type.isV3 && meaning.members.get(SANS_V2)?.field === undefined)
      if (meaning.members.has(SANS_V2)) found.add(SANS_V2);
    return true;
  });
  return found;
}
