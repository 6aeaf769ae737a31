// Names are checked, but only of those clients who choose to present a certificate.

import { REQUIRE_CLIENT_CERTIFICATE } from '../../tls/fields.js';
import { admitsAnonymous, peerValidation } from '../../tls/peer-validation.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const clientCertificateOptional: Rule = {
  code: 'client-certificate-optional',
  level: 'warning',
  finds: 'a server checks names or hashes of client certificates but does not require a client certificate',
  why: 'A client without a certificate is accepted, whatever the list contains.',
  source: "Envoy's API: DownstreamTlsContext.require_client_certificate",
  remedy: `set ${REQUIRE_CLIENT_CERTIFICATE}: true, or remove the list`,
  check({ contexts }, report) {
    for (const context of contexts) {
      // A CommonTlsContext by itself does not say which end it is for.
      if (context.isBare || !admitsAnonymous(context)) continue;
      const { own, sans = [], pins = [] } = peerValidation(context) ?? {};
      const field = sans[0] ?? pins[0];
      if (own === undefined || field === undefined) continue;
      report(fieldAt(own, field), {
        message: `${field} is checked only for clients that present a certificate, and none is required to`,
        expected: `${REQUIRE_CLIENT_CERTIFICATE}: true`,
      });
    }
  },
};
