// What Envoy asks of clusters, beyond the rules of the API.

import type { Area } from '../check.js';
import { DISCOVERY_CHECKS } from './discovery.js';
import { ENDPOINT_CHECKS } from './endpoints.js';
import { BALANCING_CHECKS } from './load-balancing.js';

/** The area. */
export const CLUSTERS: Area = {
  name: 'clusters',
  title: 'Clusters',
  checks: [...ENDPOINT_CHECKS, ...DISCOVERY_CHECKS, ...BALANCING_CHECKS],
};
