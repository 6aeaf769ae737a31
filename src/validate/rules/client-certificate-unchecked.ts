// A client certificate is asked for and nobody looks at it.

import { REQUIRE_CLIENT_CERTIFICATE } from '../../tls/fields.js';
import { admitsAnonymous } from '../../tls/peer-validation.js';
import { checkedPeer, checksAnything } from '../checked-peer.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const clientCertificateUnchecked: Rule = {
  code: 'client-certificate-unchecked',
  level: 'warning',
  finds: 'a server requires a client certificate but checks nothing of it',
  why: 'Envoy accepts any certificate then, also a self-signed one with any name in it.',
  source: 'pomerium#4352, envoy PR#4151; tried with Envoy 1.40',
  remedy: 'add a validation_context with the trusted_ca of the clients',
  check(run, report) {
    for (const context of run.contextsNaming(REQUIRE_CLIENT_CERTIFICATE)) {
      if (context.side !== 'downstream' || context.isBare || admitsAnonymous(context)) continue;
      if (checksAnything(checkedPeer(context, run))) continue;
      report(fieldAt(context.message, REQUIRE_CLIENT_CERTIFICATE), {
        message: 'a client certificate is required, but any certificate is accepted',
        expected: 'a validation_context with a trusted_ca',
      });
    }
  },
};
