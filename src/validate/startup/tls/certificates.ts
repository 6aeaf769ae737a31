// What Envoy asks of the certificates of a context, and of those that SDS serves.

import type { Message } from '../../../envoy/message.js';
import { quoted } from '../../../secrecy/quoted.js';
import { fieldAt } from '../../place.js';
import type { StartupCheck } from '../check.js';
import { bringsNothing, inlineBytes } from '../data-source.js';
import { isForeign } from '../registered.js';
import {
  CONTEXTS,
  DOWNSTREAM_CONTEXT,
  HOLDERS,
  isStaticSecret,
  onceComplete,
  type Parts,
  partsOf,
  SECRET,
  UPSTREAM_CONTEXT,
} from './parts.js';
import { hasCertificate, hasPrivateKey, hasRevocationList, isSequence } from './pem.js';

const STATIC = 'tls_certificates';
const FETCHED = 'tls_certificate_sds_secret_configs';
const SELECTOR = 'custom_tls_certificate_selector';

/** The parts of a certificate that make it one; Envoy skips an entry that has none of them. */
const MAKINGS = ['certificate_chain', 'private_key', 'private_key_provider', 'pkcs12'] as const;

function isSkipped(certificate: Message): boolean {
  return !MAKINGS.some((field) => certificate.has(field));
}

/** The certificates that Envoy makes something of. */
function certificatesOf({ at, certificates }: Parts): readonly Message[] {
  return at.type.name === DOWNSTREAM_CONTEXT || at.type.name === UPSTREAM_CONTEXT
    ? certificates.filter((one) => !isSkipped(one))
    : certificates;
}

const serverWithoutCertificate: StartupCheck = {
  code: 'context-without-certificate',
  on: [DOWNSTREAM_CONTEXT],
  finds: 'a server context has no certificate',
  refusal: 'No TLS certificates found for server context',
  remedy: 'add tls_certificates or tls_certificate_sds_secret_configs to common_tls_context',
  check(context, report, scene) {
    const { common, certificates, complete } = partsOf(context, scene);
    // A handshaker may bring certificates of its own.
    if (common?.has(SELECTOR) || common?.has('custom_handshaker')) return;
    const listed = common?.hasItems(STATIC) || common?.hasItems(FETCHED);
    if (listed && !(complete && certificates.every(isSkipped))) return;
    const field = [STATIC, FETCHED].find((name) => common?.has(name));
    const place =
      common === undefined
        ? fieldAt(context)
        : field === undefined
          ? fieldAt(context, 'common_tls_context')
          : fieldAt(common, field);
    report(place, {
      message: 'a server needs a certificate, and this context has none',
      expected: `${STATIC} or ${FETCHED}`,
    });
  },
};

const clientCertificates: StartupCheck = {
  code: 'client-certificates',
  on: [UPSTREAM_CONTEXT],
  finds: 'a client context has more than one certificate',
  refusal: 'Multiple TLS certificates are not supported for client contexts',
  remedy: 'keep one of tls_certificates and tls_certificate_sds_secret_configs, with one entry',
  check(context, report) {
    const common = context.message('common_tls_context');
    if (common === undefined || common.has(SELECTOR)) return;
    const own = common.items(STATIC).length;
    const fetched = common.items(FETCHED).length;
    if (own + fetched < 2) return;
    report(fieldAt(common, fetched > 0 ? FETCHED : STATIC), {
      message: `a client has at most one certificate, and this context has ${own + fetched}`,
      expected: 'one certificate',
    });
  },
};

const mixedCertificates: StartupCheck = {
  code: 'mixed-certificates',
  on: [DOWNSTREAM_CONTEXT],
  finds: 'a server context has certificates of its own and certificates from secrets',
  refusal: 'SDS and non-SDS TLS certificates may not be mixed in server contexts',
  remedy: 'keep either tls_certificates or tls_certificate_sds_secret_configs',
  check(context, report) {
    const common = context.message('common_tls_context');
    if (!common?.hasItems(STATIC) || !common.hasItems(FETCHED) || common.has('custom_handshaker')) return;
    report(fieldAt(common, FETCHED), {
      message: `a server takes its certificates either from ${STATIC} or from ${FETCHED}`,
      expected: 'one of the two',
    });
  },
};

const incompleteCertificate: StartupCheck = {
  code: 'incomplete-certificate',
  on: HOLDERS,
  finds: 'a certificate has no chain or no private key',
  refusal:
    'Failed to load incomplete certificate from …: certificate chain not set; Failed to load incomplete private key',
  remedy: 'give both certificate_chain and private_key, or a pkcs12 bundle',
  check(at, report, scene) {
    for (const certificate of certificatesOf(partsOf(at, scene))) {
      if (certificate.has('pkcs12')) continue;
      const needed = certificate.has('private_key_provider') ? MAKINGS.slice(0, 1) : MAKINGS.slice(0, 2);
      const [missing] = needed.filter((field) => bringsNothing(certificate.message(field)));
      if (missing === undefined) continue;
      const isEmpty = certificate.has(missing);
      report(fieldAt(certificate, isEmpty ? missing : undefined), {
        message: `this certificate has ${isEmpty ? 'an empty' : 'no'} ${missing}`,
        expected: 'certificate_chain and private_key',
      });
    }
  },
};

const pkcs12BesideChain: StartupCheck = {
  code: 'pkcs12-beside-chain',
  on: HOLDERS,
  finds: 'a certificate has a pkcs12 bundle beside a chain, a key or a key provider',
  refusal: "Certificate configuration can't have both pkcs12 and certificate_chain",
  remedy: 'remove pkcs12, or what it holds as well',
  check(at, report, scene) {
    for (const certificate of partsOf(at, scene).certificates) {
      const other = MAKINGS.slice(0, 3).find((field) => certificate.has(field));
      if (other === undefined || !certificate.has('pkcs12')) continue;
      report(fieldAt(certificate, 'pkcs12'), {
        message: `a certificate has either pkcs12 or ${other}`,
        expected: 'one of the two',
      });
    }
  },
};

/** The key providers of contrib builds. */
const CONTRIB_PROVIDERS: ReadonlySet<string> = new Set(['cryptomb', 'qat', 'kae']);

const unknownKeyProvider: StartupCheck = {
  code: 'unknown-key-provider',
  on: HOLDERS,
  finds: 'a private_key_provider is not one that Envoy has',
  refusal: 'Failed to load private key provider: …',
  remedy: 'give the key as private_key; the providers cryptomb, qat and kae are in contrib builds',
  check(at, report, scene) {
    for (const certificate of partsOf(at, scene).certificates) {
      const provider = certificate.message('private_key_provider');
      const name = provider?.text('provider_name') ?? '';
      if (provider === undefined || name === '' || CONTRIB_PROVIDERS.has(name)) continue;
      report(fieldAt(provider, 'provider_name'), {
        message: `Envoy has no private key provider ${quoted(name)}`,
        expected: 'the name of a provider that is built in',
        // The message of another build is not known here.
        ...(isForeign(provider) && { level: 'warning' as const }),
      });
    }
  },
};

const badStaple: StartupCheck = {
  code: 'bad-staple',
  on: HOLDERS,
  finds: 'an ocsp_staple is given as inline_string, or is not an OCSP response',
  refusal: 'OCSP staple cannot be provided via inline_string',
  remedy: 'give the response of the certificate authority as filename or inline_bytes',
  check(at, report, scene) {
    const parts = partsOf(at, scene);
    for (const certificate of certificatesOf(parts)) {
      const staple = certificate.message('ocsp_staple');
      const bytes = inlineBytes(staple);
      if (staple?.has('inline_string'))
        report(fieldAt(staple, 'inline_string'), {
          message: 'an OCSP response is binary, and this one is given as text',
          expected: 'filename or inline_bytes',
        });
      // Clients do not read it.
      else if (staple !== undefined && bytes?.length && isServer(parts) && !isSequence(bytes))
        report(fieldAt(staple, 'inline_bytes'), {
          ...onceComplete(parts, 'this is not an OCSP response'),
          expected: 'an OCSP response in DER form',
        });
    }
  },
};

function isServer({ at }: Parts): boolean {
  return at.type.name === DOWNSTREAM_CONTEXT;
}

const stapleMissing: StartupCheck = {
  code: 'staple-missing',
  on: [DOWNSTREAM_CONTEXT],
  finds: 'ocsp_staple_policy is MUST_STAPLE, and a certificate has no ocsp_staple',
  refusal: 'Required OCSP response is missing from TLS context',
  remedy: 'add an ocsp_staple to each certificate, or use STRICT_STAPLING',
  check(context, report, scene) {
    if (context.enumName('ocsp_staple_policy') !== 'MUST_STAPLE') return;
    const parts = partsOf(context, scene);
    if (certificatesOf(parts).every((one) => !bringsNothing(one.message('ocsp_staple')))) return;
    report(fieldAt(context, 'ocsp_staple_policy'), {
      ...onceComplete(parts, 'MUST_STAPLE asks for an ocsp_staple, and a certificate has none'),
      expected: 'an ocsp_staple in each certificate',
    });
  },
};

const VERSIONS = ['TLSv1_0', 'TLSv1_1', 'TLSv1_2', 'TLSv1_3'];

const certificateVersions: StartupCheck = {
  code: 'certificate-versions',
  on: CONTEXTS,
  finds: 'the minimum version of a certificate is above the maximum, its own or that of the context',
  refusal: 'Per-certificate tls_params: effective min protocol version exceeds effective max',
  remedy: 'raise the maximum or lower the minimum; a client context goes up to TLS 1.2 by default',
  since: 40,
  check(context, report, scene) {
    const parts = partsOf(context, scene);
    const around = parts.common?.message('tls_params');
    for (const certificate of parts.certificates) {
      const own = certificate.message('tls_params');
      if (own === undefined) continue;
      const rank = (field: string, fallback: number): number => {
        const ranks = [own, around].map((one) => VERSIONS.indexOf(one?.enumName(field) ?? ''));
        return ranks.find((one) => one >= 0) ?? fallback;
      };
      const least = rank('tls_minimum_protocol_version', 2);
      const most = rank('tls_maximum_protocol_version', isServer(parts) ? 3 : 2);
      if (least <= most) continue;
      const field = ['tls_minimum_protocol_version', 'tls_maximum_protocol_version'].find((one) =>
        own.has(one),
      );
      report(fieldAt(own, field), {
        ...onceComplete(
          parts,
          `the least version of this certificate is ${VERSIONS[least]}, and the highest ${VERSIONS[most]}`,
        ),
        expected: 'a minimum that is not above the maximum',
      });
    }
  },
};

const badPem: StartupCheck = {
  code: 'not-pem',
  on: HOLDERS,
  finds:
    'a certificate, key, trusted CA or revocation list that is written inline is not PEM, or a pkcs12 bundle is none',
  refusal:
    'Failed to load certificate chain from <inline>; Failed to load private key from <inline>; Failed to load trusted CA certificates from <inline>',
  remedy: 'paste the whole PEM text with its BEGIN and END lines, or give a path as filename',
  check(at, report, scene) {
    if (!INLINE.some((field) => at.reader.mentions.has(field))) return;
    const parts = partsOf(at, scene);
    const look = (holder: Message, field: string, what: string, isGood: (text: string) => boolean): void => {
      const source = holder.message(field);
      const text = inlineBytes(source)?.toString('latin1');
      if (source === undefined || text === undefined || text === '' || isGood(text)) return;
      const written = INLINE.find((one) => source.has(one));
      report(fieldAt(source, written), {
        ...onceComplete(parts, `${field} has no ${what} in PEM form`),
        expected: `${what} in PEM form, with its BEGIN and END lines`,
        ...(/^\.{0,2}\/\S+$/.test(text) && { remedy: 'this looks like a path: give it as filename' }),
      });
    };
    for (const certificate of certificatesOf(parts)) {
      const bundle = inlineBytes(certificate.message('pkcs12'));
      if (bundle !== undefined && !isSequence(bundle))
        report(fieldAt(certificate, 'pkcs12'), {
          ...onceComplete(parts, 'this is not a PKCS #12 bundle'),
          expected: 'the bytes of a PKCS #12 bundle, in base64',
        });
      if (certificate.has('pkcs12')) continue;
      look(certificate, 'certificate_chain', 'certificate', (text) => hasCertificate(text, 'first'));
      if (!certificate.has('private_key_provider'))
        look(certificate, 'private_key', 'private key', hasPrivateKey);
    }
    for (const validation of parts.validations) {
      // Other validators do not look at these.
      if (validation.has('custom_validator_config')) continue;
      look(validation, 'trusted_ca', 'certificate', (text) => hasCertificate(text, 'all'));
      look(validation, 'crl', 'revocation list', hasRevocationList);
    }
  },
};

const INLINE = ['inline_string', 'inline_bytes'];

const emptySecret: StartupCheck = {
  code: 'empty-secret',
  on: [SECRET],
  finds: 'a static secret holds nothing',
  refusal: 'Secret type not implemented',
  remedy: 'add a tls_certificate, validation_context, session_ticket_keys or generic_secret',
  check(secret, report) {
    if (!isStaticSecret(secret) || CONTENTS.some((field) => secret.has(field))) return;
    report(fieldAt(secret), {
      message: 'this secret holds nothing',
      expected: `one of ${CONTENTS.join(', ')}`,
    });
  },
};

const CONTENTS = ['tls_certificate', 'validation_context', 'session_ticket_keys', 'generic_secret'];

/** The checks of certificates. */
export const CERTIFICATE_CHECKS: readonly StartupCheck[] = [
  serverWithoutCertificate,
  clientCertificates,
  mixedCertificates,
  incompleteCertificate,
  pkcs12BesideChain,
  badPem,
  unknownKeyProvider,
  badStaple,
  stapleMissing,
  certificateVersions,
  emptySecret,
];
