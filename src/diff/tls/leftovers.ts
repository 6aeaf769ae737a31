// Fields of v2 that stayed in v3 messages: Envoy refuses them in static configuration and drops them in dynamic
// configuration. Envoy 1.13 to 1.17 still read them, and their dumps mark them as hidden.

import type { EnvoyConfig } from '../../tls/configs.js';
import { SANS_V2 } from '../../tls/fields.js';
import type { MessageMeaning } from '../meaning/meaning.js';
import { walk } from '../meaning/walk.js';
import type { TlsDifference } from './change.js';
import { aroundDifference } from './tls-difference.js';

/** Where a `tls_context` of v2 stands: in what is of v2 as a whole, beside messages of v3, or in one. */
export type Leftover = 'of v2' | 'beside v3' | 'in v3';

/** The resources, by kind and name, that have a `tls_context`. */
export function leftoverContexts(config: EnvoyConfig): [resource: string, at: Leftover][] {
  const { document, detected } = config;
  const { names, text } = document.tape;
  if (!names.some((name) => name === 'tls_context' || name === 'tlsContext')) return [];
  const isMixed = detected.api === 'v3' || text.includes('.v3.');
  return config.inventory.contexts.flatMap(({ message, resource }) => {
    const holder = message.around;
    if (holder === undefined || message.type.isV3) return [];
    const key = holder.key('tls_context');
    if (key < 0 || /^hidden/i.test(document.tape.name(key))) return [];
    const id = `${resource?.type.shortName.toLowerCase() ?? ''} ${resource?.text('name') ?? ''}`;
    return [[id, holder.type.isV3 ? 'in v3' : isMixed ? 'beside v3' : 'of v2']];
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
