// Who is in a cluster: workloads, and the services that select them.

import type { NormalValue } from '../envoy/normal-value.js';
import type { Port } from '../mesh/model.js';

/** A workload that runs in the rehearsal. */
export interface Member {
  /** `NAME.NAMESPACE`, as reports say it. */
  readonly name: string;
  readonly namespace: string;
  /** Of its service account. */
  readonly account: string;
  /** Whether it has an Envoy; one without is called, and calls, in plain text. */
  readonly hasProxy: boolean;
  /** Whether its Envoy is a gateway: no application is behind it. */
  readonly isGateway: boolean;
  readonly labels: { readonly [name: string]: string };
  /** The first pod's address in the cluster. */
  readonly ip: string;
  /** A pod's name without its ordinal, and what the pod is, as Kubernetes has it. */
  readonly template: { readonly name: string; readonly metadata: NormalValue; readonly spec: NormalValue };
}

/** A service of Kubernetes, as the cluster has it. */
export interface ClusterService {
  readonly name: string;
  readonly namespace: string;
  /** `httpbin.foo.svc.cluster.local`. */
  readonly hostname: string;
  /** Its address; `0.0.0.0` for a headless one. */
  readonly ip: string;
  readonly ports: readonly ClusterPort[];
}

/** A port of a service. */
export interface ClusterPort extends Port {
  /** The port of each member that the service selects, by the member's name. */
  readonly targets: ReadonlyMap<string, number>;
}
