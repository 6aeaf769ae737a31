// Names are checked of certificates that anybody may have signed.

import { peerValidation } from '../../tls/peer-validation.js';
import { checkedPeer } from '../checked-peer.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const sansWithoutCa: Rule = {
  code: 'sans-without-ca',
  level: 'error',
  finds: 'subject alternative names are checked without a trusted CA',
  why: 'Anyone can put any name into a self-signed certificate. Envoy rejects such a context.',
  source: 'envoy#3550, istio#32821',
  remedy: 'add a trusted_ca, or get it from SDS with a combined_validation_context',
  check(run, report) {
    for (const context of run.contexts) {
      if (peerValidation(context) === undefined) continue;
      const peer = checkedPeer(context, run);
      const [names] = peer.sans;
      if (names !== undefined && peer.root === undefined && !peer.isOpen && !peer.hasValidator)
        report(fieldAt(names.at, names.shown), {
          message: `${names.field} checks names, but no trusted CA has to sign the certificate`,
          expected: 'a trusted_ca next to it',
        });
    }
  },
};
