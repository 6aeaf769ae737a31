// All calls of a mesh, with what is expected of each: what the user says, else what the policies say.

import type { CompileInput } from '../compile/compile.js';
import { type Connection, connectionName, connectionsOf } from './calls.js';
import type { Cluster } from './cluster.js';
import type { ExpectedOutcomes } from './expected-file.js';
import { type Expectation, Policies } from './policies.js';

/** A connection with what is expected of it. */
export interface ExpectedCall {
  readonly connection: Connection;
  readonly expected: Expectation;
}

/** The policies of a mesh. */
export function policiesOf(
  inputs: readonly CompileInput[],
  { settings, trustDomain }: Pick<Cluster, 'settings' | 'trustDomain'>,
): Policies {
  return new Policies(inputs, { trustDomain, rootNamespace: settings.root_namespace as string });
}

/** All calls, with what is expected of each. */
export function expectedCalls(
  cluster: Cluster,
  policies: Policies,
  expected: ExpectedOutcomes,
): ExpectedCall[] {
  return connectionsOf(cluster).map((connection) => {
    const { client, service, port, entrance } = connection;
    const said = expected.get(connectionName(connection));
    const hasProxy = cluster.members.some((one) => port.targets.has(one.name) && one.hasProxy);
    const server = { name: service.name, namespace: service.namespace, hasProxy };
    return {
      connection,
      expected:
        said === undefined
          ? policies.expect({ client, server, port, isRouted: entrance !== undefined })
          : { outcome: said, why: '--expect says so' },
    };
  });
}
