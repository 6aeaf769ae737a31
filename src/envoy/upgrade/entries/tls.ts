// TLS contexts. Subject alternative names: v2 compared each entry with the certificate's DNS names and URIs
// (and IP addresses since 1.14); v3 wants the type of each, and since Envoy 1.36 compares DNS names as such.
// Source: envoy/extensions/transport_sockets/tls/v3/common.proto.

import { isIP } from 'node:net';
import { quoted } from '../../../secrecy/quoted.js';
import type { Fragment } from '../../../source/fragment.js';
import { isV3 } from '../correspondence.js';
import { type Entry, leaveOut } from '../entry.js';
import type { Subject } from '../subject.js';

type SanType = 'EMAIL' | 'DNS' | 'URI' | 'IP_ADDRESS';

/** The type of a subject alternative name by its form; undefined where the form does not tell. */
function sanTypeOf(name: string): SanType | undefined {
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(name) || /^urn:/i.test(name)) return 'URI';
  if (isIP(name) !== 0) return 'IP_ADDRESS';
  if (/^[^\s@/:]+@[^\s@/:]+$/.test(name)) return 'EMAIL';
  if (/^(?:\*\.)?(?:[a-z\d_](?:[a-z\d_-]*[a-z\d_])?\.)*[a-z\d_](?:[a-z\d_-]*[a-z\d_])?\.?$/i.test(name))
    return 'DNS';
  return undefined;
}

/** What may stand for a name whose form does not tell its type. */
const ANY_TYPE: readonly SanType[] = ['URI', 'DNS', 'EMAIL', 'IP_ADDRESS'];

function typedMatchers(
  subject: Subject,
  field: string,
  matcher: Fragment,
  text: string | undefined,
): Fragment[] {
  const type = text === undefined ? undefined : sanTypeOf(text);
  if (type !== undefined) return [{ san_type: type, matcher }];
  subject.note(
    'check-meaning',
    field,
    `${text === undefined ? 'a matcher' : quoted(text)} does not say the type of the names it matches, so it is tried with all types`,
  );
  return ANY_TYPE.map((san_type) => ({ san_type, matcher }));
}

/**
 * Names without a root: Envoy since 1.31 refuses them, since anybody can make a certificate with a name. Where
 * clients need none, the names kept nobody out.
 *
 * @returns whether the names are settled
 */
function namesWithoutRoot(subject: Subject): boolean {
  const { message } = subject;
  const common = message.around;
  const isWhole = common?.value('validation_context') === message.node;
  const [first] = NAMES.filter((name) => message.items(name).length > 0);
  if (first === undefined || !isWhole || message.has('trusted_ca')) return false;
  const context = common?.around;
  const optional =
    context?.type.name.endsWith('.DownstreamTlsContext') &&
    context.text('require_client_certificate') !== 'true';
  if (!optional) {
    subject.unknown(first, {
      message: 'names of the peer are checked without a root to trust, which Envoy refuses',
      remedy: 'give the context a trusted_ca, or leave the names out',
    });
    return true;
  }
  subject.note(
    'left-out',
    first,
    'names of clients are left out: without a root Envoy refuses them, and clients need no certificate here',
  );
  for (const name of NAMES) if (subject.has(name)) subject.remove(name);
  return true;
}

const NAMES = [
  'verify_subject_alt_name',
  'match_subject_alt_names',
  'match_typed_subject_alt_names',
] as const;

/** Both lists of names as one list of typed matchers. */
function matchTypedNames(subject: Subject): void {
  if (namesWithoutRoot(subject)) return;
  const exact = 'verify_subject_alt_name';
  const matched = 'match_subject_alt_names';
  const fields = [exact, matched].filter((name) => subject.has(name));
  const [first, ...rest] = fields;
  if (first === undefined) return;
  const { message } = subject;
  const matchers = [
    ...message.texts(exact).flatMap((name) => typedMatchers(subject, exact, { exact: name }, name)),
    ...message.messages(matched).flatMap((matcher) => {
      const prefix = matcher.text('prefix');
      // The beginning of a name tells its type only where it has the scheme of a URI.
      const form = matcher.text('exact') ?? (prefix?.includes('://') ? prefix : undefined);
      const body = subject.walk.body(matcher);
      return body === undefined ? [] : typedMatchers(subject, matched, body, form);
    }),
  ];
  const typed = 'match_typed_subject_alt_names';
  if (matchers.length === 0) subject.remove(first);
  else if (subject.has(typed)) {
    const before = (subject.moved(typed) ?? []) as readonly Fragment[];
    subject.replace(typed, { [typed]: [...before, ...matchers] });
    subject.remove(first);
  } else subject.replace(first, { [typed]: matchers });
  for (const name of rest) subject.remove(name);
}

export const TLS: readonly Entry[] = [
  {
    type: 'envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext',
    fields: {
      verify_subject_alt_name: () => {},
      match_subject_alt_names: () => {},
      require_ocsp_staple: leaveOut(
        'no Envoy ever had it; the OCSP policy of a listener is ocsp_staple_policy',
      ),
    },
    before: matchTypedNames,
  },
  {
    type: 'envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig',
    before(subject) {
      if (isV3(subject.message.type.name) || (subject.text('name') ?? '') !== '') return;
      subject.report('error', 'no-counterpart', undefined, {
        message: 'this reference to a secret has no name, which v3 requires',
        expected: 'a name',
        remedy: 'add the name that the secret has in its file',
      });
    },
  },
];
