// A combined validation context is a merge of two messages: the secret's values overwrite single fields and
// are added to lists.

import { TRUSTED_CA, VALIDATION, VALIDATION_SECRET } from '../../tls/fields.js';
import {
  acceptsExpired,
  acceptsUntrusted,
  peerValidation,
  pinFields,
  sanFields,
} from '../../tls/peer-validation.js';
import { secretName, secretUses } from '../../tls/secret-uses.js';
import { fieldAt, lineOf } from '../place.js';
import type { Rule } from '../rule.js';

export const combinedContextMerge: Rule = {
  code: 'combined-context-merge',
  level: 'warning',
  finds:
    'the default of a combined validation context sets something that the secret overwrites or widens, or the secret turns a check off',
  why: 'The two are merged as Protobuf messages: the trusted CA of the default is replaced and lists are added up, so more peers are accepted than either one lists.',
  source: 'envoy#4932',
  remedy: 'set it in only one of the two',
  check(run, report) {
    const served = new Map(run.secrets.map(({ message }) => [message.text('name') ?? '', message]));
    for (const context of run.contextsNaming(VALIDATION_SECRET)) {
      const validation = peerValidation(context);
      const own = validation?.own;
      if (own === undefined || !validation?.fromSecret) continue;
      if (own.has(TRUSTED_CA))
        report(fieldAt(own, TRUSTED_CA), {
          message: `${TRUSTED_CA} is overwritten by the one in the secret`,
          expected: 'the CA only in the secret',
        });
      const use = secretUses(context).find(({ purpose }) => purpose === 'root');
      if (use === undefined) continue;
      const other = (run.secretOf(use) ?? served.get(secretName(use)))?.message(VALIDATION);
      if (other === undefined) continue;
      const inSecret = (field: string): string =>
        `${lineOf(fieldAt(other, field))} of ${other.reader.document.source.name}`;
      for (const { what, mine, theirs } of [
        { what: 'names', mine: validation.sans[0], theirs: sanFields(other)[0] },
        { what: 'hashes', mine: validation.pins[0], theirs: pinFields(other)[0] },
      ]) {
        if (mine !== undefined && theirs !== undefined)
          report(fieldAt(own, mine), {
            message: `these ${what} are added to those of the secret (${inSecret(theirs)}): a peer with any of them is accepted`,
            expected: `the ${what} in only one of the two`,
          });
      }
      for (const switchedOff of [acceptsExpired(other), acceptsUntrusted(other)]) {
        if (switchedOff !== undefined)
          report(fieldAt(use.message, 'name'), {
            message: `the secret sets ${switchedOff} for this context, too (${inSecret(switchedOff)})`,
            expected: `a secret without ${switchedOff}`,
          });
      }
    }
  },
};
