// `--dataplane`, as far as the version of the API decides on it.

import type { Option } from 'commander';
import { DATAPLANES, type Dataplane } from '../compile/pilot/context/dataplane.js';
import type { Api } from '../envoy/detect.js';
import { choice } from './choice.js';
import { Failure } from './exit.js';

/** The option. */
export function dataplaneOption(): Option {
  return choice('--dataplane <which>', 'target proxy (default: istio; envoy with --api v3)', DATAPLANES);
}

/** Whose proxy is meant. */
export function dataplaneFor(api: Api, given: Dataplane | undefined): Dataplane {
  if (api === 'v3' && given === 'istio')
    throw new Failure(
      "--api v3 requires --dataplane envoy, because Istio 1.1's own filters do not exist in v3",
    );
  return given ?? (api === 'v3' ? 'envoy' : 'istio');
}
