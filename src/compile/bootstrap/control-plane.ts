// The connection to the control plane (Istio 1.1's pilot-agent and its bootstrap), and the identity of both
// ends. In Istio 1.1 it needs the mounted secret; here it may come from SDS as the workload's own does.

import { WORKLOAD_CHAIN, WORKLOAD_KEY, WORKLOAD_ROOT } from '../../istio/workload-files.js';
import { spiffeId } from '../../mesh/mesh-config.js';
import type { MeshSettings } from '../../mesh/model.js';
import { sansRule, type WrittenTlsContext } from '../../tls/write.js';
import { fileCertificate, fileValidation, upstreamContext } from '../pilot/clusters/upstream-tls.js';
import type { WorkloadSource } from '../pilot/context/workload-source.js';

const PILOT_ACCOUNT = 'istio-pilot-service-account';

/**
 * The SPIFFE id of Pilot at an address: its namespace is the second part of its host name.
 *
 * @param host `istio-pilot.istio-system`; one without a namespace is Istio's own
 */
export function pilotSan(settings: MeshSettings, host: string): string {
  return spiffeId(settings, host.split('.')[1] || 'istio-system', PILOT_ACCOUNT);
}

/**
 * The TLS context of the connection to Pilot.
 *
 * @param source where the workload's certificate comes from; undefined for the mounted files
 */
export function pilotTls(sans: readonly string[], source: WorkloadSource | undefined): WrittenTlsContext {
  return upstreamContext({
    certificates: source?.presented ?? [fileCertificate(WORKLOAD_CHAIN, WORKLOAD_KEY)],
    validation:
      source === undefined
        ? fileValidation(WORKLOAD_ROOT, sans)
        : { root: source.trusted, rest: sansRule(sans) },
    alpn: ['h2'],
    sni: undefined,
  });
}
