// Writes the validate rules that elements had before they changed, from proto/history/changes.txt, for
// src/envoy/versions/rule-changes.ts: a line for each change, `TYPE.FIELD VERSION RULES`, where the rules held
// until that minor version, in the form of schema-rules.data.ts; for oneofs `TYPE VERSION ["ONEOF"]`.

import { fromJson } from '@bufbuild/protobuf';
import { flatRules } from './schema-rules.mjs';

/**
 * @param {string} text proto/history/changes.txt
 * @param {{ registry: import('@bufbuild/protobuf').FileRegistry }} descriptors
 * @returns {string} the table, in the order of the file
 * @throws an Error that quotes a line that has not the form
 */
export function encodeRuleChanges(text, { registry }) {
  const schema = registry.getMessage('validate.FieldRules');
  if (schema === undefined) throw new Error('validate.FieldRules is not declared');
  let scope = '';
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap((line) => {
      if (!line.startsWith(' ')) {
        scope = line;
        return [];
      }
      const [, name, version, kind, json] = /^ (\S+) (\d+) (rules|required) (.*)$/.exec(line) ?? [];
      if (name === undefined) throw new Error(`proto/history/changes.txt: not understood: ${line}`);
      const rules =
        kind === 'required'
          ? json
          : JSON.stringify(flatRules(registry, fromJson(schema, JSON.parse(json)), name));
      return [`${scope}.${name} ${version} ${rules}`];
    })
    .join('\n');
}
