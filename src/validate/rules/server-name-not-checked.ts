// Any certificate of the CA will do.

import { peerValidation } from '../../tls/peer-validation.js';
import { checksServerName } from '../../tls/server-names.js';
import { checkedPeer } from '../checked-peer.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const serverNameNotChecked: Rule = {
  code: 'server-name-not-checked',
  level: 'note',
  finds: "a cluster checks which CA signed the server's certificate but not the server's name",
  why: 'Anyone with a certificate from that CA can impersonate the server. sni requests a name but does not check it.',
  source: "Envoy's API: CertificateValidationContext.match_typed_subject_alt_names",
  remedy: "list the names that the server's certificate may have",
  check(run, report) {
    for (const context of run.contexts) {
      if (context.side !== 'upstream' || context.isBare || peerValidation(context) === undefined) continue;
      const peer = checkedPeer(context, run);
      const { root } = peer;
      if (root === undefined || peer.hasValidator || peer.sans.length > 0 || peer.pins.length > 0) continue;
      if (checksServerName(context)) continue;
      report(fieldAt(root.at, root.shown), {
        message: 'any certificate signed by this CA is accepted, whatever its name',
        expected: 'the names of the server',
      });
    }
  },
};
