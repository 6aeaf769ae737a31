// What a listener learns of a connection before it chooses a filter chain: from its listener filters, and from
// the switches that stand for some of them.

import { canonical } from '../meaning/canonical.js';
import { type Meaning, MessageMeaning } from '../meaning/meaning.js';
import { fieldOf, isOn, itemsOf, textOf, typeOf } from './meanings.js';

/** What feeds the choice. */
export interface Feeds {
  /** Whether TLS is looked into: its server name, its protocols, and that it is TLS. */
  readonly inspects: boolean;
  /** Whether the destination is the one before a redirection. */
  readonly original: boolean;
  /** Whether the client says by the PROXY protocol which addresses it comes from and went to. */
  readonly claimed: boolean;
  /** Whether plain text is looked into for HTTP. */
  readonly http: boolean;
  /** Whether a client that says nothing for long enough is served without having been looked into. */
  readonly waits: boolean;
  /** Filters of which it is not known what they do, and conditions under which filters do nothing. */
  readonly others: string;
}

/** Filters that do not change what is seen. */
const HARMLESS = new Set(['LocalRateLimit', 'OriginalSrc']);

const FEEDS: ReadonlyMap<string, 'inspects' | 'original' | 'claimed' | 'http'> = new Map([
  ['TlsInspector', 'inspects'],
  ['tls_inspector', 'inspects'],
  ['OriginalDst', 'original'],
  ['original_dst', 'original'],
  ['ProxyProtocol', 'claimed'],
  ['proxy_protocol', 'claimed'],
  ['HttpInspector', 'http'],
  ['http_inspector', 'http'],
]);

/**
 * What a listener learns.
 *
 * @param injects whether Envoy itself adds a TLS inspector where a match asks for one: the Envoys of v2 do
 */
export function feedsOf(listener: Meaning, injects: boolean): Feeds {
  const found = {
    inspects: injects,
    original: isOn(listener, 'use_original_dst'),
    claimed: itemsOf(listener, 'filter_chains').some((chain) => isOn(chain, 'use_proxy_proto')),
    http: false,
  };
  const others: string[] = [];
  for (const filter of itemsOf(listener, 'listener_filters')) {
    const disabled = fieldOf(filter, 'filter_disabled');
    if (isOn(disabled, 'any_match')) continue;
    const feed = FEEDS.get(kindOf(filter));
    if (feed !== undefined && disabled === undefined) found[feed] = true;
    else if (!HARMLESS.has(kindOf(filter))) others.push(canonical(filter));
  }
  return { ...found, waits: isOn(listener, 'continue_on_listener_filters_timeout'), others: others.join() };
}

/** The type of a filter's configuration, else the end of its name. */
function kindOf(filter: Meaning): string {
  const config = fieldOf(filter, 'typed_config');
  if (config instanceof MessageMeaning && !config.type.name.startsWith('google.'))
    return typeOf(config) ?? '';
  return (textOf(filter, 'name') ?? '').split('.').at(-1) ?? '';
}
