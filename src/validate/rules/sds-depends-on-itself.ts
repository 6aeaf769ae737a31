// The way to the SDS server needs a secret that only the SDS server has.

import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';
import { serversOf } from '../sds-servers.js';

export const sdsDependsOnItself: Rule = {
  code: 'sds-depends-on-itself',
  level: 'error',
  finds: 'the cluster of an SDS server needs a secret from that server',
  why: 'The connection waits for the secret and the secret waits for the connection, so neither arrives.',
  source: "Envoy's documentation on SDS: the server's own cluster needs static certificates",
  remedy: 'give that cluster certificates from files, or reach the server over a Unix socket on the node',
  check({ instances }, report) {
    for (const { surveys } of instances) {
      for (const { message, from } of surveys.flatMap(({ secretSources }) => secretSources)) {
        if (from === undefined) continue;
        const name = from.text('name');
        for (const server of serversOf(message)) {
          if (server.name === name)
            report(fieldAt(server.message, server.field), {
              message: `the cluster ${name} fetches its secret through itself`,
              expected: 'another cluster, or certificates from files',
            });
        }
      }
    }
  },
};
