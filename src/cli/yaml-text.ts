// YAML output of what was compiled.

import { stringify } from 'yaml';

/** YAML without anchors: Envoy need not know them. */
export function yamlText(value: object): string {
  return stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 });
}
