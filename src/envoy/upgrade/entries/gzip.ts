// The gzip filter, which the compressor filter has taken the place of since Envoy 1.18. Source: gzip.proto and
// compressor.proto of Envoy 1.14, and envoy/extensions/compression/gzip/compressor/v3/gzip.proto.

import type { Message } from '../../message.js';
import { type Entry, together } from '../entry.js';
import type { Members, Subject } from '../subject.js';

const COMPRESSOR = 'envoy.extensions.filters.http.compressor.v3.Compressor';
const LIBRARY = 'envoy.extensions.compression.gzip.compressor.v3.Gzip';

const LEVELS: ReadonlyMap<string, string> = new Map([
  ['DEFAULT', 'DEFAULT_COMPRESSION'],
  ['BEST', 'BEST_COMPRESSION'],
  ['SPEED', 'BEST_SPEED'],
]);
const STRATEGIES: ReadonlyMap<string, string> = new Map([
  ['DEFAULT', 'DEFAULT_STRATEGY'],
  ['FILTERED', 'FILTERED'],
  ['HUFFMAN', 'HUFFMAN_ONLY'],
  ['RLE', 'RLE'],
]);

/** The gzip filter's config as that of the compressor filter, which is what Envoy has since 1.18. */
export function compressorConfig(gzip: Subject | undefined): Members {
  const carry = (names: readonly string[], message = gzip?.message): Members =>
    Object.fromEntries(
      (message?.present ?? [])
        .filter((field) => names.includes(field.name))
        .map((field) => [field.name, gzip?.walk.moved(message as Message, field) ?? null]),
    );
  // What all compressors have stood in the filter itself first, and in a message of its own later.
  const own = gzip?.message.message('compressor') ?? gzip?.message;
  const from = (names: readonly string[]): Members => carry(names, own);
  const length = from(['content_length']).content_length;
  const common: Members = {
    ...renamedIn(from(['runtime_enabled']), 'runtime_enabled', 'enabled'),
    ...(length !== undefined && { min_content_length: length }),
    ...from(['content_type']),
  };
  const level = gzip?.message.enumName('compression_level');
  const strategy = gzip?.message.enumName('compression_strategy');
  return {
    '@type': `type.googleapis.com/${COMPRESSOR}`,
    response_direction_config: {
      ...(Object.keys(common).length > 0 && { common_config: common }),
      ...from(['disable_on_etag_header', 'remove_accept_encoding_header']),
    },
    compressor_library: {
      name: 'gzip',
      typed_config: {
        '@type': `type.googleapis.com/${LIBRARY}`,
        ...carry(['memory_level']),
        ...(level !== undefined && { compression_level: LEVELS.get(level) ?? level }),
        ...(strategy !== undefined && { compression_strategy: STRATEGIES.get(strategy) ?? strategy }),
        ...carry(['window_bits', 'chunk_size']),
      },
    },
  };
}

function renamedIn(members: Members, from: string, to: string): Members {
  const value = members[from];
  return value === undefined ? {} : { [to]: value };
}

/** Its fields go where the whole config goes. */
export const GZIP: readonly Entry[] = [
  {
    type: 'envoy.extensions.filters.http.gzip.v3.Gzip',
    fields: Object.fromEntries(
      ['content_length', 'content_type', 'disable_on_etag_header', 'remove_accept_encoding_header'].map(
        (name) => [name, together],
      ),
    ),
  },
];
