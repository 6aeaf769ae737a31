// What a file that SDS reads must hold: one secret, with the name that is asked for.

import type { Message } from '../../envoy/message.js';
import { nearName } from '../../finding/near-name.js';
import { quoted } from '../../secrecy/quoted.js';
import { askedContent, heldContent, secretName } from '../../tls/secret-uses.js';
import { fieldAt } from '../place.js';
import { isResponseFile } from '../response-files.js';
import type { Report, Rule } from '../rule.js';
import type { Survey } from '../survey.js';

export const secretFile: Rule = {
  code: 'secret-file',
  level: 'error',
  finds:
    'an SDS file does not hold the requested secret, holds one of another kind, or holds more than one secret',
  why: 'Envoy reads exactly one secret from a file. If the name differs it waits forever; if there are several it rejects the file or crashes.',
  source: 'envoy#21154, envoy#15166',
  remedy: 'put each secret in its own file, with the name that the contexts request',
  check(run, report) {
    const named = new Set<Survey>();
    for (const { secretSources } of run.surveys) {
      for (const source of secretSources) {
        const file = run.fileOf(source);
        if (file === undefined) continue;
        named.add(file);
        const secrets = file.config.inventory.secrets.map(({ message }) => message);
        const names = secrets.map((secret) => secret.text('name') ?? '');
        const name = secretName(source.secret);
        if (name !== '' && !names.includes(name)) {
          const suggestion = nearName(name, names);
          report(fieldAt(source.secret.message, 'name'), {
            message: `${file.config.document.source.name} holds ${secrets.length === 0 ? 'no secret' : names.map((one) => quoted(one)).join(', ')}, not ${quoted(name)}`,
            expected: 'the name of the secret in that file',
            ...(suggestion !== undefined && { suggestion }),
          });
        }
        const meant = secrets.find((secret) => name === '' || secret.text('name') === name);
        const [held, asked] = [
          meant === undefined ? undefined : heldContent(meant),
          askedContent(source.secret),
        ];
        if (held !== undefined && held !== asked)
          report(fieldAt(source.secret.message, 'name'), {
            message: `the secret in ${file.config.document.source.name} is a ${held}, not a ${asked}`,
            expected: `a file with a ${asked}`,
          });
        tellOthers(secrets, report);
      }
    }
    for (const survey of run.surveys)
      if (!named.has(survey) && isResponseFile(survey.config))
        tellOthers(
          survey.config.inventory.secrets.map(({ message }) => message),
          report,
        );
  },
};

/** Reports that there is more than one secret in a file. */
function tellOthers(secrets: readonly Message[], report: Report): void {
  const [, second] = secrets;
  if (second !== undefined)
    report(fieldAt(second), {
      message: `this SDS file holds ${secrets.length} secrets`,
      expected: 'one secret per file',
    });
}
