// What Envoy asks of validation contexts, and of validators that take the place of its own.

import type { Message } from '../../../envoy/message.js';
import { nearName } from '../../../finding/near-name.js';
import { quoted } from '../../../secrecy/quoted.js';
import { atNode, fieldAt } from '../../place.js';
import type { StartupCheck } from '../check.js';
import { bringsNothing, inlineBytes } from '../data-source.js';
import { isForeign } from '../registered.js';
import { isObjectIdentifier } from './object-identifier.js';
import { CONTEXTS, HOLDERS, onceComplete, type Parts, partsOf, UPSTREAM_CONTEXT } from './parts.js';
import { hasCertificate } from './pem.js';

const VALIDATOR = 'custom_validator_config';
const SPIFFE = 'envoy.tls.cert_validator.spiffe';
/** The validators that Envoy has, by name. */
const VALIDATORS: readonly string[] = [
  SPIFFE,
  'envoy.tls.cert_validator.default',
  'envoy.tls.cert_validator.dynamic_modules',
];

/** Whether Envoy's own validator is at work: it reads what the others ignore. */
function isOwn({ validations }: Parts): boolean {
  return validations.every((validation) => !validation.has(VALIDATOR));
}

/** Whether there is a trusted CA, as far as what is written says. */
function hasTrustedCa({ validations }: Parts): boolean {
  const last = validations.findLast((validation) => validation.has('trusted_ca'));
  return last !== undefined && !bringsNothing(last.message('trusted_ca'));
}

const autoSanWithoutCa: StartupCheck = {
  code: 'auto-san-without-ca',
  on: [UPSTREAM_CONTEXT],
  finds: 'auto_sni_san_validation is set, and there is no trusted CA',
  refusal: "'auto_sni_san_validation' was configured without a validation context",
  remedy: 'add a validation_context with a trusted_ca',
  check(context, report, scene) {
    if (context.text('auto_sni_san_validation') !== 'true') return;
    const parts = partsOf(context, scene);
    if (parts.validationComes || hasTrustedCa(parts) || !isOwn(parts)) return;
    report(fieldAt(context, 'auto_sni_san_validation'), {
      ...onceComplete(
        parts,
        'auto_sni_san_validation checks the name of the server, but no trusted CA has to sign its certificate',
      ),
      expected: 'a trusted_ca in the validation context',
    });
  },
};

/** Fields that Envoy refuses beside no trusted CA, whatever the validator. */
const NEEDS_CA = {
  crl: 'a revocation list is checked',
  allow_expired_certificate: 'expired certificates are accepted',
} as const;

const needsCa: StartupCheck = {
  code: 'revocation-without-ca',
  on: CONTEXTS,
  finds: 'a validation context has crl or allow_expired_certificate and no trusted CA',
  refusal:
    'Failed to load CRL from … without trusted CA; Certificate validity period is always ignored without trusted CA',
  remedy: 'add a trusted_ca to the validation context, or remove the field',
  check(context, report, scene) {
    const parts = partsOf(context, scene);
    if (parts.validationComes || hasTrustedCa(parts) || !isOwn(parts)) return;
    for (const validation of parts.validations) {
      const field = setWithoutCa(validation);
      if (field !== undefined)
        report(fieldAt(validation, field), {
          message: `${NEEDS_CA[field]}, but there is no trusted CA`,
          expected: 'a trusted_ca next to it',
        });
    }
  },
};

function setWithoutCa(validation: Message): keyof typeof NEEDS_CA | undefined {
  if (validation.has('crl') && !bringsNothing(validation.message('crl'))) return 'crl';
  return validation.text('allow_expired_certificate') === 'true' ? 'allow_expired_certificate' : undefined;
}

const emptySource: StartupCheck = {
  code: 'empty-source',
  on: HOLDERS,
  finds: 'a trusted_ca or a session ticket key is written inline and empty',
  refusal: 'DataSource cannot be empty',
  remedy: 'give its content, or remove it',
  check(at, report, scene) {
    const { validations, ticketKeys } = partsOf(at, scene);
    const sources = [
      ...validations.flatMap((validation) => validation.message('trusted_ca') ?? []),
      ...(ticketKeys?.messages('keys') ?? []),
    ];
    for (const source of sources)
      if (bringsNothing(source))
        report(fieldAt(source), { message: 'this is empty', expected: 'its content' });
  },
};

const badPin: StartupCheck = {
  code: 'bad-pin',
  on: HOLDERS,
  finds: 'an item of verify_certificate_hash or verify_certificate_spki is not a SHA-256 digest',
  refusal: 'Invalid hex-encoded SHA-256 …; Invalid base64-encoded SHA-256 …',
  remedy: 'write a hash as 64 hex digits, and a public key pin as 44 characters of base64',
  check(at, report, scene) {
    if (!at.reader.mentions.has(HASHES) && !at.reader.mentions.has(PINS)) return;
    const parts = partsOf(at, scene);
    if (!isOwn(parts)) return;
    const { tape } = at.reader;
    const look = (validation: Message, field: string, form: RegExp, expected: string): void =>
      validation.items(field).forEach((item, index) => {
        const text = tape.string(item);
        if (!form.test(text))
          report(atNode(validation, item, `${field}[${index}]`), {
            ...onceComplete(
              parts,
              `this item of ${field} is not a SHA-256 digest: it has ${text.length} characters`,
            ),
            expected,
          });
      });
    for (const validation of parts.validations) {
      look(validation, HASHES, HEX_DIGEST, '64 hex digits, or 32 pairs of them with colons between');
      look(validation, PINS, BASE64_DIGEST, '32 bytes in base64: 43 characters and =');
    }
  },
};

const HASHES = 'verify_certificate_hash';
const PINS = 'verify_certificate_spki';
// Of 95 characters Envoy drops the colons, wherever they are.
const HEX_DIGEST = /^(?:[\da-f]{64}|(?=.{95}$)(?::*[\da-f]){64}:*)$/i;
// The bits after the last whole byte are zero.
const BASE64_DIGEST = /^[A-Za-z\d+/]{42}[AEIMQUYcgkosw048]=$/;

const otherName: StartupCheck = {
  code: 'other-name-without-oid',
  on: HOLDERS,
  finds: 'a matcher of san_type OTHER_NAME has no valid oid',
  refusal: 'Failed to create SAN matcher for OTHER_NAME with OID: …',
  remedy: 'add the object identifier of the name, such as oid: 1.3.6.1.4.1.311.20.2.3',
  check(at, report, scene) {
    if (!at.reader.mentions.has(SANS)) return;
    const parts = partsOf(at, scene);
    if (!isOwn(parts)) return;
    for (const matcher of parts.validations.flatMap((validation) => validation.messages(SANS))) {
      if (matcher.enumName('san_type') !== 'OTHER_NAME') continue;
      const oid = matcher.text('oid') ?? '';
      if (isObjectIdentifier(oid)) continue;
      report(fieldAt(matcher, oid === '' ? 'san_type' : 'oid'), {
        ...onceComplete(
          parts,
          oid === ''
            ? 'a name of type OTHER_NAME is found by its oid'
            : `${quoted(oid)} is not an object identifier`,
        ),
        expected: 'numbers with dots between them',
      });
    }
  },
};

const SANS = 'match_typed_subject_alt_names';

const unknownValidator: StartupCheck = {
  code: 'unknown-validator',
  on: HOLDERS,
  finds: 'a custom_validator_config has a name that no validator of Envoy has',
  refusal: 'Failed to get certificate validator factory for …',
  remedy: `use ${SPIFFE}: Envoy finds validators by name, not by @type`,
  check(at, report, scene) {
    if (!at.reader.mentions.has(VALIDATOR)) return;
    const parts = partsOf(at, scene);
    for (const validation of parts.validations) {
      const validator = validation.message(VALIDATOR);
      const name = validator?.text('name') ?? '';
      if (validator === undefined || name === '' || VALIDATORS.includes(name)) continue;
      const suggestion = nearName(name, VALIDATORS);
      report(fieldAt(validator, 'name'), {
        ...onceComplete(parts, `Envoy has no certificate validator ${quoted(name)}`),
        expected: 'the name of a validator',
        ...(suggestion !== undefined && { suggestion }),
        // Another build may have it.
        ...(isForeign(validator) && { level: 'warning' as const }),
      });
    }
  },
};

const trustDomains: StartupCheck = {
  code: 'trust-domains',
  on: HOLDERS,
  finds:
    'a SPIFFE validator has a trust domain twice, or one without a trust bundle, or unreadable trust_bundles',
  refusal:
    'Multiple trust bundles are given for one trust domain for …; Failed to load trusted CA certificate for …',
  remedy: 'give each trust domain once, with the CA certificates of its trust_bundle in PEM form',
  check(at, report, scene) {
    if (!at.reader.mentions.has(VALIDATOR)) return;
    const parts = partsOf(at, scene);
    for (const validation of parts.validations) {
      const validator = validation.message(VALIDATOR);
      const config = validator?.text('name') === SPIFFE ? validator.message('typed_config') : undefined;
      if (config === undefined) continue;
      const bundles = config.message('trust_bundles');
      if (bundles !== undefined) {
        // They take the place of the list.
        const json = inlineBytes(bundles)?.toString();
        if (json !== undefined && !hasTrustDomains(json))
          report(fieldAt(config, 'trust_bundles'), {
            ...onceComplete(parts, 'this is not JSON with trust_domains'),
            expected: 'a SPIFFE trust bundle map',
          });
        continue;
      }
      const names = new Set<string>();
      for (const domain of config.messages('trust_domains')) {
        const name = domain.text('name') ?? '';
        const bundle = domain.message('trust_bundle');
        const pem = inlineBytes(bundle)?.toString('latin1');
        if (names.has(name))
          report(fieldAt(domain), {
            ...onceComplete(parts, `there is another trust domain ${quoted(name)}`),
            expected: 'each trust domain once',
          });
        else if (
          bundle === undefined ||
          bringsNothing(bundle) ||
          (pem !== undefined && !hasCertificate(pem, 'all'))
        )
          report(fieldAt(domain, bundle === undefined ? undefined : 'trust_bundle'), {
            ...onceComplete(parts, `the trust domain ${quoted(name)} has no CA certificate`),
            expected: 'a trust_bundle with CA certificates in PEM form',
          });
        names.add(name);
      }
    }
  },
};

/** Whether a text is JSON that maps trust domains to bundles. */
function hasTrustDomains(json: string): boolean {
  try {
    const domains = JSON.parse(json)?.trust_domains;
    return typeof domains === 'object' && domains !== null && Object.keys(domains).length > 0;
  } catch {
    return false;
  }
}

/** The checks of validation contexts. */
export const VALIDATION_CHECKS: readonly StartupCheck[] = [
  autoSanWithoutCa,
  needsCa,
  emptySource,
  badPin,
  otherName,
  unknownValidator,
  trustDomains,
];
