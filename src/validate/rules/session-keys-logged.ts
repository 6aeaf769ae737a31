// Keys of connections that are written to a file.

import { KEY_LOG } from '../../tls/fields.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const sessionKeysLogged: Rule = {
  code: 'session-keys-logged',
  level: 'warning',
  finds: 'the keys of TLS sessions are written to a file',
  why: 'Anyone who reads the file can decrypt recorded traffic.',
  source: "Envoy's API: CommonTlsContext.key_log",
  remedy: 'remove key_log; it is for debugging',
  check({ contextsNaming }, report) {
    for (const { common } of contextsNaming(KEY_LOG))
      if (common?.has(KEY_LOG))
        report(fieldAt(common, KEY_LOG), { message: 'the keys of these TLS sessions are written to a file' });
  },
};
