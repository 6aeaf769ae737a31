// Each side shows the SPIFFE ID of its workload, and both are certificates of this CA: so say the proxies of the
// servers about each call, and all proxies about what they hold.

import { connectionName } from '../calls.js';
import type { Proof } from '../proof.js';
import type { Stage } from '../stage.js';
import type { MadeCall } from './calls.js';

/** Compares what the proxies saw with who was there. */
export async function identitiesProof(stage: Stage, made: readonly MadeCall[]): Promise<Proof> {
  const problems: string[] = [];
  const mutual = made.filter(({ result }) => result.outcome === 'mtls');
  for (const { connection, result } of mutual) {
    const { client, port } = connection;
    const servers = stage.cluster.members
      .filter(({ name }) => port.targets.has(name))
      .map((one) => stage.idOf(one));
    const name = connectionName(connection);
    if (result.client !== stage.idOf(client))
      problems.push(
        `${name}: the client showed ${result.client ?? 'no SPIFFE ID'}, not ${stage.idOf(client)}`,
      );
    if (!servers.includes(result.server ?? ''))
      problems.push(
        `${name}: the server showed ${result.server ?? 'no SPIFFE ID'}, not ${servers.join(' or ')}`,
      );
  }
  let certificates = 0;
  for (const running of stage.pods) {
    const { pod, name } = running;
    for (const { uris } of (await running.held()).presented) {
      certificates++;
      if (uris.join() !== stage.idOf(pod.member))
        problems.push(`the proxy of ${name} holds a certificate of ${uris.join(', ') || 'no SPIFFE ID'}`);
    }
  }
  return {
    name: 'identities',
    ok: problems.length === 0 && mutual.length > 0 && certificates > 0,
    detail:
      mutual.length === 0
        ? 'no call was made with mTLS'
        : `both sides of ${mutual.length} calls, and ${certificates} certificates in the proxies`,
    problems,
  };
}
