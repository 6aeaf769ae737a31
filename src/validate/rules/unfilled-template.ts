// Values that a template was to fill in.

import { quoted } from '../../secrecy/quoted.js';
import { Kind, type Tape } from '../../source/tape.js';
import { placeholderIn } from '../../source/template.js';
import { inDocument } from '../place.js';
import type { Rule } from '../rule.js';

/** The names of fields that hold code or text of other languages, in which such signs mean something else. */
const OTHER_LANGUAGES =
  /^(?:inline|source|regex|body|text|json|format)|(?:code|regex|format|script|string|bytes)$/i;

export const unfilledTemplate: Rule = {
  code: 'unfilled-template',
  level: 'warning',
  finds: 'a value has the placeholder of a template that was not filled in',
  why: 'Envoy takes the placeholder for the value: it looks for a file or a cluster of that name.',
  source: 'envoy#19618',
  remedy: 'fill in the template first (envsubst, helm template, …) and validate what comes out',
  check({ surveys }, report) {
    for (const { config } of surveys) {
      const { document } = config;
      const { tape } = document;
      // Few documents have any.
      if (!/\$\{|<%|\{\{/.test(tape.text)) continue;
      const seen = new Set<string>();
      for (let key = 0; key < tape.size; key++) {
        const node = templatedValue(tape, key);
        const placeholder = node < 0 ? undefined : placeholderIn(tape.string(node));
        if (placeholder === undefined || seen.has(placeholder)) continue;
        seen.add(placeholder);
        report(inDocument(document, node, ''), {
          message: `${quoted(placeholder)} is a placeholder that was not filled in`,
          expected: 'the value itself',
        });
      }
    }
  },
};

/** The text in the value of a key, or the first of its list; -1 where the key has none that may be a template's. */
function templatedValue(tape: Tape, key: number): number {
  if (tape.kind(key) !== Kind.Key || OTHER_LANGUAGES.test(tape.name(key))) return -1;
  const value = tape.resolve(key + 1);
  const isList = tape.kind(value) === Kind.List && tape.next(value) > value + 1;
  const node = isList ? tape.resolve(value + 1) : value;
  return tape.kind(node) === Kind.String ? node : -1;
}
