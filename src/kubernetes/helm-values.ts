// What Helm values of Istio 1.1 say of the node agent: `global.sds`, `global.trustDomain`, the image, and
// `nodeagent`, as in values-istio-sds-auth.yaml. Everything else in such a file is somebody else's.

import type { Finding } from '../finding/finding.js';
import { nearName } from '../finding/near-name.js';
import { type Document, readSource } from '../source/document.js';
import { Kind, type Tape } from '../source/tape.js';
import { nodeAt, textAt } from './objects.js';

/** The parts of the values that matter; absent where the file does not say. */
export interface AgentValues {
  readonly udsPath?: string;
  readonly useTrustworthyJwt?: boolean;
  readonly trustDomain?: string;
  readonly hub?: string;
  readonly tag?: string;
  readonly image?: string;
  readonly imagePullPolicy?: string;
  readonly priorityClassName?: string;
  readonly env: { readonly [name: string]: string };
}

/** Values, and what is odd about them. */
export interface ReadValues {
  readonly values: AgentValues;
  readonly findings: readonly Finding[];
}

const SDS_KEYS = ['enabled', 'udsPath', 'useTrustworthyJwt', 'useNormalJwt', 'token', 'customTokenDirectory'];
const AGENT_KEYS = [
  'enabled',
  'image',
  'env',
  'sdsudspath',
  'nodeSelector',
  'tolerations',
  'podAntiAffinityLabelSelector',
  'podAntiAffinityTermLabelSelector',
];

/** Reads a values file. */
export function readHelmValues(name: string, text: string): ReadValues {
  const source = readSource(name, text);
  const findings: Finding[] = source.findings.map((finding) =>
    // A file of comments says nothing, which is allowed.
    finding.code === 'empty' ? { ...finding, level: 'note' } : finding,
  );
  let values: AgentValues = { env: {} };
  for (const document of source.documents) {
    findings.push(...oddities(document));
    values = mergeValues(values, valuesOf(document));
  }
  return { values, findings };
}

/** Later values over earlier ones, as Helm merges its files. */
export function mergeValues(before: AgentValues, after: AgentValues): AgentValues {
  return { ...before, ...after, env: { ...before.env, ...after.env } };
}

function valuesOf({ tape }: Document): AgentValues {
  const global = tape.get(0, 'global');
  const sds = nodeAt(tape, 0, 'global', 'sds');
  const agent = tape.get(0, 'nodeagent');
  const text = <Name extends string>(name: Name, map: number, key: string = name) => {
    const value = textAt(tape, map, key);
    return (value === '' ? {} : { [name]: value }) as { [K in Name]?: string };
  };
  const trustworthy = textAt(tape, sds, 'useTrustworthyJwt');
  return {
    ...text('udsPath', sds),
    ...text('trustDomain', global),
    ...text('hub', global),
    ...text('tag', global),
    ...text('imagePullPolicy', global),
    ...text('priorityClassName', global),
    ...text('image', agent),
    ...(trustworthy !== '' && { useTrustworthyJwt: trustworthy === 'true' }),
    env: environmentAt(tape, nodeAt(tape, agent, 'env')),
  };
}

/** The chart puts each value in double quotes, in which `\\n` is a line break. */
function environmentAt(tape: Tape, map: number): { readonly [name: string]: string } {
  const texts: Record<string, string> = {};
  if (map < 0 || tape.kind(map) !== Kind.Map) return texts;
  for (let key = map + 1; key < (tape.links[map] as number); key = tape.next(key + 1)) {
    const value = tape.resolve(key + 1);
    if (tape.kind(value) <= Kind.String) texts[tape.name(key)] = tape.string(value).replaceAll('\\n', '\n');
  }
  return texts;
}

function oddities({ tape, source }: Document): Finding[] {
  const findings: Finding[] = [];
  const check = (path: readonly string[], known: readonly string[]): void => {
    const map = nodeAt(tape, 0, ...path);
    if (map < 0 || tape.kind(map) !== Kind.Map) return;
    for (let key = map + 1; key < (tape.links[map] as number); key = tape.next(key + 1)) {
      const name = tape.name(key);
      const suggestion = known.includes(name) ? undefined : nearName(name, known);
      if (suggestion === undefined) continue;
      findings.push({
        code: 'unknown-value',
        level: 'warning',
        message: `the chart does not read ${[...path, name].join('.')}`,
        suggestion,
        region: source.region(tape.start(key), tape.end(key)),
      });
    }
    const enabled = tape.get(map, 'enabled');
    if (enabled >= 0 && tape.string(enabled) === 'false')
      findings.push({
        code: 'not-enabled',
        level: 'warning',
        message: `these values disable ${path.join('.')}`,
        expected: `${path.join('.')}.enabled: true`,
        region: source.region(tape.start(enabled), tape.end(enabled)),
      });
  };
  check(['global', 'sds'], SDS_KEYS);
  check(['nodeagent'], AGENT_KEYS);
  return findings;
}
