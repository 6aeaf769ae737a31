// Whether two deliveries deliver the same: files by their paths, SDS by name, and a name in the place of files
// by the rules that convert names them with.

import type { Message } from '../../envoy/message.js';
import { quoted } from '../../secrecy/quoted.js';
import type { Fragment } from '../../source/fragment.js';
import { withDelivered } from '../../tls/combined-validation.js';
import { isPathName } from '../../tls/providers/files.js';
import { isRedacted, readSecretSettings } from '../../tls/read.js';
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
import type { Relation } from './relation.js';
import { sameValue } from './same-value.js';
import {
  isIstioAgent,
  sameSource as isSameSource,
  isSpire,
  pathOf,
  type SecretChannels,
  type SecretPlaces,
  type SecretSource,
  secretSource,
} from './secret-source.js';

/** What one side knows of secrets. */
export interface SideSecrets extends SecretPlaces {
  /** A Secret that the side's configurations hold: a static one, or one that a file serves. */
  secret(name: string, kind: 'static' | 'file'): Message | undefined;
}

/** What both sides know of secrets. */
export interface SecretRules extends SecretChannels {
  readonly names: SecretNames;
  readonly old: SideSecrets;
  readonly new: SideSecrets;
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
    (a, b) => {
      const sameChain = sameData(a.chain, b.chain);
      // A chain is of one key: where a dump does not show it, the chain tells.
      return isHidden(a.key) || isHidden(b.key) ? sameChain : both(sameChain, sameData(a.key, b.key));
    },
    rules,
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
    sameData,
    rules,
    (name) => filesOfRoot(rules.names, name),
    (source, path) => source.from === 'file' && samePath(source.filename, path),
    (source) => (source.from === 'file' ? source.filename : undefined),
  );
}

function certificateOf(certificate: Certificate, secrets: SideSecrets): Delivered<CertificateSources> {
  if (certificate.delivery === 'direct')
    return { by: 'direct', name: undefined, source: undefined, content: certificate };
  const [held] = heldSecret(certificate.secret, secrets)?.certificates ?? [];
  const content = held?.delivery === 'direct' ? held : undefined;
  return { by: 'sds', ...certificate.secret, content };
}

function rootOf(root: Root, secrets: SideSecrets): Delivered<DataSource> {
  if (root.delivery === 'direct')
    return { by: 'direct', name: undefined, source: undefined, content: root.source };
  const held = heldSecret(root.secret, secrets)?.validation?.root;
  return { by: 'sds', ...root.secret, content: held?.delivery === 'direct' ? held.source : undefined };
}

/** A Secret that is among the inputs: a static one, or one in a file that SDS reads. */
function heldSecret({ name, source }: SdsSecret, secrets: SideSecrets): TlsSettings | undefined {
  const { kind } = secretSource(source, secrets);
  const message = kind === 'static' || kind === 'file' ? secrets.secret(name, kind) : undefined;
  if (message === undefined) return undefined;
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
  secrets: SideSecrets,
): Validation | undefined {
  if (validation?.root?.delivery !== 'sds') return validation;
  const held = heldSecret(validation.root.secret, secrets)?.validation;
  if (held === undefined) return validation;
  return withDelivered(validation, held);
}

function relate<T, F>(
  old: Delivered<T>,
  now: Delivered<T>,
  same: (a: T, b: T) => boolean | undefined,
  sides: SecretRules,
  filesOf: (name: string) => readonly NamedFiles<F>[],
  isFiles: (content: T, files: F) => boolean,
  pathIn: (content: T) => string | undefined,
): Relation {
  const delivery = old.by === now.by ? 'other' : now.by === 'sds' ? 'to-sds' : 'from-sds';
  if (old.content !== undefined && now.content !== undefined) {
    switch (same(old.content, now.content)) {
      case true: {
        const isUnmoved = old.by === now.by && (old.by === 'direct' || sameValue(old.source, now.source));
        return { is: 'same', delivery: isUnmoved ? 'same' : delivery };
      }
      case false:
        return { is: 'another' };
      case undefined:
        return { is: 'unknown', reason: 'an inline value cannot be compared with a file' };
    }
  }
  if (old.by === 'sds' && now.by === 'sds' && old.name === now.name)
    return relateSources(old, now, sides, filesOf);
  const [content, named, side] =
    old.content === undefined ? [now.content, old, sides.old] : [old.content, now, sides.new];
  const { name, source } = named;
  if (name === undefined) return { is: 'another' };
  if (content === undefined) {
    const areAgents = isIstioAgent(old.source, sides.old) && isIstioAgent(now.source, sides.new);
    return relateNames(old.name as string, now.name as string, delivery, (one) =>
      conventional(filesOf(one), areAgents),
    );
  }
  const path = pathIn(content);
  if (path === undefined)
    return { is: 'unknown', reason: `it is unknown whether the inline value is the secret ${name}` };
  const files = filesOf(name);
  // Names that Istio and SPIRE share stand for what the server issues, and only Istio's agent issues files' content.
  if (files.length > 0 && files.every(({ by }) => by === 'convention') && !isIstioAgent(source, side))
    return { is: 'unknown', reason: notAgent(name, path, source, side) };
  const match = files.find((one) => isFiles(content, one.files));
  if (match !== undefined) {
    const assumed =
      match.by === 'convention' ? `the secret ${name} is ${path}, as Istio names it` : undefined;
    return { is: 'same', delivery, ...(assumed !== undefined && { assumed }) };
  }
  if (files.length > 0) return { is: 'another' };
  if (pathOf(source) !== undefined && isPathName(name, path))
    return { is: 'same', delivery, assumed: `the secret ${name} is ${path}, from which it takes its name` };
  return { is: 'unknown', reason: `it is unknown which file the secret ${name} is; --secrets can say` };
}

function conventional<F>(files: readonly NamedFiles<F>[], isAgent: boolean): readonly NamedFiles<F>[] {
  return isAgent ? files : files.filter(({ by }) => by !== 'convention');
}

function notAgent(name: string, path: string, source: Fragment | undefined, side: SideSecrets): string {
  const { kind, key } = secretSource(source, side);
  return isSpire(source) || /spire/i.test(key)
    ? `SPIRE issues ${name} from its own CA; --secrets can map it to ${path}`
    : `${name} is asked of ${kind === 'server' ? quoted(key) : `a ${kind} source`}, which is not Istio's node agent; --secrets can map it to ${path}`;
}

/** One name is one secret where it comes from one source, or where the user says what it is. */
function relateSources<T, F>(
  old: Delivered<T>,
  now: Delivered<T>,
  sides: SecretRules,
  filesOf: (name: string) => readonly NamedFiles<F>[],
): Relation {
  const name = now.name ?? '';
  const delivery = sameValue(old.source, now.source) ? 'same' : 'other';
  const [before, after] = [secretSource(old.source, sides.old), secretSource(now.source, sides.new)];
  const isLost = after.kind === 'static' && (old.content === undefined) !== (now.content === undefined);
  if (isLost)
    return { is: 'unknown', reason: `the static secret ${name} is among the inputs of one side only` };
  if (isSameSource(old.source, now.source, sides)) return { is: 'same', delivery };
  if (filesOf(name).some(({ by }) => by === 'given')) return { is: 'same', delivery };
  return {
    is: 'unknown',
    reason: `the secret ${name} comes from another source: ${sourceText(after)} instead of ${sourceText(before)}`,
  };
}

function sourceText({ kind, key }: SecretSource): string {
  if (kind === 'server') return `the server ${quoted(key)}`;
  return kind === 'file'
    ? `the file ${quoted(key)}`
    : kind === 'static'
      ? 'the bootstrap'
      : 'the control plane';
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
function sameData(a: DataSource | undefined, b: DataSource | undefined): boolean | undefined {
  if (a === undefined || b === undefined) return a === b;
  if (isHidden(a) || isHidden(b)) return undefined;
  if (a.from === 'file' && b.from === 'file') return samePath(a.filename, b.filename);
  if (a.from === 'inline' && b.from === 'inline') return a.digest === b.digest;
  if (a.from === 'environment' && b.from === 'environment') return a.variable === b.variable;
  return undefined;
}

function isHidden(source: DataSource | undefined): boolean {
  return source !== undefined && isRedacted(source);
}

function both(a: boolean | undefined, b: boolean | undefined): boolean | undefined {
  if (a === false || b === false) return false;
  return a === undefined || b === undefined ? undefined : true;
}
