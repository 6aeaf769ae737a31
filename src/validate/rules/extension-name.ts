// A well-known name on an extension of another kind.

import { typeName } from '../../envoy/message-reader.js';
import { namedExtension } from '../extension-names.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const extensionName: Rule = {
  code: 'extension-name',
  level: 'warning',
  finds: 'an extension has the well-known name of another one',
  why: 'v3 goes by the type and v2 by the name: what runs is not what the reader, or another Envoy, takes it for.',
  source: 'envoy#19107, hashicorp/consul#10098',
  remedy: 'give it the name that belongs to its @type',
  check({ surveys }, report) {
    for (const { extensions } of surveys) {
      for (const extension of extensions) {
        const known = namedExtension(extension.text('name') ?? '');
        const node = extension.value('typed_config');
        if (known === undefined || node < 0) continue;
        const { tape } = extension.reader;
        const url = tape.get(node, '@type');
        const type = url < 0 ? '' : typeName(tape.string(url));
        if (type === '' || type.endsWith('.TypedStruct') || type === known.v2 || type === known.v3) continue;
        // Other names for the same: what is empty, what is not known here.
        if (!/^envoy\./.test(type)) continue;
        report(fieldAt(extension, 'name'), {
          message: `this name belongs to ${known.v3 ?? known.v2}, and ${type} stands here`,
          expected: `the name of ${type}`,
        });
      }
    }
  },
};
