// Names are checked, but only of those clients who choose to present a certificate.

import { REQUIRE_CLIENT_CERTIFICATE } from '../../tls/fields.js';
import { admitsAnonymous } from '../../tls/peer-validation.js';
import { checkedPeer } from '../checked-peer.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const clientCertificateOptional: Rule = {
  code: 'client-certificate-optional',
  level: 'warning',
  finds:
    'a server checks client certificates (CA, names or hashes) but does not require a client certificate',
  why: 'A client without a certificate is accepted, whatever is checked of the others.',
  source: "Envoy's API: DownstreamTlsContext.require_client_certificate",
  remedy: `set ${REQUIRE_CLIENT_CERTIFICATE}: true; where the certificate is meant to be optional, write false and remove names and hashes`,
  check(run, report) {
    for (const context of run.contexts) {
      // A CommonTlsContext by itself does not say which end it is for.
      if (context.isBare || !admitsAnonymous(context)) continue;
      // Who writes `false` has chosen to let others in; names that they need not have are still odd.
      const isChosen = context.message.has(REQUIRE_CLIENT_CERTIFICATE);
      const { sans, pins, root } = checkedPeer(context, run);
      const checked = sans[0] ?? pins[0] ?? (isChosen ? undefined : root);
      if (checked === undefined) continue;
      report(fieldAt(checked.at, checked.shown), {
        message: `${checked.field} is checked only for clients that present a certificate, and none is required to`,
        expected: `${REQUIRE_CLIENT_CERTIFICATE}: true`,
      });
    }
  },
};
