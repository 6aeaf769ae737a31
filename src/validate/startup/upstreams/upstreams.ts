// What Envoy asks of health checks and of the protocols that clusters speak.

import type { Area } from '../check.js';
import { HEALTH_CHECKS } from './health-checks.js';
import { PROTOCOL_CHECKS } from './protocol-options.js';

/** The area. */
export const UPSTREAMS: Area = {
  name: 'upstreams',
  title: 'Health checks and protocol options',
  checks: [...HEALTH_CHECKS, ...PROTOCOL_CHECKS],
};
