// A combined validation context is a merge of two messages: the secret's values overwrite single fields and
// are added to lists.

import { TRUSTED_CA, VALIDATION, VALIDATION_SECRET } from '../../tls/fields.js';
import { peerValidation, sanFields } from '../../tls/peer-validation.js';
import { secretName, secretUses } from '../../tls/secret-uses.js';
import { fieldAt, lineOf } from '../place.js';
import type { Rule } from '../rule.js';

export const combinedContextMerge: Rule = {
  code: 'combined-context-merge',
  level: 'warning',
  finds: 'the default of a combined validation context sets something that the secret overwrites or widens',
  why: 'The two are merged as Protobuf messages: the trusted CA of the default is replaced and the names are added up, so more peers are accepted than either one lists.',
  source: 'envoy#4932',
  remedy: 'set it in only one of the two',
  check({ contextsNaming, secrets }, report) {
    const served = new Map(secrets.map(({ message }) => [message.text('name') ?? '', message]));
    for (const context of contextsNaming(VALIDATION_SECRET)) {
      const validation = peerValidation(context);
      const own = validation?.own;
      if (own === undefined || !validation?.fromSecret) continue;
      if (own.has(TRUSTED_CA))
        report(fieldAt(own, TRUSTED_CA), {
          message: `${TRUSTED_CA} is overwritten by the one in the secret`,
          expected: 'the CA only in the secret',
        });
      const use = secretUses(context).find(({ purpose }) => purpose === 'root');
      const other = use === undefined ? undefined : served.get(secretName(use))?.message(VALIDATION);
      const [mine] = validation.sans;
      const [theirs] = other === undefined ? [] : sanFields(other);
      if (other !== undefined && mine !== undefined && theirs !== undefined)
        report(fieldAt(own, mine), {
          message: `these names are added to those of the secret (${lineOf(fieldAt(other, theirs))} of ${other.reader.document.source.name}): a peer with any of them is accepted`,
          expected: 'the names in only one of the two',
        });
    }
  },
};
