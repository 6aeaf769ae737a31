// A secret that nobody asks for is a key that lies about.

import { quoted } from '../../secrecy/quoted.js';
import { isGeneric, secretName, secretSource } from '../../tls/secret-uses.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const unusedSecret: Rule = {
  code: 'unused-secret',
  level: 'warning',
  finds: 'a static secret is not used by any context',
  why: 'Either a context lost its certificate, or a key is kept that is not needed.',
  source: 'envoy#15166',
  remedy: 'remove the secret, or correct the name that should refer to it',
  check({ instances }, report) {
    for (const { bootstrap, surveys, usesClosed } of instances) {
      if (bootstrap === undefined || !usesClosed) continue;
      const used = new Set(
        surveys.flatMap(({ secretUses }) =>
          secretUses.flatMap((use) => (secretSource(use) === undefined ? secretName(use) : [])),
        ),
      );
      for (const { message, kind } of surveys.flatMap(({ config }) => config.inventory.secrets)) {
        const name = message.text('name') ?? '';
        // Others than TLS contexts use generic secrets.
        if (kind !== 'static' || used.has(name) || isGeneric(message)) continue;
        report(fieldAt(message), { message: `no context uses the secret ${quoted(name)}` });
      }
    }
  },
};
