// What Envoy asks of its JWT filter: names that refer to others, and key sets.

import type { Message } from '../../../envoy/message.js';
import { isSlip, nearName } from '../../../finding/near-name.js';
import { quoted } from '../../../secrecy/quoted.js';
import { replacing } from '../../mending.js';
import { fieldAt } from '../../place.js';
import type { Report } from '../../rule.js';
import type { StartupCheck } from '../check.js';
import { inlineBytes } from '../data-source.js';
import { jwksFault } from './jwks.js';

const JWT = 'envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication';
const PROVIDER = 'envoy.extensions.filters.http.jwt_authn.v3.JwtProvider';

export const jwtName: StartupCheck = {
  code: 'unknown-jwt-name',
  on: [JWT],
  finds: 'a rule of the JWT filter names a provider or requirement that the filter does not have',
  refusal: "Required provider ['…'] is not configured.; Wrong requirement_name: …",
  remedy: 'name one that the filter has, or add it',
  check(filter, report) {
    const providers = filter.mapEntries('providers').map(({ key }) => key);
    const requirements = filter.mapEntries('requirement_map');
    const names = requirements.map(({ key }) => key);
    const look = (requirement: Message | undefined): void => {
      if (requirement !== undefined) lookAtRequirement(requirement, providers, report);
    };
    for (const rule of filter.messages('rules')) {
      look(rule.message('requires'));
      if (rule.has('requirement_name'))
        lookAtName(rule, 'requirement_name', 'requirement_map', names, report);
    }
    for (const { value } of requirements) look(value);
    const states = filter.message('filter_state_rules');
    if (states?.has('requires')) for (const { value } of states.mapEntries('requires')) look(value);
  },
};

function lookAtRequirement(requirement: Message, providers: readonly string[], report: Report): void {
  if (requirement.has('provider_name'))
    lookAtName(requirement, 'provider_name', 'providers', providers, report);
  const audiences = requirement.message('provider_and_audiences');
  if (audiences !== undefined) lookAtName(audiences, 'provider_name', 'providers', providers, report);
  for (const list of ['requires_any', 'requires_all'])
    for (const one of requirement.message(list)?.messages('requirements') ?? [])
      lookAtRequirement(one, providers, report);
}

function lookAtName(
  holder: Message,
  field: string,
  list: string,
  names: readonly string[],
  report: Report,
): void {
  const name = holder.text(field) ?? '';
  if (names.includes(name)) return;
  const near = nearName(name, names);
  report(fieldAt(holder, field), {
    message: `this filter has nothing called ${quoted(name)} in its ${list}`,
    ...(names.length > 0 && { expected: `one of ${names.map(quoted).join(', ')}` }),
    ...(near !== undefined && {
      suggestion: near,
      ...(isSlip(name, near) && replacing(holder, field, near)),
    }),
  });
}

export const localJwks: StartupCheck = {
  code: 'invalid-jwks',
  on: [PROVIDER],
  finds: 'a local key set of the JWT filter has no key that Envoy can use',
  refusal: "Provider '…' in jwt_authn config has invalid local jwks: …",
  remedy: 'write the public keys as a JSON Web Key Set, {"keys": […]}',
  check(provider, report) {
    const source = provider.message('local_jwks');
    const bytes = inlineBytes(source);
    const fault = bytes === undefined ? undefined : jwksFault(bytes.toString('utf8'));
    if (fault === undefined || source === undefined) return;
    report(fieldAt(source, source.has('inline_string') ? 'inline_string' : 'inline_bytes'), {
      message: `Envoy can use no key of this key set: ${fault}`,
      expected: 'a JSON Web Key Set',
    });
  },
};

export const claimHeaders: StartupCheck = {
  code: 'jwt-claim-header',
  on: ['envoy.extensions.filters.http.jwt_authn.v3.JwtClaimToHeader'],
  finds: 'a claim that is written to a header is named not at all, or twice',
  refusal: 'claim_to_headers entry for header … does not set exactly one of claim_name and claim_path',
  remedy: 'set claim_name',
  check(entry, report) {
    const hasName = (entry.text('claim_name') ?? '') !== '';
    if (hasName !== entry.has('claim_path')) return;
    report(fieldAt(entry, hasName ? 'claim_path' : 'header_name'), {
      message: hasName ? 'claim_name is set as well' : 'no claim is named for this header',
      expected: 'exactly one of claim_name and claim_path',
    });
  },
};
