// SPIRE's agent answers to its own names only.

import { socketPath } from '../../istio/sockets.js';
import { quoted } from '../../secrecy/quoted.js';
import { type SecretUse, secretName, secretSource } from '../../tls/secret-uses.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';
import type { Instance } from '../run.js';
import { serversOf } from '../sds-servers.js';

const KNOWN = new Set(['default', 'ROOTCA', 'ALL']);

export const spireSecretName: Rule = {
  code: 'spire-secret-name',
  level: 'warning',
  finds: "a secret is requested from SPIRE's agent by a name that it does not serve by default",
  why: 'SPIRE serves SPIFFE IDs, and the names default, ROOTCA and ALL unless configured otherwise. Other names get no answer.',
  source: 'spiffe/spire#1988, spiffe/spire#4608',
  remedy:
    'use a SPIFFE ID or one of the default names, or silence this finding if the agent is configured for the name',
  check({ instances }, report) {
    for (const instance of instances) {
      for (const use of instance.surveys.flatMap(({ secretUses }) => secretUses)) {
        const name = secretName(use);
        if (name === '' || KNOWN.has(name) || name.startsWith('spiffe://') || !asksSpire(use, instance))
          continue;
        report(fieldAt(use.message, 'name'), {
          message: `SPIRE serves no secret ${quoted(name)} by default`,
          expected: 'default, ROOTCA, ALL or a SPIFFE ID',
        });
      }
    }
  },
};

function asksSpire(use: SecretUse, { clusters }: Instance): boolean {
  const source = secretSource(use);
  if (source === undefined) return false;
  const targets = source
    .message('api_config_source')
    ?.messages('grpc_services')
    .map((service) => socketPath(service.message('google_grpc')?.text('target_uri') ?? '') ?? '');
  if (targets?.some(isSpire)) return true;
  return serversOf(source).some(({ name }) => {
    if (name === 'spire_agent' || name === 'spire-agent') return true;
    const cluster = clusters.get(name);
    return cluster !== undefined && isSpire(cluster.reader.tape.raw(cluster.node));
  });
}

function isSpire(text: string): boolean {
  return /\/spire[/-]|spire-agent/.test(text);
}
