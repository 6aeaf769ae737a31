// Servers that may begin a handshake anew in the middle of a connection.

import { RENEGOTIATION } from '../../tls/fields.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const renegotiation: Rule = {
  code: 'renegotiation',
  level: 'note',
  finds: 'a server may renegotiate TLS within a connection',
  why: 'Renegotiation has known attacks and is not in TLS 1.3; few servers still need it.',
  source: "Envoy's API: UpstreamTlsContext.allow_renegotiation",
  remedy: `remove ${RENEGOTIATION} unless the server needs it`,
  check({ contextsNaming }, report) {
    for (const { message } of contextsNaming(RENEGOTIATION))
      if (message.text(RENEGOTIATION) === 'true')
        report(fieldAt(message, RENEGOTIATION), { message: 'the server may renegotiate TLS' });
  },
};
