// Compares two resources of the same kind and name: their TLS contexts as settings values, everything else
// field by field, and says of what stands around a context whether it changes whom the resource trusts.

import type { Api } from '../envoy/detect.js';
import type { MessageReader } from '../envoy/message-reader.js';
import { readSecretSettings } from '../tls/read.js';
import type { Side } from '../tls/settings.js';
import { canonical } from './canonical.js';
import type { Change, Placed, ResourceId, TlsClass, TlsDifference } from './change.js';
import { compare, type Difference, type Path, pathText, type Sink } from './compare.js';
import {
  type ComparedContext,
  compareContextSettings,
  comparedContext,
  type FieldPlace,
  fieldPlace,
  sideOfContext,
} from './compare-contexts.js';
import { type ContextSettings, compareTls, versionDifference } from './compare-tls.js';
import {
  GUARDS,
  type Guard,
  guardOf,
  isTlsContext,
  tlsContextIn,
  tlsContextsIn,
  wayDifference,
} from './guard.js';
import { type Meaning, MessageMeaning } from './meaning.js';
import type { SecretRules } from './same-secret.js';

/** What both sides know beside the resource. */
export interface ComparisonRules extends SecretRules {
  /** Readers of texts that were of v2 and are compared as v3. */
  readonly upgraded: ReadonlySet<MessageReader>;
}

/** What a comparison of two resources found. */
export interface ComparedResource {
  readonly changes: readonly Change[];
  /** Whether a change that is not of TLS holds fields that have successors: both may say the same. */
  readonly holdsDeprecated: boolean;
}

/** All changes of a resource that both sides have. */
export function compareResource(
  id: ResourceId,
  old: Meaning,
  now: Meaning,
  rules: ComparisonRules,
): ComparedResource {
  const comparison = new ResourceComparison(id, old, now, rules);
  compare(old, now, undefined, comparison);
  comparison.compareVersions();
  return comparison;
}

/** Lists of which each item may change whom the resource trusts, also where there was no list. */
const ONE_BY_ONE = new Set(['filter_chains', 'listener_filters', 'transport_socket_matches']);

class ResourceComparison implements Sink, ComparedResource {
  readonly changes: Change[] = [];
  holdsDeprecated = false;
  /** The filter chains that are being compared. */
  private chain: { readonly old: Meaning; readonly now: Meaning } | undefined;

  constructor(
    private readonly resource: ResourceId,
    private readonly old: Meaning,
    private readonly now: Meaning,
    private readonly rules: ComparisonRules,
  ) {}

  takes(old: Meaning, now: Meaning, _path: Path | undefined): boolean {
    if (!(old instanceof MessageMeaning && now instanceof MessageMeaning)) return false;
    if (isTlsContext(old) && isTlsContext(now)) {
      this.compareContexts(old, now);
      return true;
    }
    const name = now.type.shortName;
    if (name === 'FilterChain') this.chain = { old, now };
    if (name === 'Secret' && old.type === now.type) {
      this.compareSecrets(old, now);
      return true;
    }
    return false;
  }

  report(difference: Difference): void {
    const { old, new: now, path, moved, field } = difference;
    const ways = old ?? now;
    if (
      ONE_BY_ONE.has(field?.name ?? '') &&
      ways?.shape === 'list' &&
      (old === undefined || now === undefined)
    ) {
      for (const [i, item] of ways.items.entries()) {
        const place = { above: path, step: `[${i}]` };
        this.report({ ...difference, path: place, old: old && item, new: now && item });
      }
      return;
    }
    const kind =
      moved !== undefined ? 'moved' : old === undefined ? 'added' : now === undefined ? 'removed' : 'changed';
    const tls = this.meaningForTls(difference, kind);
    this.holdsDeprecated ||= tls === undefined && (field?.deprecated || [old, now].some(holdsDeprecated));
    this.changes.push({
      resource: this.resource,
      path: pathText(path),
      kind,
      tls,
      context: tls === undefined ? undefined : { path: pathText(path), side: this.side() },
      old,
      new: now,
      oldPlace: old,
      newPlace: now,
      ...(moved !== undefined && { moved }),
    });
  }

  /**
   * Says of each context of a resource that was upgraded to be compared that its version changes, be it the
   * same in all else: to Envoy it is another one.
   */
  compareVersions(): void {
    const { old, now } = this;
    const wasV2 = this.rules.upgraded.has(old.reader);
    if (wasV2 === this.rules.upgraded.has(now.reader) || this.resource.kind === 'bootstrap') return;
    const [before, after]: [Api, Api] = wasV2 ? ['v2', 'v3'] : ['v3', 'v2'];
    const contexts = new Map([...tlsContextsIn(old)].map((one) => [pathBelow(old, one), one]));
    for (const context of tlsContextsIn(now)) {
      const earlier = contexts.get(pathBelow(now, context));
      if (earlier === undefined) continue;
      const place = { reader: context.reader, node: context.node, inCommon: false };
      const side = sideOfContext(context.message) ?? this.side();
      const oldPlace = { reader: earlier.reader, node: earlier.node };
      this.addTls(versionDifference(before, after), pathBelow(now, context), side, oldPlace, place);
    }
  }

  private side(): Side | undefined {
    if (this.resource.kind === 'cluster') return 'upstream';
    return this.resource.kind === 'listener' ? 'downstream' : undefined;
  }

  private compareContexts(old: MessageMeaning, now: MessageMeaning): void {
    const [before, after] = [comparedContext(old.message), comparedContext(now.message)];
    const differences = compareContextSettings(before, after, this.side() ?? 'upstream', this.rules);
    this.compareUnknown(old, now);
    if (differences.length === 0) return;
    const path = pathBelow(this.now, now);
    const side = after.side ?? this.side() ?? 'upstream';
    for (const one of differences)
      this.addTls(one, path, side, fieldPlace(before, one.field), fieldPlace(after, one.field));
  }

  /** What the API does not know of a context is no setting, and still a difference. */
  private compareUnknown(old: MessageMeaning, now: MessageMeaning): void {
    if (old.reader.unread.size === 0 && now.reader.unread.size === 0) return;
    const [before, after] = [unknownIn(old), unknownIn(now)];
    const path = pathBelow(this.now, now);
    for (const name of new Set([...before.keys(), ...after.keys()])) {
      const [was, is] = [before.get(name), after.get(name)];
      if (was !== undefined && is !== undefined && canonical(was) === canonical(is)) continue;
      this.changes.push({
        resource: this.resource,
        path: [path, name].filter((part) => part !== '').join('.'),
        kind: was === undefined ? 'added' : is === undefined ? 'removed' : 'changed',
        tls: other(`${name.split('.').at(-1)}, which the API does not know, changes`),
        context: { path, side: this.side() },
        old: was,
        new: is,
        oldPlace: was ?? old,
        newPlace: is ?? now,
      });
    }
  }

  private compareSecrets(old: MessageMeaning, now: MessageMeaning): void {
    const [before, after] = [comparedContext(old.message), comparedContext(now.message)];
    const settings = ({ message, api }: ComparedContext): ContextSettings => ({
      settings: readSecretSettings(message),
      api,
    });
    for (const one of compareTls(settings(before), settings(after), this.rules)) {
      const place = fieldPlace(after, one.field);
      this.addTls(one, '', undefined, fieldPlace(before, one.field), { ...place, inCommon: false });
    }
  }

  private addTls(
    tls: TlsDifference,
    contextPath: string,
    side: Side | undefined,
    oldPlace: Placed,
    newPlace: FieldPlace,
  ): void {
    const common = newPlace.inCommon ? 'common_tls_context' : '';
    this.changes.push({
      resource: this.resource,
      path: [contextPath, common, tls.field].filter((part) => part !== '').join('.'),
      kind: tls.old === undefined ? 'added' : tls.new === undefined ? 'removed' : 'changed',
      tls,
      context: { path: contextPath, side },
      old: undefined,
      new: undefined,
      oldPlace,
      newPlace,
    });
  }

  /** What a change around TLS contexts means; undefined where it is no matter of TLS. */
  private meaningForTls(difference: Difference, kind: Change['kind']): TlsDifference | undefined {
    const { path, old, new: now, field } = difference;
    const name = field?.name;
    if (path?.above?.step === '.filter_chains' || name === 'default_filter_chain')
      return this.chainDifference(kind, difference);
    if (path?.above?.step === '.transport_socket_matches') return this.chainDifference(kind, difference);
    if (name === 'transport_socket' || name === 'tls_context') return socketDifference(old, now);
    const effect = matchEffect(difference);
    if (effect !== undefined) return this.matchDifference(effect);
    if (isInspector(old ?? now) && this.hasTls()) {
      return other(kind === 'moved' ? 'the TLS inspector moves' : `the TLS inspector is ${kind}`);
    }
    if (path !== undefined && /\.ssl_credentials\b/.test(pathText(path)))
      return other('the credentials for a gRPC server change');
    if (tlsContextIn(old ?? now) === undefined || kind === 'moved') return undefined;
    return socketDifference(old, now);
  }

  private hasTls(): boolean {
    return tlsContextIn(this.old) !== undefined || tlsContextIn(this.now) !== undefined;
  }

  /** A whole filter chain, or a whole transport socket match. */
  private chainDifference(
    kind: Change['kind'],
    { old, new: now, path }: Difference,
  ): TlsDifference | undefined {
    const isChain = path?.above?.step !== '.transport_socket_matches';
    const what = isChain ? 'a filter chain' : 'a transport socket';
    if (kind === 'moved') {
      if (isChain || !this.hasTls()) return undefined;
      return other('another transport socket comes first');
    }
    if (kind === 'changed') return undefined;
    const way = guardOf(old ?? now);
    const side = kind === 'added' ? this.now : this.old;
    const others = waysOf(side, isChain).filter((one) => one !== (old ?? now));
    return wayDifference(kind, way, others.map(guardOf), what);
  }

  /** What decides which filter chain a connection goes to: a weaker one may get what a stronger one had. */
  private matchDifference(effect: MatchEffect): TlsDifference | undefined {
    if (this.chain === undefined || !this.hasTls()) return undefined;
    const { old, now } = this.chain;
    const guard = guardOf(now);
    const others = [
      ...waysOf(this.old, true).filter((one) => one !== old),
      ...waysOf(this.now, true).filter((one) => one !== now),
    ].map(guardOf);
    const weakest = Math.min(guard, ...others) as Guard;
    const strongest = Math.max(guard, ...others) as Guard;
    const said = (kind: TlsClass, message: string): TlsDifference => ({ ...other(message), class: kind });
    if (effect.narrows && weakest < guard)
      return said(
        'loosened',
        `connections that ${GUARDS[guard]} guarded may go to a filter chain with ${GUARDS[weakest]}`,
      );
    if (effect.widens && strongest > guard)
      return said(
        'loosened',
        `connections that ${GUARDS[strongest]} guarded may go to a filter chain with ${GUARDS[guard]}`,
      );
    if (strongest !== weakest)
      return said('tightened', 'connections may go to a better guarded filter chain');
    return effect.negotiated ? said('negotiation', 'other connections go to this filter chain') : undefined;
  }
}

/** What a change of a filter chain's match does. */
interface MatchEffect {
  readonly narrows: boolean;
  readonly widens: boolean;
  /** Whether it is about what TLS negotiates. */
  readonly negotiated: boolean;
}

const NEGOTIATED = /^\.(?:server_names|application_protocols|transport_protocol)$/;

/** What a difference does that is in a filter chain's match; undefined where it is not in one. */
function matchEffect({ path, old, new: now }: Difference): MatchEffect | undefined {
  let field = path?.step;
  for (let at = path; at !== undefined; field = at.step, at = at.above) {
    if (at.step !== '.filter_chain_match') continue;
    // An item of a list lets one more in; a field that was absent let all in.
    const inList = path?.step.startsWith('[') ?? false;
    return {
      narrows: inList ? now === undefined : now !== undefined,
      widens: inList ? old === undefined : old !== undefined,
      negotiated: at === path || NEGOTIATED.test(field ?? ''),
    };
  }
  return undefined;
}

/** Whether a message at or below a place has a field that is deprecated. */
function holdsDeprecated(meaning: Meaning | undefined): boolean {
  switch (meaning?.shape) {
    case 'list':
      return meaning.items.some(holdsDeprecated);
    case 'map':
      return [...meaning.members.values()].some(holdsDeprecated);
    case 'message':
      return [...meaning.members.values()].some(
        (member) => member.field?.deprecated || holdsDeprecated(member.meaning()),
      );
    default:
      return false;
  }
}

/** A message's path below its resource. */
function pathBelow(resource: Meaning, { message }: MessageMeaning): string {
  return message.path(undefined, resource instanceof MessageMeaning ? resource.message : undefined);
}

/** What a message and those in it hold under names that the API does not know, by path. */
function unknownIn(message: MessageMeaning, path = ''): Map<string, Meaning> {
  const found = new Map<string, Meaning>();
  for (const [name, member] of message.members) {
    const meaning = member.meaning();
    const at = path === '' ? name : `${path}.${name}`;
    if (meaning === undefined) continue;
    // v2's list of names is read as a setting in v3, too.
    if (member.field === undefined && name !== 'verify_subject_alt_name') found.set(at, meaning);
    const items = meaning.shape === 'list' ? meaning.items : [meaning];
    for (const [i, item] of items.entries()) {
      if (item.shape !== 'message') continue;
      const place = items.length > 1 ? `${at}[${i}]` : at;
      for (const [inner, one] of unknownIn(item, place)) found.set(inner, one);
    }
  }
  return found;
}

function other(message: string): TlsDifference {
  return { class: 'other', field: '', message, old: undefined, new: undefined };
}

function socketDifference(old: Meaning | undefined, now: Meaning | undefined): TlsDifference {
  const [was, is] = [tlsContextIn(old) !== undefined, tlsContextIn(now) !== undefined];
  const text = (meaning: Meaning | undefined, tls: boolean): string =>
    tls ? 'TLS' : meaning === undefined ? 'plain text' : 'another transport socket';
  const said = { field: '', old: text(old, was), new: text(now, is) };
  if (was && !is) return { ...said, class: 'loosened', message: 'TLS is gone' };
  if (is && !was) return { ...said, class: 'tightened', message: 'TLS is there now' };
  return { ...said, class: 'other', message: 'the transport socket changes' };
}

function isInspector(meaning: Meaning | undefined): boolean {
  const name = meaning instanceof MessageMeaning ? meaning.get('name') : undefined;
  return name?.shape === 'scalar' && name.value === 'envoy.filters.listener.tls_inspector';
}

/** The filter chains of a listener, or the transport sockets of a cluster. */
function waysOf(resource: Meaning, chains: boolean): readonly Meaning[] {
  if (!(resource instanceof MessageMeaning)) return [];
  const list = resource.get(chains ? 'filter_chains' : 'transport_socket_matches');
  const one = chains ? resource.get('default_filter_chain') : resource;
  return [...(list?.shape === 'list' ? list.items : []), ...(one === undefined ? [] : [one])];
}
