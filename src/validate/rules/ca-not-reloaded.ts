// Certificates are renewed by SDS, the CA beside them is read once.

import type { TlsContext } from '../../tls/context.js';
import { SDS_CONFIG } from '../../tls/fields.js';
import { pathText } from '../../tls/in-words.js';
import { materialOf } from '../../tls/material.js';
import { isSystemBundle } from '../../tls/secret-names.js';
import { secretSource, secretUses } from '../../tls/secret-uses.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const caNotReloaded: Rule = {
  code: 'ca-not-reloaded',
  level: 'warning',
  finds: 'certificates come from SDS and the trusted CA from a file',
  why: 'Envoy reads the file once. After the CA is renewed, peers with new certificates are rejected until Envoy restarts.',
  source: 'gateway#5074',
  remedy:
    'get the CA from SDS as well: use validation_context_sds_secret_config or combined_validation_context',
  check({ contextsNaming }, report) {
    for (const context of contextsNaming(SDS_CONFIG)) {
      if (!isServed(context)) continue;
      for (const { role, source, message } of materialOf(context)) {
        if (role === 'root' && source.from === 'file' && !isSystemBundle(source.filename))
          report(fieldAt(message, 'filename'), {
            message: `${pathText(source.filename)} is read only once, but the certificates are renewed by SDS`,
            expected: 'the CA from SDS',
          });
      }
    }
  },
};

/** Whether a context's certificates come from SDS; a static secret is read once, too. */
function isServed(context: TlsContext): boolean {
  return secretUses(context).some((use) => use.purpose === 'certificate' && secretSource(use) !== undefined);
}
