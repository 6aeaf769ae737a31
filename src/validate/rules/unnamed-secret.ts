// A secret without a name is never asked for, and a request without one is never answered.

import { type SecretUse, secretName, secretSource } from '../../tls/secret-uses.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

/** Whether a secret is read from a file in v2, where Envoy takes what the file holds. */
function isFileOfV2(use: SecretUse): boolean {
  return use.context.api === 'v2' && (secretSource(use)?.has('path') ?? false);
}

export const unnamedSecret: Rule = {
  code: 'unnamed-secret',
  level: 'error',
  finds: 'a secret, or a reference to one, has no name',
  why: 'SDS selects secrets by name. Envoy waits forever for a secret that arrives under another name.',
  source: 'envoy#15166',
  remedy: 'give the secret the name that the contexts request',
  check({ surveys }, report) {
    for (const { secretUses, config } of surveys) {
      for (const use of secretUses)
        if (secretName(use) === '' && !isFileOfV2(use))
          report(fieldAt(use.message), {
            message: 'this reference to a secret has no name',
            expected: 'a name',
          });
      for (const { message, kind } of config.inventory.secrets)
        if ((message.text('name') ?? '') === '')
          report(fieldAt(message), {
            message: 'this secret has no name',
            expected: 'a name',
            // Envoy takes a static one, which no context can name.
            ...(kind === 'static' && { level: 'warning' }),
          });
    }
  },
};
