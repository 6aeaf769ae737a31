// What TlsParameters name: cipher suites, curves and signature algorithms, of a context and of its certificates.

import type { Message } from '../../../envoy/message.js';
import { nearName } from '../../../finding/near-name.js';
import { quoted } from '../../../secrecy/quoted.js';
import { atNode, type FindingPlace, fieldAt } from '../../place.js';
import type { Report } from '../../rule.js';
import type { Scene, StartupCheck } from '../check.js';
import { CIPHER_NAMES, type CipherFault, cipherListFault } from './cipher-list.js';
import { CONTEXTS, DOWNSTREAM_CONTEXT, onceComplete, type Parts, partsOf } from './parts.js';

/** The parameters that Envoy hands to BoringSSL. Those of certificates count for servers only. */
function parametersOf({ at, common, certificates }: Parts): Message[] {
  const holders = at.type.name === DOWNSTREAM_CONTEXT ? [common, ...certificates] : [common];
  return holders.flatMap((holder) => holder?.message('tls_params') ?? []);
}

/** The items of a list of names, of which each may name several with colons between them. */
function namesIn(parameters: Message, field: string): { name: string; place: FindingPlace }[] {
  const { tape } = parameters.reader;
  const items = parameters.items(field);
  // Nothing, or a single empty text, stands for the default.
  if (items.every((item) => tape.string(item) === '') && items.length < 2) return [];
  return items.flatMap((item, index) =>
    tape
      .string(item)
      .split(':')
      .map((name) => ({ name, place: atNode(parameters, item, `${field}[${index}]`) })),
  );
}

/** Checks the lists of a field in all parameters of a context. */
function inParameters(
  field: string,
  look: (parameters: Message, say: (place: FindingPlace, said: Said) => void) => void,
): StartupCheck['check'] {
  return (at: Message, report: Report, scene: Scene) => {
    if (!at.reader.mentions.has(field)) return;
    const parts = partsOf(at, scene);
    for (const parameters of parametersOf(parts))
      look(parameters, (place, { message, ...said }) =>
        report(place, { ...onceComplete(parts, message), ...said }),
      );
  };
}

interface Said {
  readonly message: string;
  readonly expected?: string;
  readonly suggestion?: string;
}

const unknownCipher: StartupCheck = {
  code: 'unknown-cipher',
  on: CONTEXTS,
  finds: 'cipher_suites has a name that BoringSSL does not know, or leaves no suite',
  refusal:
    'Failed to initialize cipher suites …. The following ciphers were rejected when tried individually: …',
  remedy: 'name suites up to TLS 1.2 as BoringSSL does; those of TLS 1.3 are always offered',
  check: inParameters('cipher_suites', (parameters, say) => {
    const { tape } = parameters.reader;
    const items = parameters.items('cipher_suites');
    const texts = items.map((item) => tape.string(item));
    const list = texts.join(':');
    const fault = list === '' ? undefined : cipherListFault(list);
    if (fault === undefined) return;
    const index = itemAt(texts, fault.at);
    const item = items[index];
    const place =
      item === undefined
        ? fieldAt(parameters, 'cipher_suites')
        : atNode(parameters, item, `cipher_suites[${index}]`);
    const suggestion = fault.kind === 'unknown' ? nearName(fault.word, CIPHER_NAMES) : undefined;
    say(place, {
      message: cipherFaultText(fault),
      expected: 'cipher suites as BoringSSL names them, such as ECDHE-RSA-AES128-GCM-SHA256',
      ...(suggestion !== undefined && { suggestion }),
    });
  }),
};

/** Which of some texts, joined by colons, an offset is in; -1 where there is none. */
function itemAt(texts: readonly string[], at: number | undefined): number {
  if (at === undefined) return -1;
  let end = -1;
  return texts.findIndex((text) => {
    end += text.length + 1;
    return at <= end;
  });
}

function cipherFaultText({ kind, word }: CipherFault): string {
  if (kind === 'nothing-left') return 'this list leaves no cipher suite below TLS 1.3';
  return kind === 'unknown'
    ? `${quoted(word)} is not a cipher suite or set of suites that BoringSSL knows`
    : `unexpected ${quoted(word)} in a list of cipher suites`;
}

const CURVES: ReadonlyMap<string, string> = new Map([
  ...['P-256', 'P-384', 'P-521', 'X25519', 'X25519MLKEM768', 'MLKEM1024'].map((name): [string, string] => [
    name,
    name,
  ]),
  ['prime256v1', 'P-256'],
  ['secp384r1', 'P-384'],
  ['secp521r1', 'P-521'],
  ['x25519', 'X25519'],
]);

const unknownCurve: StartupCheck = {
  code: 'unknown-curve',
  on: CONTEXTS,
  finds: 'ecdh_curves has a name that BoringSSL does not know, or one curve twice',
  refusal: 'Failed to initialize ECDH curves …',
  remedy: `use each of these at most once: ${[...CURVES.keys()].join(', ')}`,
  check: inParameters('ecdh_curves', (parameters, say) =>
    uniqueNames(parameters, 'ecdh_curves', 'curve', CURVES, say),
  ),
};

/** The values of signature algorithms by the names that BoringSSL has for them. */
const SIGNATURES: ReadonlyMap<string, string> = signatures();

function signatures(): Map<string, string> {
  const names = new Map<string, string>();
  for (const name of ['rsa_pkcs1_sha256_legacy', 'ed25519', 'mldsa44', 'mldsa65', 'mldsa87'])
    names.set(name, name);
  for (const [key, prefix, hashes] of [
    ['RSA', 'rsa_pkcs1_sha', ['1', '256', '384', '512']],
    ['RSA-PSS', 'rsa_pss_rsae_sha', ['256', '384', '512']],
    ['PSS', 'rsa_pss_rsae_sha', ['256', '384', '512']],
  ] as const)
    for (const hash of hashes) {
      names.set(`${prefix}${hash}`, `${prefix}${hash}`);
      names.set(`${key}+SHA${hash}`, `${prefix}${hash}`);
    }
  for (const [hash, name] of [
    ['1', 'ecdsa_sha1'],
    ['256', 'ecdsa_secp256r1_sha256'],
    ['384', 'ecdsa_secp384r1_sha384'],
    ['512', 'ecdsa_secp521r1_sha512'],
  ] as const) {
    names.set(name, name);
    names.set(`ECDSA+SHA${hash}`, name);
  }
  return names;
}

const unknownSignature: StartupCheck = {
  code: 'unknown-signature-algorithm',
  on: CONTEXTS,
  finds: 'signature_algorithms has a name that BoringSSL does not know, or one algorithm twice',
  refusal: 'Failed to initialize TLS signature algorithms …',
  remedy: 'use names of TLS 1.3 such as rsa_pss_rsae_sha256 and ecdsa_secp256r1_sha256, each once',
  check: inParameters('signature_algorithms', (parameters, say) =>
    uniqueNames(parameters, 'signature_algorithms', 'signature algorithm', SIGNATURES, say),
  ),
};

/** Reports names that are not known, and what is named a second time. */
function uniqueNames(
  parameters: Message,
  field: string,
  what: string,
  known: ReadonlyMap<string, string>,
  say: (place: FindingPlace, said: Said) => void,
): void {
  const seen = new Map<string, string>();
  for (const { name, place } of namesIn(parameters, field)) {
    const value = known.get(name);
    const earlier = value === undefined ? undefined : seen.get(value);
    if (value === undefined) {
      const suggestion = nearName(name, [...known.keys()]);
      say(place, {
        message: `${quoted(name)} is not a ${what} that BoringSSL knows`,
        expected: `one of ${[...new Set(known.values())].join(', ')}`,
        ...(suggestion !== undefined && { suggestion }),
      });
    } else if (earlier !== undefined)
      say(place, {
        message: `${quoted(name)} is ${name === earlier ? 'listed twice' : `the same as ${earlier}`}`,
        expected: `each ${what} once`,
      });
    else seen.set(value, name);
  }
}

/** The checks of parameters. */
export const PARAMETER_CHECKS: readonly StartupCheck[] = [unknownCipher, unknownCurve, unknownSignature];
