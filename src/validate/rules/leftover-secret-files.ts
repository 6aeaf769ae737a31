// The move to SDS is half done: files are still named beside secrets from SDS.

import { pathText } from '../../tls/in-words.js';
import { materialOf } from '../../tls/material.js';
import { isSystemBundle } from '../../tls/secret-names.js';
import { secretSource, secretUses } from '../../tls/secret-uses.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

const SECRET_ROLES = new Set(['chain', 'key', 'pkcs12', 'root']);

export const leftoverSecretFiles: Rule = {
  code: 'leftover-secret-files',
  level: 'note',
  finds: 'a configuration that uses SDS still names certificate files',
  why: 'Envoy still reads files that may be removed once everything uses SDS, and pods keep mounting them.',
  source: 'istio#16486, istio#14039',
  remedy: 'convert the rest with xdsc convert, or silence this finding where the files are intended',
  check({ instances }, report) {
    for (const { surveys } of instances) {
      const usesSds = surveys.some(({ secretUses }) =>
        secretUses.some((use) => secretSource(use) !== undefined),
      );
      if (!usesSds) continue;
      for (const context of surveys.flatMap(({ contexts }) => contexts)) {
        // Of a root beside secrets other rules tell.
        const isMixed = secretUses(context).some((use) => secretSource(use) !== undefined);
        for (const { role, source, message } of materialOf(context)) {
          if (role === 'root' && isMixed) continue;
          if (SECRET_ROLES.has(role) && source.from === 'file' && !isSystemBundle(source.filename))
            report(fieldAt(message, 'filename'), {
              message: `${pathText(source.filename)} is still read from a file`,
              expected: 'a secret from SDS, as elsewhere in this configuration',
            });
        }
      }
    }
  },
};
