// A connection keeps the certificate that it began with.

import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

const OPTIONS = 'common_http_protocol_options';

export const noConnectionLimit: Rule = {
  code: 'no-connection-limit',
  level: 'note',
  finds: "a listener's certificates are renewed by SDS, but its connections may live forever",
  why: 'A new certificate applies to new connections only, so a peer whose certificate was revoked stays connected.',
  source: 'envoy#28386, envoy#17999',
  remedy: `set max_connection_duration in ${OPTIONS}`,
  check({ surveys }, report) {
    for (const { secretUses, connectionManagers } of surveys) {
      const served = new Set(
        secretUses.flatMap(({ context }) =>
          context.side === 'downstream' ? (context.resource?.node ?? []) : [],
        ),
      );
      if (served.size === 0) continue;
      // One is enough to say it: they tend to be alike.
      const open = connectionManagers.find(
        ({ message, listener }) =>
          listener !== undefined &&
          served.has(listener.node) &&
          !message.message(OPTIONS)?.has('max_connection_duration'),
      );
      if (open !== undefined)
        report(fieldAt(open.message, 'stat_prefix'), {
          message: 'connections to this listener can outlive the certificates that SDS renews',
          expected: `${OPTIONS}: {max_connection_duration: …}`,
        });
    }
  },
};
