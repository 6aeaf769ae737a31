// What the user expects of calls (`--expect FILE`): it wins over what is read from the policies.
//
//   sleep.foo:                     the client
//     httpbin.bar:8000: mtls       what it calls, and what becomes of it

import type { Finding } from '../finding/finding.js';
import { nearName } from '../finding/near-name.js';
import { quoted } from '../secrecy/quoted.js';
import { readSource } from '../source/document.js';
import { Kind, type Tape } from '../source/tape.js';
import { OUTCOMES, type Outcome } from './policies.js';

/** Outcomes by the names of connections. */
export type ExpectedOutcomes = ReadonlyMap<string, Outcome>;

/** Outcomes, and findings of level error for what is wrong with the file. */
export interface ReadExpected {
  readonly expected: ExpectedOutcomes;
  readonly findings: readonly Finding[];
}

/**
 * Reads the file, in YAML or JSON.
 *
 * @param known the names of all connections
 */
export function readExpected(name: string, text: string, known: readonly string[]): ReadExpected {
  const source = readSource(name, text);
  const findings = [...source.findings];
  const expected = new Map<string, Outcome>();
  for (const { tape } of source.documents) {
    const report = (node: number, message: string, wanted: string, suggestion?: string): void => {
      findings.push({
        code: 'expect-file',
        level: 'error',
        message,
        expected: wanted,
        region: source.region(tape.start(node), tape.end(node)),
        ...(suggestion !== undefined && { suggestion }),
      });
    };
    for (const [client, at, calls] of membersOf(tape, 0)) {
      if (tape.kind(calls) !== Kind.Map)
        report(at, `${quoted(client)} has no calls`, 'a map from each service and port to an outcome');
      for (const [service, key, value] of membersOf(tape, calls)) {
        const connection = `${client} → ${service}`;
        const outcome = OUTCOMES.find((one) => one === tape.string(value));
        if (!known.includes(connection)) {
          const near = nearName(connection, known);
          report(
            key,
            `nothing calls ${quoted(connection)} in this mesh`,
            'a client, and a service with its port',
            near,
          );
        } else if (outcome === undefined)
          report(value, `${quoted(tape.string(value))} is not an outcome`, OUTCOMES.join(', '));
        else expected.set(connection, outcome);
      }
    }
  }
  return { expected, findings };
}

function membersOf(tape: Tape, node: number): [name: string, key: number, value: number][] {
  const found: [string, number, number][] = [];
  if (tape.kind(node) !== Kind.Map) return found;
  for (let key = node + 1; key < (tape.links[node] as number); key = tape.next(key + 1))
    found.push([tape.name(key), key, tape.resolve(key + 1)]);
  return found;
}
