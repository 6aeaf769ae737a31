// The node agent is shown a token that the pod does not have.

import { ISTIO_TOKEN } from '../../istio/tokens.js';
import { inDocument } from '../place.js';
import { isBelow, proxiesOf } from '../proxies.js';
import type { Rule } from '../rule.js';

export const tokenNotProjected: Rule = {
  code: 'token-not-projected',
  level: 'error',
  finds: "a pod's Envoy identifies itself with a projected token that the pod does not mount",
  why: 'The file does not exist, and Envoy gets no secret. Kubernetes clusters without token projection cannot mount it at all.',
  source: 'istio#18221, istio#17378',
  remedy: "mount a projected volume with a serviceAccountToken there, or use the pod's own token",
  check(run, report) {
    for (const { workload, container, instance } of proxiesOf(run)) {
      const asks = instance.surveys.some(({ config }) => config.document.tape.text.includes(ISTIO_TOKEN));
      if (!asks || container.mounts.some(({ path }) => isBelow(ISTIO_TOKEN, path))) continue;
      report(
        inDocument(workload.document, container.mountList >= 0 ? container.mountList : container.node, ''),
        {
          message: `${workload.kind} ${workload.name}: the container ${container.name} reads ${ISTIO_TOKEN} but mounts nothing there`,
          expected: 'a projected volume with a serviceAccountToken',
        },
      );
    }
  },
};
