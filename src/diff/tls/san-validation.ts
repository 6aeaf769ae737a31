// Upstream names that are checked by what stands outside of the TLS context: the HTTP options of a cluster can
// ask that the server's certificate has the name that a request asks for.

import { quoted } from '../../secrecy/quoted.js';
import { type Meaning, MessageMeaning } from '../meaning/meaning.js';
import type { TlsDifference } from './change.js';

const FIELD = 'auto_san_validation';

/** The fields that hold the options, in the versions of the API, and the options themselves. */
export const NAME_OPTIONS: ReadonlySet<string> = new Set([
  'typed_extension_protocol_options',
  'upstream_http_protocol_options',
  FIELD,
  'auto_sni',
  'override_auto_sni_header',
  // Envoy checks the names of a dynamic forward proxy's servers where nothing is said.
  'cluster_type',
]);

interface NameOptions {
  readonly validates: boolean;
  readonly asks: boolean;
  readonly header: string;
}

/** What it means that the names that two clusters' servers must have come from elsewhere, or need not be checked. */
export function sanValidationDifferences(old: Meaning, now: Meaning): TlsDifference[] {
  const [was, is] = [optionsOf(old), optionsOf(now)];
  const differ = (
    kind: TlsDifference['class'],
    message: string,
    from: string,
    to: string,
  ): TlsDifference[] => [{ class: kind, field: FIELD, message, old: from, new: to }];
  if (was.validates !== is.validates)
    return differ(
      is.validates ? 'tightened' : 'loosened',
      is.validates
        ? 'the server name is now checked against the certificate'
        : 'the server name is no longer checked against the certificate',
      String(was.validates),
      String(is.validates),
    );
  if (was.header === is.header && was.asks === is.asks) return [];
  const from = (options: NameOptions): string =>
    !options.asks
      ? 'the TLS context'
      : options.header === ''
        ? 'the host of the request'
        : `the header ${quoted(options.header)}`;
  return is.validates
    ? differ('loosened', 'the name that the certificate must have comes from elsewhere', from(was), from(is))
    : differ('negotiation', 'the requested server name comes from elsewhere', from(was), from(is));
}

/**
 * The header of a request that holds the name which a cluster's servers must have, in lower case: '' for its host;
 * undefined where no header does.
 */
export function nameHeader(cluster: Meaning): string | undefined {
  const { validates, header } = optionsOf(cluster);
  return validates ? header.toLowerCase() : undefined;
}

function optionsOf(cluster: Meaning): NameOptions {
  const options = upstreamOptions(cluster);
  // Envoy gives a dynamic forward proxy both where its cluster says nothing.
  if (options === undefined && isForwardProxy(cluster)) return { validates: true, asks: true, header: '' };
  const on = (name: string): boolean => {
    const value = options?.get(name);
    return value?.shape === 'scalar' && value.value === true;
  };
  const header = options?.get('override_auto_sni_header');
  return {
    validates: on(FIELD),
    asks: on('auto_sni'),
    header: header?.shape === 'scalar' ? String(header.value) : '',
  };
}

function upstreamOptions(cluster: Meaning): MessageMeaning | undefined {
  if (!(cluster instanceof MessageMeaning)) return undefined;
  const typed = cluster.get('typed_extension_protocol_options');
  if (typed?.shape === 'map') {
    for (const options of typed.members.values()) {
      const found =
        options instanceof MessageMeaning ? options.get('upstream_http_protocol_options') : undefined;
      if (found instanceof MessageMeaning) return found;
    }
  }
  const own = cluster.get('upstream_http_protocol_options');
  return own instanceof MessageMeaning ? own : undefined;
}

function isForwardProxy(cluster: Meaning): boolean {
  const type = cluster instanceof MessageMeaning ? cluster.get('cluster_type') : undefined;
  const config = type instanceof MessageMeaning ? type.get('typed_config') : undefined;
  return config instanceof MessageMeaning && /dynamic_forward_proxy/.test(config.type.name);
}

/** Whether a difference is of the options, which deprecated fields and their successors say alike. */
export function isSanValidation({ field }: TlsDifference): boolean {
  return field === FIELD;
}
