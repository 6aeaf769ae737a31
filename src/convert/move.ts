// What becomes of one TLS context: which of its files move to SDS under which names, and why the rest stays.

import { memo } from '../collections/memo.js';
import { isHarmlessSetting } from '../disclosure/shown-value.js';
import type { Api } from '../envoy/detect.js';
import type { Message } from '../envoy/message.js';
import type { RepeatFault } from '../envoy/repeated-fields.js';
import { isKeyForPath } from '../secrecy/path-text.js';
import { quotedKey } from '../secrecy/quoted.js';
import { repeated } from '../source/fragment.js';
import { Style } from '../source/tape.js';
import type { TlsContext } from '../tls/context.js';
import {
  CERTIFICATE_SECRETS,
  CERTIFICATES,
  CHAIN,
  certificateRole,
  PRIVATE_KEY,
  PRIVATE_KEY_PROVIDER,
  TRUSTED_CA,
  VALIDATION,
} from '../tls/fields.js';
import type { Naming, NamingWarning, Provider, Reason } from '../tls/providers/provider.js';
import { isRedacted, readCertificates, readDataSource, restBesideRoot } from '../tls/read.js';
import { isSystemBundle, isUnder } from '../tls/secret-names.js';
import { secretName, secretSource, secretUses } from '../tls/secret-uses.js';
import type { DataSource, SdsSecret } from '../tls/settings.js';
import { certificateField, type Field, validationField } from '../tls/write.js';

/** Something of a context that stays as it is. */
export interface Left {
  readonly what: 'certificate' | 'root' | 'context';
  readonly reason: Reason;
  readonly detail: string;
  readonly remedy?: string;
}

/** A member of a CommonTlsContext that another one takes the place of. */
interface Replacement {
  /** The map and key of the member that goes. */
  readonly map: number;
  readonly key: number;
  readonly field: Field;
  readonly secret: SdsSecret;
}

/** What is to become of a context. Both lists are empty where there is nothing to move. */
export interface Move {
  readonly context: TlsContext;
  readonly replacements: readonly Replacement[];
  readonly left: readonly Left[];
  /** What the user should know of the names that were given. */
  readonly warnings: readonly NamingWarning[];
}

/** What moving needs to know beside the context. */
export interface MoveOptions {
  readonly provider: Provider;
  /** Only files below one of these move; all where there are none. */
  readonly mounts: readonly string[];
  /** Clusters that SDS is fetched through. */
  readonly sdsClusters: ReadonlySet<string>;
  /** Names of the bootstraps' static secrets that name files. */
  readonly staticSecrets: ReadonlySet<string>;
  /** Whether the provider's cluster is there, or can be added to this document. */
  readonly sdsClusterReachable: boolean;
}

type Part =
  | { readonly secret: SdsSecret; readonly warning: NamingWarning | undefined }
  | { readonly left: Left }
  | undefined;

/** Moves contexts to the secrets of one provider. */
export class Mover {
  private readonly secrets = eachApi(() => new Map<string, SdsSecret>());
  private readonly certificateFields = new Map<SdsSecret, Field>();
  /** What became of the text of a certificate, and of that of a root. */
  private readonly certificates = eachApi(() => new Recall());
  private readonly roots = eachApi(() => new Recall());

  constructor(private readonly options: MoveOptions) {}

  /** Decides about contexts, each when it is asked for. */
  *moves(contexts: readonly TlsContext[], repeatedKeys: readonly number[]): Generator<Move> {
    for (const context of contexts) yield this.move(context, repeatedKeys);
  }

  /**
   * Decides about one context.
   *
   * @param repeatedKeys key nodes of the document that their maps have already
   */
  move(context: TlsContext, repeatedKeys: readonly number[] = []): Move {
    const { common, api } = context;
    const replacements: Replacement[] = [];
    const left: Left[] = [];
    const warnings: NamingWarning[] = [];
    if (common === undefined) return { context, replacements, left, warnings };
    const obstacle = this.obstacle(context) ?? repeatedKeyIn(context, repeatedKeys);
    const take = (part: Part, name: string, field: (secret: SdsSecret) => Field): void => {
      if (part === undefined) return;
      if ('left' in part) left.push(part.left);
      else {
        replacements.push({
          map: common.owner(name),
          key: common.key(name),
          field: field(part.secret),
          secret: part.secret,
        });
        if (part.warning !== undefined) warnings.push(part.warning);
      }
    };
    take(this.certificate(common, api, obstacle), CERTIFICATES, (secret) => this.certificateFieldOf(secret));
    const validation = common.message(VALIDATION);
    if (validation !== undefined) {
      take(this.root(validation, api, obstacle), VALIDATION, (secret) =>
        validationField({ root: { delivery: 'sds', secret }, rest: restBesideRoot(validation) }),
      );
    }
    left.push(...this.staticSecrets(context));
    return { context, replacements, left: withoutRepeats(left), warnings };
  }

  /** The secrets that a context takes from the bootstrap, where they come from files. */
  private staticSecrets(context: TlsContext): Left[] {
    if (this.options.staticSecrets.size === 0) return [];
    return secretUses(context).flatMap((use): Left[] => {
      const { purpose } = use;
      const name = secretName(use);
      if (purpose === 'session-tickets' || secretSource(use) !== undefined) return [];
      if (name === '' || !this.options.staticSecrets.has(name)) return [];
      return [
        {
          what: purpose,
          reason: 'static-secret',
          detail: `its ${purpose} is the static secret ${name}, which uses files`,
          remedy: 'move the files into the context, or add an sds_config to it',
        },
      ];
    });
  }

  /** What keeps a whole context where it is. */
  private obstacle({ resource, side }: TlsContext): Left | undefined {
    const what = 'context';
    if (resource?.type.name.endsWith(side === 'upstream' ? '.Listener' : '.Cluster')) {
      const [is, wants] = side === 'upstream' ? ['an upstream', 'a listener'] : ['a downstream', 'a cluster'];
      return {
        what,
        reason: 'wrong-direction',
        detail: `it is ${is} context in ${wants}, which Envoy rejects`,
        remedy: `use ${side === 'upstream' ? 'a DownstreamTlsContext' : 'an UpstreamTlsContext'}`,
      };
    }
    const { sdsClusters } = this.options;
    const name = side === 'upstream' && sdsClusters.size > 0 ? resource?.text('name') : undefined;
    if (name !== undefined && sdsClusters.has(name)) {
      return {
        what,
        reason: 'sds-server',
        detail: `it connects to an SDS server: if its own certificate came from SDS, SDS would depend on itself`,
      };
    }
    if (!this.options.sdsClusterReachable) {
      return {
        what,
        reason: 'no-sds-cluster',
        detail: `this document is not a bootstrap, so the cluster ${this.options.provider.cluster?.name} cannot be added to it`,
        remedy: 'use --sds-cluster NAME if the bootstrap already defines the cluster',
      };
    }
    return undefined;
  }

  private certificate(common: Message, api: Api, obstacle: Left | undefined): Part {
    const decide = () => this.decideCertificate(common, api, obstacle);
    // An obstacle, or another certificate beside it, is no matter of this text alone.
    return obstacle !== undefined || common.has(CERTIFICATE_SECRETS)
      ? decide()
      : once(this.certificates[api], common, CERTIFICATES, decide);
  }

  private decideCertificate(common: Message, api: Api, obstacle: Left | undefined): Part {
    const certificates = readCertificates(common);
    const [first] = certificates.filter((certificate) => certificate.delivery === 'direct');
    if (first === undefined) return undefined;
    if (obstacle !== undefined) return { left: obstacle };
    const leave = (reason: Reason, detail: string): Part => ({
      left: { what: 'certificate', reason, detail },
    });
    if (certificates.length > 1) {
      return leave(
        'several-certificates',
        `it has ${certificates.length} certificates, but an SDS server provides only one`,
      );
    }
    const { chain, key, extras } = first;
    // The folder that is watched for the files' sake is no part of the certificate.
    const extraNames = Object.keys(extras).filter((name) => certificateRole(name) !== 'watched-folder');
    if (PRIVATE_KEY_PROVIDER in extras) {
      return leave('private-key-provider', `its private key is held by a ${PRIVATE_KEY_PROVIDER}`);
    }
    for (const source of [chain, key]) {
      if (source !== undefined && isRedacted(source))
        return leave('redacted', `its ${source === key ? 'private key' : 'certificate chain'} is redacted`);
      const place = source === undefined ? undefined : notInFile(source);
      if (place !== undefined)
        return leave('inline', `its ${source === key ? 'private key' : 'certificate chain'} is ${place}`);
    }
    if (chain?.from !== 'file' || key?.from !== 'file') {
      return leave('incomplete', `it has no ${chain?.from !== 'file' ? CHAIN : PRIVATE_KEY}`);
    }
    if (extraNames.length > 0 && !this.options.provider.deliversExtras) {
      return leave(
        'certificate-extras',
        `it also has ${extraNames.join(' and ')}, which the SDS server may not deliver`,
      );
    }
    // A secret is never written to a new place, so not into a Secret file either.
    const held = extraNames.find((name) => !isHarmlessSetting(name, extras[name] ?? null));
    if (held !== undefined) return leave('inline', `its ${held} is inline`);
    const { mounts, provider } = this.options;
    const outside = [chain, key].find(({ filename }) => !isUnder(filename, mounts));
    if (outside !== undefined)
      return leave('outside-mount', `${outside.filename} is not under ${mounts.join(' or ')}`);
    const files = { chain: chain.filename, key: key.filename, extras };
    return this.named('certificate', provider.nameCertificate(files, api), api);
  }

  private root(validation: Message, api: Api, obstacle: Left | undefined): Part {
    const decide = () => this.decideRoot(validation, api, obstacle);
    return obstacle !== undefined ? decide() : once(this.roots[api], validation, TRUSTED_CA, decide);
  }

  private decideRoot(validation: Message, api: Api, obstacle: Left | undefined): Part {
    const source = readDataSource(validation.message(TRUSTED_CA));
    if (source === undefined || (source.from === 'file' && isSystemBundle(source.filename))) return undefined;
    if (obstacle !== undefined) return { left: obstacle };
    if (isRedacted(source))
      return { left: { what: 'root', reason: 'redacted', detail: `its ${TRUSTED_CA} is redacted` } };
    const held = notInFile(source);
    if (held !== undefined)
      return { left: { what: 'root', reason: 'inline', detail: `its ${TRUSTED_CA} is ${held}` } };
    if (source.from !== 'file') return undefined;
    const { mounts, provider } = this.options;
    if (isUnder(source.filename, mounts))
      return this.named('root', provider.nameRoot(source.filename, api), api);
    const detail = `${source.filename} is not under ${mounts.join(' or ')}`;
    return { left: { what: 'root', reason: 'outside-mount', detail } };
  }

  private named(what: Left['what'], naming: Naming, api: Api): Part {
    if (!('name' in naming)) return { left: { what, ...naming } };
    const { name, warning } = naming;
    const secret = memo(this.secrets[api], name, () => ({
      name,
      source: this.options.provider.source(name, api),
    }));
    return { secret, warning };
  }

  private certificateFieldOf(secret: SdsSecret): Field {
    return memo(this.certificateFields, secret, () => {
      const field = certificateField([{ delivery: 'sds', secret }]) as Field;
      if (typeof field.value === 'object' && field.value !== null) repeated(field.value);
      return field;
    });
  }
}

/** A repeated or merged key in a context: one edited copy would leave the others, or bring them to life. */
function repeatedKeyIn({ message }: TlsContext, repeatedKeys: readonly number[]): Left | undefined {
  const { reader, node } = message;
  const { tape } = reader;
  const end = tape.links[node] as number;
  const isInside = (key: number): boolean => key > node && key < end;
  for (const [key, fault] of reader.undetermined) {
    if (!isInside(key)) continue;
    const detail = `${UNDETERMINED[fault]} (${quotedKey(tape.name(key))})`;
    return { what: 'context', reason: 'undetermined', detail, remedy: 'set each field only once' };
  }
  const key = repeatedKeys.find(isInside);
  if (key === undefined) return undefined;
  const detail = `it has the duplicate key ${quotedKey(tape.name(key))}`;
  return { what: 'context', reason: 'duplicate-key', detail, remedy: 'remove the duplicates' };
}

const UNDETERMINED: Readonly<Record<RepeatFault, string>> = {
  'merge-key': 'it has a merge key, which Envoy does not read',
  refused: 'it sets a field twice, which Envoy rejects',
  oneof: 'it sets two fields of which Envoy accepts only one',
  spellings: 'it has both spellings of a field, and either may take effect',
};

function notInFile(source: DataSource): string | undefined {
  switch (source.from) {
    case 'inline':
      return 'inline';
    case 'environment':
      return `in the environment variable ${source.variable}`;
    case 'file':
      return isKeyForPath(source.filename) ? 'text that is not a path' : undefined;
  }
}

/** One for each version of the API: secrets of the two have different sources. */
function eachApi<T>(make: () => T): Readonly<Record<Api, T>> {
  return { v2: make(), v3: make() };
}

/** What became of texts. Mostly the same one comes again and again, so the last one is tried first. */
class Recall {
  private readonly parts = new Map<string, Part>();
  private lastText = '';
  private lastPart: Part;

  get(text: string): Part {
    if (text !== this.lastText) {
      this.lastPart = this.parts.get(text);
      this.lastText = text;
    }
    return this.lastPart;
  }

  set(text: string, part: Part): void {
    this.parts.set(text, part);
    this.lastPart = part;
  }
}

/**
 * What becomes of a field that says the same as one before: thousands of contexts name the same files in the
 * same words.
 *
 * @param known by the text of the field's value
 */
function once(known: Recall, message: Message, name: string, decide: () => Part): Part {
  const { tape, findings } = message.reader;
  const value = message.value(name);
  // In block style the same text can mean something else at another depth, and behind an alias anywhere.
  if (value < 0 || tape.has(value, Style.Block) || tape.aliases.length > 0) return decide();
  const text = tape.raw(value);
  const recalled = known.get(text);
  if (recalled !== undefined) return recalled;
  const before = findings.length;
  const part = decide();
  // What is wrong is to be reported at each place.
  if (findings.length === before) known.set(text, part);
  return part;
}

function withoutRepeats(left: readonly Left[]): Left[] {
  if (left.length < 2) return [...left];
  return left.filter(
    (one, i) => !left.slice(0, i).some((other) => other.reason === one.reason && other.detail === one.detail),
  );
}
