// What a file that SDS reads must hold: one secret, with the name that is asked for.

import { nearName } from '../../finding/near-name.js';
import { secretName } from '../../tls/secret-uses.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const secretFile: Rule = {
  code: 'secret-file',
  level: 'error',
  finds: 'a file for SDS holds no secret of the name that is asked for, or more than one secret',
  why: 'Envoy takes exactly one secret from a file. With another name it waits for ever, with more than one it refuses the file or crashes.',
  source: 'envoy#21154, envoy#15166',
  remedy: 'give each secret a file of its own, under the name that the contexts ask for',
  check(run, report) {
    for (const { secretSources } of run.surveys) {
      for (const source of secretSources) {
        const file = run.fileOf(source);
        if (file === undefined) continue;
        const secrets = file.config.inventory.secrets.map(({ message }) => message);
        const names = secrets.map((secret) => secret.text('name') ?? '');
        const name = secretName(source.secret);
        if (name !== '' && !names.includes(name)) {
          const suggestion = nearName(name, names);
          report(fieldAt(source.secret.message, 'name'), {
            message: `${file.config.document.source.name} holds ${secrets.length === 0 ? 'no secret' : names.map((one) => JSON.stringify(one)).join(', ')}, not ${JSON.stringify(name)}`,
            expected: 'the name of the secret in the file',
            ...(suggestion !== undefined && { suggestion }),
          });
        }
        const [, second] = secrets;
        if (second !== undefined)
          report(fieldAt(second), {
            message: `this file is read by SDS and holds ${secrets.length} secrets`,
            expected: 'one secret a file',
          });
      }
    }
  },
};
