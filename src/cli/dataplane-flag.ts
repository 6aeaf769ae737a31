// `--dataplane`, as far as the version of the API decides on it.

import type { Option } from 'commander';
import { DATAPLANES, type Dataplane } from '../compile/pilot/context/dataplane.js';
import type { Api } from '../envoy/detect.js';
import { choice } from './choice.js';
import { Failure } from './exit.js';

/** The option. */
export function dataplaneOption(): Option {
  return choice(
    '--dataplane <which>',
    'whose proxy is configured (default istio, with --api v3 envoy)',
    DATAPLANES,
  );
}

/** Whose proxy is meant. */
export function dataplaneFor(api: Api, given: Dataplane | undefined): Dataplane {
  if (api === 'v3' && given === 'istio')
    throw new Failure("--api v3 goes with --dataplane envoy: Istio's own filters have no place in v3");
  return given ?? (api === 'v3' ? 'envoy' : 'istio');
}
