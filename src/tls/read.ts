// A TLS context's message to settings. The two versions of the API have the same fields here; what changed
// between them (SAN matchers, watched directories) is in parts that are carried as they are.

import { createHash } from 'node:crypto';
import { oncePer } from '../collections/once-per.js';
import type { Message } from '../envoy/message.js';
import type { MessageReader } from '../envoy/message-reader.js';
import { type NormalValue, plainValue } from '../envoy/normal-value.js';
import { type Fragment, MapBody } from '../source/fragment.js';
import { isTrue } from '../source/plain-kind.js';
import { Kind, Style } from '../source/tape.js';
import type { TlsContext } from './context.js';
import { TRUSTED_CA } from './fields.js';
import type { Certificate, DataSource, Root, SdsSecret, TlsSettings, Validation } from './settings.js';

/** A part of a context's settings that can be left unread. */
export type SettingsPart = 'certificates' | 'validation' | 'alpn' | 'parameters' | 'rest';

const PARTS: ReadonlyMap<string, SettingsPart> = new Map<string, SettingsPart>([
  ['tls_certificates', 'certificates'],
  ['tls_certificate_sds_secret_configs', 'certificates'],
  ['validation_context', 'validation'],
  ['validation_context_sds_secret_config', 'validation'],
  ['combined_validation_context', 'validation'],
  ['alpn_protocols', 'alpn'],
  ['tls_params', 'parameters'],
]);

/** The part of the settings that a field of a context, or of its CommonTlsContext, belongs to. */
export function partOf(field: string): SettingsPart {
  return PARTS.get(field) ?? 'rest';
}

/**
 * Reads the settings of a context.
 *
 * @param parts what is read of it, beside what costs nothing; by default all
 */
export function readTlsSettings(
  { message, common, side }: TlsContext,
  parts?: ReadonlySet<SettingsPart>,
): TlsSettings {
  const read = (part: SettingsPart): Message | undefined =>
    parts === undefined || parts.has(part) ? common : undefined;
  const [certificates, validation] = [read('certificates'), read('validation')];
  return {
    side,
    certificates: certificates === undefined ? [] : readCertificates(certificates),
    validation: validation === undefined ? undefined : readValidation(validation),
    alpn: read('alpn')?.texts('alpn_protocols') ?? [],
    sni: message.text('sni'),
    requireClientCertificate: readBool(message, 'require_client_certificate'),
    parameters: read('parameters')?.message('tls_params')?.toValue(),
    rest: parts === undefined || parts.has('rest') ? readRest(message, common) : {},
  };
}

/** Reads a Secret as the settings of a context that would hold what it delivers. */
export function readSecretSettings(secret: Message): TlsSettings {
  const certificate = secret.message('tls_certificate');
  const validation = secret.message('validation_context');
  return {
    side: 'upstream',
    certificates: certificate === undefined ? [] : [readCertificate(certificate)],
    validation: validation === undefined ? undefined : readPlainValidation(validation),
    alpn: [],
    sni: undefined,
    requireClientCertificate: undefined,
    parameters: undefined,
    rest: secret.toValue(DELIVERED),
  };
}

const DELIVERED = new Set(['name', 'tls_certificate', 'validation_context']);

/** The certificates that a CommonTlsContext presents. */
export function readCertificates(common: Message): Certificate[] {
  return [
    ...common.messages('tls_certificates').map(readCertificate),
    ...common
      .messages('tls_certificate_sds_secret_configs')
      .map((config): Certificate => ({ delivery: 'sds', secret: readSecret(config) })),
  ];
}

const CHAIN_AND_KEY = new Set(['certificate_chain', 'private_key']);

function readCertificate(certificate: Message): Certificate {
  return {
    delivery: 'direct',
    chain: readDataSource(certificate.message('certificate_chain')),
    key: readDataSource(certificate.message('private_key')),
    extras: certificate.toValue(CHAIN_AND_KEY),
  };
}

/** How a CommonTlsContext checks the peer; undefined where it does not. */
function readValidation(common: Message): Validation | undefined {
  const combined = common.message('combined_validation_context');
  if (combined !== undefined) {
    const secret = combined.message('validation_context_sds_secret_config');
    return {
      root: secret === undefined ? undefined : { delivery: 'sds', secret: readSecret(secret) },
      rest: {
        ...earlierNames(combined.message('default_validation_context')),
        ...combined.message('default_validation_context')?.toValue(),
        ...combined.toValue(DEFAULT_AND_SECRET),
      },
    };
  }
  const secret = common.message('validation_context_sds_secret_config');
  if (secret !== undefined) return { root: { delivery: 'sds', secret: readSecret(secret) }, rest: undefined };
  const plain = common.message('validation_context');
  return plain === undefined ? undefined : readPlainValidation(plain);
}

function readPlainValidation(validation: Message): Validation {
  const source = readDataSource(validation.message(TRUSTED_CA));
  const root: Root | undefined = source === undefined ? undefined : { delivery: 'direct', source };
  return { root, rest: { ...earlierNames(validation), ...validation.toValue(ROOT) } };
}

const ROOT_AND_ITS_WATCH = new Set([TRUSTED_CA, 'watched_directory']);

/** A validation context without its root: its own text, or its value where merge keys made it. */
export function restBesideRoot(validation: Message): Fragment {
  const { tape } = validation.reader;
  if (validation.owner(TRUSTED_CA) === validation.node && validation.unmerged()) {
    const gone = [...ROOT_AND_ITS_WATCH].map((field) => validation.key(field));
    return new MapBody(
      tape,
      validation.node,
      gone.filter((key) => key >= 0),
    );
  }
  return validation.toValue(ROOT_AND_ITS_WATCH);
}

/** v3 messages that were v2 but for their type's URL still have v2's list of names, which v3 reserves. */
function earlierNames(validation: Message | undefined): { readonly [name: string]: Fragment } {
  if (validation === undefined || validation.isPlain) return {};
  const { tape } = validation.reader;
  for (const name of [NAMES, 'verifySubjectAltName']) {
    const node = validation.type.field(NAMES) === undefined ? tape.get(validation.node, name) : -1;
    if (node >= 0) return { [NAMES]: plainValue(tape, node) };
  }
  return {};
}

const NAMES = 'verify_subject_alt_name';

const ROOT = new Set([TRUSTED_CA]);
const DEFAULT_AND_SECRET = new Set(['default_validation_context', 'validation_context_sds_secret_config']);

/** Secrets by their text, for each reader: thousands of contexts name the same few in the same words. */
const secretsOf = oncePer((_reader: MessageReader): KnownSecrets => ({ few: [], more: new Map() }));

/** How many secrets are looked through before their texts are hashed, which for long ones is slower. */
const FEW = 8;

interface KnownSecrets {
  readonly few: { readonly text: string; readonly secret: SdsSecret }[];
  readonly more: Map<string, SdsSecret>;
}

function readSecret(config: Message): SdsSecret {
  const { reader, node } = config;
  const { tape } = reader;
  const read = (): SdsSecret => ({
    name: config.text('name') ?? '',
    source: config.message('sds_config')?.toValue(),
  });
  // In block style the same text can mean something else at another depth, and behind an alias anywhere.
  if (tape.has(node, Style.Block) || tape.aliases.length > 0) return read();
  const { few, more } = secretsOf(reader);
  const text = tape.raw(node);
  for (const one of few) if (one.text === text) return one.secret;
  let secret = more.get(text);
  if (secret === undefined) {
    secret = read();
    if (few.length < FEW) few.push({ text, secret });
    else more.set(text, secret);
  }
  return secret;
}

function digestOf(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** What dumps have in the place of bytes that are not shown. */
const REDACTED = digestOf('[redacted]');

/** Whether bytes were taken out: they tell nothing. */
export function isRedacted(source: DataSource): boolean {
  // Envoy also hides the paths of private keys.
  if (source.from === 'file') return source.filename === '[redacted]';
  return source.from === 'inline' && source.digest === REDACTED;
}

const CERTIFICATES_ONLY =
  /^\s*(?:-----BEGIN CERTIFICATE-----[\sA-Za-z0-9+/=]{200,}-----END CERTIFICATE-----\s*)+$/;

/** A DataSource; undefined where there is none or it says nothing. */
export function readDataSource(source: Message | undefined): DataSource | undefined {
  if (source === undefined) return undefined;
  const filename = source.text('filename');
  if (filename !== undefined) return { from: 'file', filename };
  const text = source.text('inline_string');
  const bytes = source.text('inline_bytes');
  if (text !== undefined || bytes !== undefined) {
    const content = text ?? Buffer.from(bytes as string, 'base64');
    return {
      from: 'inline',
      digest: digestOf(content),
      length: Buffer.byteLength(content),
      isPublic: CERTIFICATES_ONLY.test(content.toString()),
    };
  }
  const variable = source.text('environment_variable');
  return variable === undefined ? undefined : { from: 'environment', variable };
}

function readBool(message: Message, name: string): boolean | undefined {
  const { tape } = message.reader;
  const node = message.value(name);
  // Old Envoys also read a wrapper's fields: `{value: true}`.
  const value = node >= 0 && tape.kind(node) === Kind.Map ? tape.get(node, 'value') : node;
  if (node < 0) return undefined;
  return value >= 0 && isTrue(tape.string(value));
}

const READ = new Set([
  'tls_certificates',
  'tls_certificate_sds_secret_configs',
  'validation_context',
  'validation_context_sds_secret_config',
  'combined_validation_context',
  'alpn_protocols',
  'tls_params',
  'common_tls_context',
  'sni',
  'require_client_certificate',
  '@type',
]);

function readRest(message: Message, common: Message | undefined): { readonly [field: string]: NormalValue } {
  const own = message.toValue(READ);
  return common === undefined || common === message ? own : { ...own, ...common.toValue(READ) };
}
