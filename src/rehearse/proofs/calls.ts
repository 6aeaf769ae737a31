// Who can call whom: every workload calls every service, and what becomes of it is what the policies say.

import {
  type CallResult,
  type Connection,
  call,
  callUntil,
  connectionName,
  uncalledPorts,
} from '../calls.js';
import type { ExpectedCall } from '../expected-calls.js';
import type { Expectation } from '../policies.js';
import type { Proof } from '../proof.js';
import type { Stage } from '../stage.js';

/** A call that was made. */
export interface MadeCall extends ExpectedCall {
  readonly result: CallResult;
}

/** How long a connection may take until it is first as expected, in milliseconds. */
const PATIENCE = 3000;

/** Makes all calls, a few at a time. */
export async function makeCalls(stage: Stage, calls: readonly ExpectedCall[]): Promise<MadeCall[]> {
  const made: MadeCall[] = [];
  const waiting = calls.map((one, index) => [one, index] as const);
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [{ connection, expected }, index] = next;
      const result =
        expected.outcome === undefined
          ? await call(stage, connection)
          : await callUntil(stage, connection, (one) => isAsExpected(one, expected), PATIENCE);
      made[index] = { connection, expected, result };
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return made;
}

const AT_A_TIME = 8;

/** What the calls prove. */
export function callsProof(stage: Stage, made: readonly MadeCall[]): Proof {
  const problems = made.flatMap(({ connection, expected, result }) =>
    isAsExpected(result, expected) ? [] : [problemOf(connection, expected, result)],
  );
  const uncalled = uncalledPorts(stage.cluster);
  return {
    name: 'calls',
    ok: made.length > 0 && problems.length === 0,
    requests: made.length,
    failed: problems.length,
    detail: [
      made.length === 0 ? 'there is nothing to call' : countsOf(made),
      ...(uncalled.length === 0 ? [] : [`not called: ${uncalled.join(', ')}`]),
    ].join('; '),
    problems,
  };
}

/** Whether a call ended as expected. Over TCP nobody says whether it was mTLS. */
function isAsExpected({ outcome }: CallResult, expected: Expectation): boolean {
  if (outcome === 'arrived') return expected.outcome === 'mtls' || expected.outcome === 'plain';
  return outcome === expected.outcome;
}

function problemOf(connection: Connection, expected: Expectation, result: CallResult): string {
  const name = connectionName(connection);
  const was = `${result.outcome}${result.reason === undefined ? '' : ` (${result.reason})`}`;
  return expected.outcome === undefined
    ? `${name}: ${was}, and nothing says what is expected, since ${expected.why}; say it with --expect`
    : `${name}: expected ${expected.outcome}, since ${expected.why}; it was ${was}`;
}

function countsOf(made: readonly MadeCall[]): string {
  return Object.entries(WORDS)
    .map(([outcome, words]) => ({
      words,
      count: made.filter(({ result }) => result.outcome === outcome).length,
    }))
    .filter(({ count }) => count > 0)
    .map(({ words, count }) => `${count} ${words}`)
    .join(', ');
}

const WORDS: Readonly<Record<CallResult['outcome'], string>> = {
  mtls: 'with mTLS',
  plain: 'in plain text',
  arrived: 'over TCP',
  denied: 'denied by a role',
  refused: 'refused',
  failed: 'not possible',
};
