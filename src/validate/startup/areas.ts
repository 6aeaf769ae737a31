// All start-up checks, by area.

import type { Level } from '../../finding/finding.js';
import type { RuleText } from '../rule.js';
import { ACCESS_LOGS } from './access-logs/access-logs.js';
import { BOOTSTRAPS } from './bootstrap/bootstrap.js';
import type { Area } from './check.js';
import { CLUSTERS } from './clusters/clusters.js';
import { CONNECTION_MANAGERS } from './connection-managers/connection-managers.js';
import { EXTENSIONS } from './extensions/extensions.js';
import { FORMATS } from './formats/formats.js';
import { HTTP_FILTERS } from './http-filters/http-filters.js';
import { LISTENERS } from './listeners/listeners.js';
import { NETWORK_FILTERS } from './network-filters/network-filters.js';
import { REGEXES } from './regexes/regexes.js';
import { ROUTES } from './routes/routes.js';
import { DISCOVERY } from './sources/sources.js';
import { TLS } from './tls/tls.js';
import { UPSTREAMS } from './upstreams/upstreams.js';

/** The areas, in the order of the documentation. */
export const AREAS: readonly Area[] = [
  TLS,
  DISCOVERY,
  CLUSTERS,
  UPSTREAMS,
  LISTENERS,
  CONNECTION_MANAGERS,
  ROUTES,
  EXTENSIONS,
  REGEXES,
  FORMATS,
  ACCESS_LOGS,
  HTTP_FILTERS,
  NETWORK_FILTERS,
  BOOTSTRAPS,
];

/** What is said of each check, as of a rule. */
export const STARTUP_RULES: readonly RuleText[] = AREAS.flatMap(({ checks }) =>
  checks.map(({ code, finds, refusal, remedy }) => ({
    code,
    level: 'error' satisfies Level,
    finds,
    why: 'Envoy refuses the configuration.',
    source: `Envoy: ${refusal}`,
    remedy,
  })),
);
