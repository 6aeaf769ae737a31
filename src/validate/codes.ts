// The codes of findings that come from no rule: what reading, the schema check and the readers of Kubernetes
// and Istio resources say, and what is wrong with silences.

import { SCHEMA_CODES } from '../envoy/schema/codes.js';

/** What each code means, in a sentence without a full stop. */
export const CODES: ReadonlyMap<string, string> = new Map([
  ['unreadable', 'the file cannot be read'],
  ['encoding', 'the file is not UTF-8 text'],
  ['syntax', 'the text is not valid JSON or YAML'],
  ['template', 'the text is an unrendered template'],
  ['empty', 'the text contains no document'],
  ['duplicate-key', 'a map has a duplicate key; parsers differ in which one they use'],
  ['json-comment', 'a comment in JSON, which Envoy rejects'],
  ['json-quotes', 'keys or strings of JSON without double quotes, which Envoy reads and other tools do not'],
  ['trailing-comma', 'a trailing comma in JSON, which Envoy before 1.40 rejects'],
  ['config-map-value', 'a value of a ConfigMap is not text, so Kubernetes does not take it'],
  ['unread-document', 'a YAML document after a bootstrap, which Envoy does not read'],
  ['no-envoy-config', 'a file given by name contains nothing to check'],
  ...SCHEMA_CODES,
  ['wrong-value', 'a field of a Kubernetes or Istio resource has an invalid value'],
  ['conflicting-fields', 'fields of an Istio resource that cannot be combined, or that have no effect there'],
  ['wrong-name', 'a resource has a name that its kind does not allow'],
  ['unknown-kind', 'a kind that does not exist in its API group but resembles one that does'],
  ['no-name', 'a resource has no name'],
  ['project-config', 'xdsc.config.yaml has an unknown key or value'],
  ['unused-silence', 'a comment silences a code that the next line does not cause'],
  ['silence-without-reason', 'a comment silences a code without a reason'],
]);
