// A secret without a source is one of the bootstrap's own, and the bootstrap has none of that name.

import { nearName } from '../../finding/near-name.js';
import { quoted } from '../../secrecy/quoted.js';
import { askedContent, heldContent, secretName, secretSource } from '../../tls/secret-uses.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const unknownSecret: Rule = {
  code: 'unknown-secret',
  level: 'error',
  finds: 'a context names a static secret that does not exist in the bootstrap, or is of another kind',
  why: 'A name without sds_config refers to a secret in static_resources.secrets. Envoy does not start without it.',
  source: 'envoy#21154',
  remedy: 'add the secret to static_resources.secrets, or add an sds_config that says where it comes from',
  check({ instances }, report) {
    for (const { bootstrap, surveys } of instances) {
      if (bootstrap === undefined) continue;
      const secrets = surveys
        .flatMap(({ config }) => config.inventory.secrets)
        .flatMap(({ kind, message }) => (kind === 'static' ? [message] : []));
      const names = new Set(secrets.map((secret) => secret.text('name') ?? ''));
      for (const use of surveys.flatMap((survey) => survey.secretUses)) {
        const name = secretName(use);
        if (name === '' || secretSource(use) !== undefined) continue;
        if (names.has(name)) {
          // Envoy keeps the names of each kind of secret apart.
          const held = secrets.filter((secret) => secret.text('name') === name).map(heldContent);
          const asked = askedContent(use);
          if (!held.includes(asked) && held[0] !== undefined)
            report(fieldAt(use.message, 'name'), {
              message: `the static secret ${quoted(name)} holds a ${held[0]}, not a ${asked}`,
              expected: `the name of a secret with a ${asked}`,
            });
          continue;
        }
        const suggestion = nearName(name, names);
        report(fieldAt(use.message, 'name'), {
          message: `unknown static secret ${quoted(name)}`,
          expected: 'the name of a secret in static_resources.secrets, or an sds_config',
          ...(suggestion !== undefined && { suggestion }),
        });
      }
    }
  },
};
