// A well-known name on an extension of another kind.

import { message } from '../../envoy/api-table.js';
import { namedAs } from '../../envoy/extensions/extension-config.js';
import { configTypes, typeToday } from '../../envoy/extensions/extensions.js';
import { sideOf } from '../../envoy/extensions/side.js';
import { typeName } from '../../envoy/message-reader.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const extensionName: Rule = {
  code: 'extension-name',
  level: 'warning',
  finds: 'an extension has the well-known name of another extension',
  why: 'v3 selects extensions by type and v2 by name, so what runs is not what a reader, or another Envoy, expects.',
  source: 'envoy#19107, hashicorp/consul#10098',
  remedy: 'use the name that matches its @type',
  check({ surveys }, report) {
    for (const { extensions } of surveys) {
      for (const extension of extensions) {
        const node = extension.value('typed_config');
        if (node < 0) continue;
        const { tape } = extension.reader;
        const url = tape.get(node, '@type');
        const type = url < 0 ? '' : finalName(typeName(tape.string(url)));
        // What is empty or of others may go by any name; of types that are not known the schema check speaks.
        if (!type.startsWith('envoy.') || message(type) === undefined || WRAPPERS.has(type)) continue;
        const known = namedAs(extension);
        if (known === undefined) continue;
        const types = configTypes(known);
        if (types.length === 0 || types.map(finalName).includes(type)) continue;
        report(fieldAt(extension, 'name'), {
          message: `this is the well-known name of ${typeToday(known, () => sideOf(extension)) ?? types[0]}, but its config is a ${type}`,
          expected: `the name of ${type}`,
        });
      }
    }
  },
};

/** Messages that hold an extension of any name. */
const WRAPPERS: ReadonlySet<string> = new Set(['envoy.extensions.common.matching.v3.ExtensionWithMatcher']);

/** The name that a message has kept, where it was in trial first. */
function finalName(type: string): string {
  return type.replace('.v3alpha.', '.v3.');
}
