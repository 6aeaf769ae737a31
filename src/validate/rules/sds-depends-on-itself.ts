// The way to the SDS server needs a secret that only the SDS server has.

import { grouped } from '../../collections/grouped.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';
import { type SdsServer, serversOf } from '../sds-servers.js';
import type { SecretSourceUse } from '../survey.js';

export const sdsDependsOnItself: Rule = {
  code: 'sds-depends-on-itself',
  level: 'error',
  finds: 'the cluster of an SDS server needs a secret from that server, itself or through others',
  why: 'The connection waits for the secret and the secret waits for the connection, so neither arrives.',
  source: "Envoy's documentation on SDS: the server's own cluster needs static certificates",
  remedy: 'give that cluster certificates from files, or reach the server over a Unix socket on the node',
  check({ instances }, report) {
    for (const { surveys } of instances) {
      const needs = surveys.flatMap(({ secretSources }) => secretSources.flatMap(needsOf));
      const targets = grouped(needs, ({ from }) => from);
      for (const { from, server } of needs) {
        if (!reaches(server.name, from, targets)) continue;
        report(fieldAt(server.message, server.field), {
          message:
            server.name === from
              ? `the cluster ${from} fetches its secret through itself`
              : `the cluster ${from} fetches its secret through ${server.name}, which waits for a secret through ${from}`,
          expected: 'another cluster, or certificates from files',
        });
      }
    }
  },
};

/** That a cluster needs another one to get its secret. */
interface Need {
  readonly from: string;
  readonly server: SdsServer;
}

function needsOf({ message, from }: SecretSourceUse): Need[] {
  const name = from?.text('name');
  return name === undefined ? [] : serversOf(message).map((server) => ({ from: name, server }));
}

/** Whether a cluster needs another one, whatever number of others between them. */
function reaches(from: string, to: string, needs: ReadonlyMap<string, readonly Need[]>): boolean {
  // Sets yield what is added while they are walked through.
  const seen = new Set([from]);
  for (const name of seen) {
    if (name === to) return true;
    for (const { server } of needs.get(name) ?? []) seen.add(server.name);
  }
  return false;
}
