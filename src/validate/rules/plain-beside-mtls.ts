// A listener asks for client certificates, and serves those without TLS as well.

import { chainContexts, guardedChains } from '../filter-chains.js';
import { fieldAt, lineOf } from '../place.js';
import type { Rule } from '../rule.js';

export const plainBesideMtls: Rule = {
  code: 'plain-beside-mtls',
  level: 'note',
  finds: 'beside a filter chain with mutual TLS, a filter chain without TLS takes all other connections',
  why: 'A client that presents no certificate gets in without TLS.',
  source: "Envoy's documentation on filter chains; Istio's mode PERMISSIVE does so on purpose",
  remedy: 'remove the chain once all clients use TLS, or limit it with filter_chain_match',
  check(run, report) {
    for (const survey of run.surveys) {
      const contexts = chainContexts(survey);
      if (contexts.size === 0) continue;
      for (const listener of survey.listeners) {
        const chains = guardedChains(listener, contexts, run);
        const mutual = chains.find(({ checksClients }) => checksClients);
        const open = chains.find(
          ({ chain, isPlain }) => isPlain && takesAll(chain.message('filter_chain_match')?.toValue()),
        );
        if (mutual === undefined || open === undefined) continue;
        report(fieldAt(open.chain), {
          message: `clients without TLS are let in here; the chain at ${lineOf(fieldAt(mutual.chain))} checks certificates`,
          expected: 'TLS, or a match',
        });
      }
    }
  },
};

/** Whether a match leaves nothing out. */
function takesAll(match: object | undefined): boolean {
  return match === undefined || Object.keys(match).length === 0;
}
