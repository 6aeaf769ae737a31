// The files and inline bytes that contexts and secrets are made of, each with its place.

import { posix } from 'node:path';
import { oncePer } from '../collections/once-per.js';
import type { Message } from '../envoy/message.js';
import type { Document } from '../source/document.js';
import { SeenTexts } from '../source/seen-texts.js';
import { Kind } from '../source/tape.js';
import type { TlsContext } from './context.js';
import type { SecretPlace } from './contexts.js';
import { isRedacted, readDataSource } from './read.js';
import type { DataSource } from './settings.js';

/** What bytes are to TLS. */
export type MaterialRole =
  | 'chain'
  | 'key'
  | 'password'
  | 'pkcs12'
  | 'staple'
  | 'root'
  | 'revocations'
  | 'tickets';

/** Bytes that a context or secret is made of. */
export interface Material {
  readonly role: MaterialRole;
  readonly source: DataSource;
  /** The DataSource. */
  readonly message: Message;
  /** The TlsCertificate, validation context or ticket keys that it is part of. */
  readonly holder: Message;
}

const CERTIFICATE_PARTS: readonly (readonly [field: string, role: MaterialRole])[] = [
  ['certificate_chain', 'chain'],
  ['private_key', 'key'],
  ['pkcs12', 'pkcs12'],
  ['password', 'password'],
  ['ocsp_staple', 'staple'],
];

const VALIDATION_PARTS: readonly (readonly [field: string, role: MaterialRole])[] = [
  ['trusted_ca', 'root'],
  ['crl', 'revocations'],
];

/** The material that a context holds itself. */
export const materialOf = oncePer(({ common, message }: TlsContext): Material[] => {
  return [
    ...(common?.messages('tls_certificates') ?? []).flatMap((part) => parts(part, CERTIFICATE_PARTS)),
    ...parts(common?.message('validation_context'), VALIDATION_PARTS),
    ...parts(
      common?.message('combined_validation_context')?.message('default_validation_context'),
      VALIDATION_PARTS,
    ),
    ...tickets(message.message('session_ticket_keys')),
  ];
});

/** The DataSources of SslCredentials. */
const CHANNEL_PARTS: readonly (readonly [field: string, role: MaterialRole])[] = [
  ['root_certs', 'root'],
  ['private_key', 'key'],
  ['cert_chain', 'chain'],
];

/** The material that a Secret holds. */
export function secretMaterial({ message }: SecretPlace): Material[] {
  return [
    ...parts(message.message('tls_certificate'), CERTIFICATE_PARTS),
    ...parts(message.message('validation_context'), VALIDATION_PARTS),
    ...tickets(message.message('session_ticket_keys')),
  ];
}

/** The material of the TLS that Google's gRPC client of a GrpcService speaks. */
export function channelMaterial(service: Message): Material[] {
  const credentials = service
    .message('google_grpc')
    ?.message('channel_credentials')
    ?.message('ssl_credentials');
  return parts(credentials, CHANNEL_PARTS);
}

/** Whether Envoy is told which folder to watch for new files. */
export function isWatched({ holder }: Material): boolean {
  return holder.has('watched_directory');
}

/** A certificate and its key, by what tells their bytes from others: the bytes themselves are not held. */
export interface HeldKeyPair {
  readonly chain: string;
  readonly key: string;
  /** Whether the key stands in the config itself. */
  readonly inline: boolean;
  /** The TlsCertificate. */
  readonly holder: Message;
}

/** The certificates with keys of contexts and Secrets; what stands there in the same words counts once. */
export function keyPairs(holders: readonly (TlsContext | SecretPlace)[]): HeldKeyPair[] {
  const seen = new SeenTexts();
  const pairs: HeldKeyPair[] = [];
  for (const one of holders) {
    const [message, field] =
      'kind' in one ? [one.message, 'tls_certificate'] : [one.common, 'tls_certificates'];
    const node = message?.value(field) ?? -1;
    if (message === undefined || node < 0) continue;
    if (seen.see(message.reader.tape.raw(node))) continue;
    const single = 'kind' in one ? message.message(field) : undefined;
    for (const holder of 'kind' in one ? (single === undefined ? [] : [single]) : message.messages(field)) {
      const chain = identity(holder, 'certificate_chain');
      const key = identity(holder, 'private_key');
      if (chain !== undefined && key !== undefined)
        pairs.push({ chain, key, inline: key.startsWith('inline'), holder });
    }
  }
  return pairs;
}

/** What tells the bytes of a field from others; undefined where they are not there. */
function identity(holder: Message, field: string): string | undefined {
  const source = readDataSource(holder.message(field));
  if (source === undefined || isRedacted(source)) return undefined;
  if (source.from === 'inline') return `inline ${source.digest}`;
  return source.from === 'file'
    ? `file ${posix.normalize(source.filename)}`
    : `environment ${source.variable}`;
}

function parts(
  holder: Message | undefined,
  fields: readonly (readonly [field: string, role: MaterialRole])[],
): Material[] {
  if (holder === undefined) return [];
  return fields.flatMap(([field, role]) => material(holder, holder.message(field), role));
}

function tickets(holder: Message | undefined): Material[] {
  return (holder?.messages('keys') ?? []).flatMap((key) => material(holder as Message, key, 'tickets'));
}

function material(holder: Message, message: Message | undefined, role: MaterialRole): Material[] {
  const source = readDataSource(message);
  return source === undefined || message === undefined ? [] : [{ role, source, message, holder }];
}

/** A file that a document names in a copy of a repeated field. */
export interface NamedFile {
  readonly role: MaterialRole;
  readonly filename: string;
  readonly node: number;
}

const ROLES: ReadonlyMap<string, MaterialRole> = new Map(
  [...CERTIFICATE_PARTS, ...VALIDATION_PARTS].map(([field, role]) => [spelled(field), role]),
);

/** One spelling of both that the API has for a name. */
function spelled(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}

/**
 * The files of certificates and roots that a document names anywhere, where it has fields more than once: a copy
 * that does not count today does when the other one goes.
 */
export function filesInCopies({ tape, source }: Document): NamedFile[] {
  const hasCopies =
    source.findings.some(({ code }) => code === 'duplicate-key') ||
    new Set(tape.names.map(spelled)).size < tape.names.length;
  if (!hasCopies) return [];
  const roles = tape.names.map((name) => ROLES.get(spelled(name)));
  const found: NamedFile[] = [];
  for (let key = 0; key < tape.size; key++) {
    const role = tape.kind(key) === Kind.Key ? roles[tape.links[key] as number] : undefined;
    if (role === undefined) continue;
    const map = tape.resolve(key + 1);
    if (tape.kind(map) !== Kind.Map) continue;
    for (let inner = map + 1; inner < (tape.links[map] as number); inner = tape.next(inner + 1)) {
      const node = tape.resolve(inner + 1);
      if (tape.name(inner) === 'filename' && tape.kind(node) === Kind.String)
        found.push({ role, filename: tape.string(node), node });
    }
  }
  return found;
}
