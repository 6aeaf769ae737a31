// A client encrypts, and does not look at who is at the other end.

import { peerValidation } from '../../tls/peer-validation.js';
import { checkedPeer, checksAnything } from '../checked-peer.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const serverNotVerified: Rule = {
  code: 'server-not-verified',
  level: 'warning',
  finds: "a cluster uses TLS without any check of the server's certificate",
  why: 'Envoy verifies nothing by default, so anyone on the network path can impersonate the server.',
  source: "Envoy's documentation on TLS: certificate verification must be configured",
  remedy: "add a validation_context with a trusted_ca and the server's names",
  check(run, report) {
    for (const context of run.contexts) {
      if (context.side !== 'upstream' || context.isBare) continue;
      if (peerValidation(context) !== undefined && checksAnything(checkedPeer(context, run))) continue;
      // A fragment without a name may be a listener's as well.
      const name = context.resource?.text('name');
      if (context.resource !== undefined && name === undefined) continue;
      const cluster = name === undefined ? '' : `: cluster ${name} accepts any server`;
      report(fieldAt(context.message), {
        message: `the server's certificate is not checked${cluster}`,
        expected: 'a validation_context with a trusted_ca',
      });
    }
  },
};
