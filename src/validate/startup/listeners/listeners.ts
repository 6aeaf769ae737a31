// What Envoy asks of listeners.

import type { Area } from '../check.js';
import { ADDRESS_CHECKS } from './addresses.js';
import { CHAIN_CHECKS } from './filter-chains.js';
import { LISTENER_FILTER_CHECKS } from './listener-filters.js';

/** The area. */
export const LISTENERS: Area = {
  name: 'listeners',
  title: 'Listeners',
  checks: [...ADDRESS_CHECKS, ...CHAIN_CHECKS, ...LISTENER_FILTER_CHECKS],
};
