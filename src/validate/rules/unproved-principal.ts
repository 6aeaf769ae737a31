// Access is granted by the name in a client's certificate, and nobody checks certificates.

import type { FieldInfo } from '../../envoy/api-table.js';
import type { Message } from '../../envoy/message.js';
import { reachOf } from '../../envoy/reach.js';
import { ReachWalk } from '../../envoy/reach-walk.js';
import { chainContexts, guardedChains } from '../filter-chains.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const unprovedPrincipal: Rule = {
  code: 'unproved-principal',
  level: 'warning',
  finds: 'RBAC asks for an authenticated principal on connections whose client certificate is not checked',
  why: 'Without TLS no principal matches, so DENY rules do nothing. With TLS, a client can present a certificate that it made itself, with any name.',
  source: "Envoy's API: Principal.Authenticated",
  remedy: 'require client certificates and check them with a trusted_ca',
  check(run, report) {
    for (const survey of run.surveys) {
      if (!survey.config.reader.mentions.has('authenticated')) continue;
      const contexts = chainContexts(survey);
      for (const listener of survey.listeners) {
        const chains = guardedChains(listener, contexts, run);
        const someCheck = chains.some(({ checksClients }) => checksClients);
        for (const { chain, isPlain, checksClients } of chains) {
          // Beside chains that check, those without TLS are there for others: plain-beside-mtls tells of them.
          if (checksClients || (isPlain && someCheck)) continue;
          const [principal] = principalsOf(chain);
          if (principal !== undefined)
            report(fieldAt(principal, 'authenticated'), {
              message: 'no client proves who it is here: its certificate is not checked',
              expected: 'a chain with require_client_certificate and a trusted_ca',
            });
        }
      }
    }
  },
};

const PRINCIPALS: ReadonlySet<string> = new Set([
  'envoy.config.rbac.v2.Principal',
  'envoy.config.rbac.v3.Principal',
]);

const REACH = reachOf({ isGoal: (name) => PRINCIPALS.has(name), opensAny: () => true });

/** The principals in a filter chain that ask for a certificate, but for those of rules that are tried out only. */
function principalsOf(chain: Message): readonly Message[] {
  const walk = new Walk(REACH);
  walk.visit(chain);
  return walk.found;
}

class Walk extends ReachWalk<void> {
  readonly found: Message[] = [];

  visit(at: Message): void {
    if (PRINCIPALS.has(at.type.name) && at.has('authenticated')) this.found.push(at);
    this.descend(at);
  }

  protected override step(at: Message, field: FieldInfo, node: number, index: number): void {
    if (field.name !== 'shadow_rules') super.step(at, field, node, index);
  }
}
