// All entries, found by the v3 message that they are for. Several for one message are one.

import { BOOTSTRAPS } from './entries/bootstrap.js';
import { CLUSTERS } from './entries/cluster.js';
import { CONFIG_SOURCES } from './entries/config-source.js';
import { DISCOVERIES } from './entries/discovery.js';
import { EXTENSION_ENTRIES } from './entries/extension-points.js';
import { FILTER_CONFIGS } from './entries/filters.js';
import { GZIP } from './entries/gzip.js';
import { HTTP_CONNECTION_MANAGERS } from './entries/http-connection-manager.js';
import { LISTENERS } from './entries/listener.js';
import { MATCHERS } from './entries/matchers.js';
import { ROUTES } from './entries/route.js';
import { TLS } from './entries/tls.js';
import type { Entry } from './entry.js';

const ALL: readonly Entry[] = [
  ...BOOTSTRAPS,
  ...CLUSTERS,
  ...CONFIG_SOURCES,
  ...DISCOVERIES,
  ...EXTENSION_ENTRIES,
  ...FILTER_CONFIGS,
  ...GZIP,
  ...HTTP_CONNECTION_MANAGERS,
  ...LISTENERS,
  ...MATCHERS,
  ...ROUTES,
  ...TLS,
];

const byType = new Map<string, Entry>();
for (const entry of ALL) {
  if (byType.has(entry.type)) throw new Error(`two entries for ${entry.type}`);
  byType.set(entry.type, entry);
}

/** The entry for a v3 message, by its full name. */
export function entryFor(type: string): Entry | undefined {
  return byType.get(type);
}
