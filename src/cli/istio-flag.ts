// `--istio`: which release's control plane is reproduced.

import type { Option } from 'commander';
import { ISTIOS } from '../mesh/istio-api.js';
import { choice } from './choice.js';

/** The option. */
export function istioOption(): Option {
  return choice('--istio <release>', 'Istio to reproduce (default: that of the resources)', ISTIOS);
}
