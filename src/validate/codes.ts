// The codes of findings that come from no rule: what reading, the schema check and the readers of Kubernetes
// and Istio resources say, and what is wrong with silences.

import { SCHEMA_CODES } from '../envoy/schema/codes.js';

/** What each code means, in a sentence without a full stop. */
export const CODES: ReadonlyMap<string, string> = new Map([
  ['unreadable', 'the file cannot be read'],
  ['encoding', 'the file is not text in UTF-8'],
  ['syntax', 'the text is not valid JSON or YAML'],
  ['template', 'the text is a template whose values are not filled in'],
  ['empty', 'there is no document in the text'],
  ['duplicate-key', 'a key stands twice in a map; parsers differ in which of the two counts'],
  ['json-comment', 'a comment in JSON, which Envoy refuses'],
  ['trailing-comma', 'a trailing comma in JSON, which Envoy refuses'],
  ['no-envoy-config', 'a file that was named holds nothing that is checked'],
  ...SCHEMA_CODES,
  ['wrong-value', 'a value of a Kubernetes or Istio resource that its field does not take'],
  ['unknown-kind', 'a kind that its API group does not have, near one that it has'],
  ['no-name', 'a resource has no name'],
  ['project-config', 'xdsc.config.yaml has a name or a value that is not known'],
  ['unused-silence', 'a comment silences a code that is not reported on the next line'],
  ['silence-without-reason', 'a comment silences a code and does not say why'],
]);
