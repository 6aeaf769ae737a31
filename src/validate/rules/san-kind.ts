// Names of a peer that no certificate has under the kind that is looked at.

import { isIP } from 'node:net';
import type { Message } from '../../envoy/message.js';
import { SAN_TYPE, TYPED_SANS } from '../../tls/fields.js';
import { validationsNaming } from '../checked-peer.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const sanKind: Rule = {
  code: 'san-kind',
  level: 'note',
  finds: `a subject alternative name is matched under a ${SAN_TYPE} that such a name never has`,
  why: 'Nothing matches: a SPIFFE ID is a URI, a host name is a DNS name. Every peer is rejected.',
  source: "RFC 5280, section 4.2.1.6; Envoy's API: SubjectAltNameMatcher.san_type",
  remedy: `set the ${SAN_TYPE} of the name`,
  check(run, report) {
    for (const validation of validationsNaming(run, TYPED_SANS)) {
      for (const typed of validation.messages(TYPED_SANS)) {
        const kind = typed.enumName(SAN_TYPE) ?? '';
        const other = kindOf(typed.message('matcher'));
        if (other === undefined || !UNLIKE[kind]?.includes(other)) continue;
        report(fieldAt(typed, SAN_TYPE), {
          message: `this name is ${WORDS[other]}, which no certificate has as ${kind}`,
          expected: other,
        });
      }
    }
  },
};

type Kind = 'URI' | 'DNS' | 'IP_ADDRESS' | 'EMAIL';

const WORDS: Readonly<Record<Kind, string>> = {
  URI: 'a URI',
  DNS: 'a host name',
  IP_ADDRESS: 'an IP address',
  EMAIL: 'an email address',
};

/** The forms of names that a kind never has. */
const UNLIKE: Readonly<Record<string, readonly Kind[] | undefined>> = {
  URI: ['DNS', 'IP_ADDRESS', 'EMAIL'],
  DNS: ['URI', 'IP_ADDRESS', 'EMAIL'],
  IP_ADDRESS: ['URI', 'DNS', 'EMAIL'],
  EMAIL: ['URI', 'DNS', 'IP_ADDRESS'],
};

/** The kind that the form of a matched name shows; undefined where it shows none. */
function kindOf(matcher: Message | undefined): Kind | undefined {
  const exact = matcher?.text('exact');
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(exact ?? matcher?.text('prefix') ?? '')) return 'URI';
  if (exact === undefined) return undefined;
  if (isIP(exact) > 0) return 'IP_ADDRESS';
  if (/^[^@\s/:]+@[^@\s/:]+$/.test(exact)) return 'EMAIL';
  return /^(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?$/i.test(exact) ? 'DNS' : undefined;
}
