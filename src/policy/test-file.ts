// Tests of policies: files of configuration, and which policies find something in them.
//
//   - name: a slow cluster
//     file: testdata/slow.yaml        # from the folder of the test file, or `text:` with the configuration itself
//     expect: [short-timeouts:3]      # codes in the order of the text, with or without a line; [] for none

import { Ajv2020 } from 'ajv/dist/2020.js';
import { plainValue } from '../envoy/normal-value.js';
import type { Finding } from '../finding/finding.js';
import { type Document, readSource } from '../source/document.js';
import { Kind, type Tape } from '../source/tape.js';

/** A test. */
export interface PolicyTest {
  readonly name: string;
  readonly file?: string;
  readonly text?: string;
  readonly expect: readonly string[];
}

const SCHEMA = {
  type: 'array',
  items: {
    type: 'object',
    additionalProperties: false,
    properties: {
      name: { type: 'string' },
      file: { type: 'string' },
      text: { type: 'string' },
      expect: { type: 'array', items: { type: 'string' } },
    },
    required: ['name', 'expect'],
    oneOf: [{ required: ['file'] }, { required: ['text'] }],
  },
};

/** Reads a file of tests; what is wrong with it are findings. */
export function readPolicyTests(
  name: string,
  text: string,
): { readonly tests: readonly PolicyTest[]; readonly findings: readonly Finding[] } {
  const { documents, findings } = readSource(name, text);
  const [document] = documents;
  if (document === undefined) return { tests: [], findings };
  const value = plainValue(document.tape, 0);
  const validate = new Ajv2020({ strict: false }).compile<readonly PolicyTest[]>(SCHEMA);
  if (validate(value)) return { tests: value, findings };
  const errors = validate.errors ?? [];
  const error = errors.find(({ keyword }) => keyword === 'oneOf') ?? errors[0];
  const message =
    error?.keyword === 'oneOf'
      ? 'a test has one of file and text'
      : `this test file is wrong: ${error?.message}`;
  return { tests: [], findings: [...findings, fault(document, error?.instancePath ?? '', message)] };
}

function fault({ tape, source }: Document, path: string, message: string): Finding {
  const node = nodeAt(tape, path.split('/').slice(1));
  const start = tape.start(node);
  const region = source.region(start, tape.kind(node) < Kind.Map ? tape.end(node) : start + 1);
  return {
    code: 'policy-test',
    level: 'error',
    message,
    expected: 'a list of tests with name, file or text, and expect',
    region,
  };
}

/** The node at a JSON pointer, or the last one on the way that is there. */
function nodeAt(tape: Tape, steps: readonly string[]): number {
  let node = 0;
  for (const step of steps) {
    let next = -1;
    if (tape.kind(node) === Kind.List) {
      next = node + 1;
      for (let index = 0; index < Number(step); index++) next = tape.next(next);
    } else next = tape.get(node, step);
    if (next < 0) return node;
    node = tape.resolve(next);
  }
  return node;
}

/** Whether what was found is what a test expects. */
export function isExpected({ expect }: PolicyTest, found: readonly Finding[]): boolean {
  return (
    expect.length === found.length &&
    expect.every((wanted, index) => {
      const { code, region } = found[index] as Finding;
      return wanted === code || wanted === `${code}:${region?.line}`;
    })
  );
}
