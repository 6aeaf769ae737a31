// The parts of a filter chain, as listeners, gateways and security share them.

import type { FilterChainMatch } from '../../../envoy/generated/types/envoy/api/v2/listener/listener_components.js';
import type { WrittenTlsContext } from '../../../tls/write.js';
import type { NamedConfig } from './extension.js';
import type { configMetadata } from './names.js';

/** A filter chain before it is put into its listener. */
export interface Chain {
  /** A match that is there even where it is empty. */
  readonly match?: FilterChainMatch;
  readonly sniHosts?: readonly string[];
  readonly destinationRanges?: readonly string[];
  readonly tls?: WrittenTlsContext | undefined;
  readonly filters: readonly NamedConfig[];
  readonly metadata?: ReturnType<typeof configMetadata> | undefined;
}
