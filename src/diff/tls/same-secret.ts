// Whether two deliveries deliver the same: files by their paths, SDS by name, and a name in the place of files
// by the rules that convert names them with.

import { isUtf8 } from 'node:buffer';
import { posix } from 'node:path';
import type { Message } from '../../envoy/message.js';
import type { Fragment } from '../../source/fragment.js';
import { withDelivered } from '../../tls/combined-validation.js';
import { isPathName } from '../../tls/providers/files.js';
import { readSecretSettings } from '../../tls/read.js';
import {
  filesOfCertificate,
  filesOfRoot,
  type NamedFiles,
  type SecretNames,
  samePath,
} from '../../tls/secret-names.js';
import type {
  Certificate,
  DataSource,
  Root,
  SdsSecret,
  TlsSettings,
  Validation,
} from '../../tls/settings.js';

/** How what one side delivers relates to what the other does. */
export type Relation =
  | {
      readonly is: 'same';
      readonly delivery: 'same' | 'to-sds' | 'from-sds' | 'other';
      readonly assumed?: string;
    }
  | { readonly is: 'another' }
  | { readonly is: 'unknown'; readonly reason: string };

/** The Secrets that one side's configurations hold, by name. */
export type HeldSecrets = ReadonlyMap<string, Message>;

/** What both sides know of secrets. */
export interface SecretRules {
  readonly names: SecretNames;
  readonly old: HeldSecrets;
  readonly new: HeldSecrets;
}

/** What is delivered, as far as it is known. */
interface Delivered<T> {
  readonly by: 'direct' | 'sds';
  readonly name: string | undefined;
  readonly source: Fragment | undefined;
  /** Undefined where only the name is known. */
  readonly content: T | undefined;
}

interface CertificateSources {
  readonly chain: DataSource | undefined;
  readonly key: DataSource | undefined;
}

/** Relates two certificates. */
export function relateCertificates(old: Certificate, now: Certificate, rules: SecretRules): Relation {
  return relate(
    certificateOf(old, rules.old),
    certificateOf(now, rules.new),
    (a, b) => both(sameSource(a.chain, b.chain), sameSource(a.key, b.key)),
    (name) => filesOfCertificate(rules.names, name),
    ({ chain, key }, files) =>
      chain?.from === 'file' &&
      key?.from === 'file' &&
      samePath(chain.filename, files.chain) &&
      samePath(key.filename, files.key),
    ({ chain }) => (chain?.from === 'file' ? chain.filename : undefined),
  );
}

/** Relates two roots. */
export function relateRoots(old: Root, now: Root, rules: SecretRules): Relation {
  return relate(
    rootOf(old, rules.old),
    rootOf(now, rules.new),
    sameSource,
    (name) => filesOfRoot(rules.names, name),
    (source, path) => source.from === 'file' && samePath(source.filename, path),
    (source) => (source.from === 'file' ? source.filename : undefined),
  );
}

function certificateOf(certificate: Certificate, secrets: HeldSecrets): Delivered<CertificateSources> {
  if (certificate.delivery === 'direct')
    return { by: 'direct', name: undefined, source: undefined, content: certificate };
  const [held] = heldSecret(certificate.secret, secrets)?.certificates ?? [];
  const content = held?.delivery === 'direct' ? held : undefined;
  return { by: 'sds', ...certificate.secret, content };
}

function rootOf(root: Root, secrets: HeldSecrets): Delivered<DataSource> {
  if (root.delivery === 'direct')
    return { by: 'direct', name: undefined, source: undefined, content: root.source };
  const held = heldSecret(root.secret, secrets)?.validation?.root;
  return { by: 'sds', ...root.secret, content: held?.delivery === 'direct' ? held.source : undefined };
}

/** A Secret that is among the inputs: a static one, or one in a file that SDS reads. */
function heldSecret({ name, source }: SdsSecret, secrets: HeldSecrets): TlsSettings | undefined {
  const message = secrets.get(name);
  if (message === undefined || (source !== undefined && pathOf(source) === undefined)) return undefined;
  let settings = heldSettings.get(message);
  if (settings === undefined) {
    settings = readSecretSettings(message);
    heldSettings.set(message, settings);
  }
  return settings;
}

/** Thousands of contexts may name one Secret, which is read once. */
const heldSettings = new WeakMap<Message, TlsSettings>();

/** How peers are checked once SDS has delivered a Secret that is among the inputs. */
export function resolvedValidation(
  validation: Validation | undefined,
  secrets: HeldSecrets,
): Validation | undefined {
  if (validation?.root?.delivery !== 'sds') return validation;
  const held = heldSecret(validation.root.secret, secrets)?.validation;
  if (held === undefined) return validation;
  return withDelivered(validation, held);
}

type Fields = { readonly [name: string]: Fragment };

function relate<T, F>(
  old: Delivered<T>,
  now: Delivered<T>,
  same: (a: T, b: T) => boolean | undefined,
  filesOf: (name: string) => readonly NamedFiles<F>[],
  isFiles: (content: T, files: F) => boolean,
  pathIn: (content: T) => string | undefined,
): Relation {
  const delivery = old.by === now.by ? 'other' : now.by === 'sds' ? 'to-sds' : 'from-sds';
  if (old.by === 'sds' && now.by === 'sds' && old.name === now.name)
    return { is: 'same', delivery: sameValue(old.source, now.source) ? 'same' : 'other' };
  if (old.content !== undefined && now.content !== undefined) {
    switch (same(old.content, now.content)) {
      case true:
        return { is: 'same', delivery: old.by === 'direct' && now.by === 'direct' ? 'same' : delivery };
      case false:
        return { is: 'another' };
      case undefined:
        return { is: 'unknown', reason: 'what is inline cannot be compared with a file' };
    }
  }
  const [content, named] = old.content === undefined ? [now.content, old] : [old.content, now];
  const { name, source } = named;
  if (name === undefined) return { is: 'another' };
  if (content === undefined) return relateNames(old.name as string, now.name as string, delivery, filesOf);
  const path = pathIn(content);
  if (path === undefined)
    return { is: 'unknown', reason: `nothing tells whether what is inline is the secret ${name}` };
  const files = filesOf(name);
  const match = files.find((one) => isFiles(content, one.files));
  // Names that Istio and SPIRE share stand for what the server issues, and SPIRE is a CA of its own.
  if (isSpire(source) && files.every(({ by }) => by === 'convention'))
    return {
      is: 'unknown',
      reason: `SPIRE issues ${name} from its own CA: --secrets can say that it is ${path}`,
    };
  if (match !== undefined) {
    const assumed =
      match.by === 'convention' ? `the secret ${name} is ${path}, as Istio names it` : undefined;
    return { is: 'same', delivery, ...(assumed !== undefined && { assumed }) };
  }
  if (files.length > 0) return { is: 'another' };
  if (pathOf(source) !== undefined && isPathName(name, path))
    return { is: 'same', delivery, assumed: `the secret ${name} is ${path}, after which it is named` };
  return { is: 'unknown', reason: `nothing tells which file the secret ${name} is: --secrets can` };
}

/** Two names are one secret where they stand for the same files. */
function relateNames<F>(
  old: string,
  now: string,
  delivery: 'to-sds' | 'from-sds' | 'other',
  filesOf: (name: string) => readonly NamedFiles<F>[],
): Relation {
  const [before, after] = [filesOf(old), filesOf(now)];
  const match = before.find((one) =>
    after.some((other) => sameValue(one.files as Fragment, other.files as Fragment)),
  );
  return match === undefined
    ? { is: 'another' }
    : { is: 'same', delivery, assumed: `the secrets ${old} and ${now} are the same files` };
}

/** Undefined where it cannot be told: one is a file, the other is not. */
function sameSource(a: DataSource | undefined, b: DataSource | undefined): boolean | undefined {
  if (a === undefined || b === undefined) return a === b;
  if (a.from === 'file' && b.from === 'file') return samePath(a.filename, b.filename);
  if (a.from === 'inline' && b.from === 'inline') return a.digest === b.digest;
  if (a.from === 'environment' && b.from === 'environment') return a.variable === b.variable;
  return undefined;
}

function both(a: boolean | undefined, b: boolean | undefined): boolean | undefined {
  if (a === false || b === false) return false;
  return a === undefined || b === undefined ? undefined : true;
}

/** Whether two parts of messages say the same, in whatever words. */
export function sameValue(a: Fragment | undefined, b: Fragment | undefined): boolean {
  return a === b || sortedText(a) === sortedText(b);
}

/** Thousands of contexts share a block, which is read once. */
const sortedTexts = new WeakMap<object, string>();

function sortedText(value: Fragment | undefined): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  let text = sortedTexts.get(value);
  if (text === undefined) {
    text = sorted(value);
    sortedTexts.set(value, text);
  }
  return text;
}

function sorted(value: Fragment): string {
  return JSON.stringify(value, (name, part) => {
    if (name === 'filename' && typeof part === 'string') return posix.normalize(part);
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(
      Object.entries(withInlineText(part))
        .filter(([, member]) => !saysNothing(member))
        .sort(([x], [y]) => (x < y ? -1 : 1)),
    );
  });
}

/** Absent, a switch that is off and what is empty are one. A number may be of a wrapper, whose zero says something. */
function saysNothing(value: Fragment): boolean {
  return value === false || value === '' || (Array.isArray(value) && value.length === 0);
}

/** What is inline is the same as text and as bytes. */
function withInlineText(part: Fields): Fields {
  const { inline_bytes: encoded, ...others } = part;
  if (typeof encoded !== 'string') return part;
  const bytes = Buffer.from(encoded, 'base64');
  return isUtf8(bytes)
    ? { ...others, inline_string: bytes.toString() }
    : { ...others, inline_bytes: bytes.toString('base64') };
}

/** The file that a ConfigSource reads secrets from. */
function pathOf(source: Fragment | undefined): string | undefined {
  if (typeof source !== 'object' || source === null || !('path' in source || 'path_config_source' in source))
    return undefined;
  if ('path' in source) return String(source.path);
  const inner = (source as { readonly path_config_source: Fragment }).path_config_source;
  return typeof inner === 'object' && inner !== null && 'path' in inner ? String(inner.path) : '';
}

function isSpire(source: Fragment | undefined): boolean {
  return /"(?:cluster_name|target_uri)":"[^"]*spire/i.test(sortedText(source));
}
