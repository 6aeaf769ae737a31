// Which policies are for a proxy's workload (istiod 1.29's model/policyattachment.go).

import type {
  PolicyTargetReference,
  WorkloadSelector,
} from '../../../envoy/generated/types/type/v1/selector.js';
import { covers } from '../../../mesh/istiod/labels.js';
import type { Config } from '../../../mesh/istiod/model.js';
import type { Context } from './context.js';

const GATEWAY_LABEL = 'gateway.networking.k8s.io/gateway-name';

/** What a policy says of the workloads that it is for. */
export interface Targeted {
  readonly selector?: WorkloadSelector | undefined;
  readonly targetRef?: PolicyTargetReference | undefined;
  readonly targetRefs?: PolicyTargetReference[] | undefined;
}

/** The workloads that a policy names by resource. */
export function targetsOf({ targetRef, targetRefs = [] }: Targeted): readonly PolicyTargetReference[] {
  return targetRefs.length > 0 || targetRef === undefined ? targetRefs : [targetRef];
}

/** Whether a policy is for the proxy's workload. */
export function isForWorkload({ proxy }: Context, { spec, namespace }: Config<Targeted>): boolean {
  const targets = targetsOf(spec);
  const isSelected = covers(proxy.labels, spec.selector?.match_labels);
  const gateway = proxy.labels[GATEWAY_LABEL];
  if (targets.length === 0) return isSelected;
  return (
    gateway !== undefined &&
    namespace === proxy.namespace &&
    targets.some(
      ({ group, kind, name, namespace: own }) =>
        group === 'gateway.networking.k8s.io' &&
        kind === 'Gateway' &&
        name === gateway &&
        (!own || own === proxy.namespace),
    )
  );
}
