// Compares two resources of the same kind and name: their TLS contexts as settings values, everything else
// field by field, and says of what stands around a context whether it changes whom the resource trusts.

import type { Api } from '../envoy/detect.js';
import type { Side } from '../envoy/extensions/side.js';
import type { MessageReader } from '../envoy/message-reader.js';
import { COMMON, SANS_V2 } from '../tls/fields.js';
import { readSecretSettings } from '../tls/read.js';
import { canonical } from './meaning/canonical.js';
import { compare, type Difference, type Path, pathText, type Sink } from './meaning/compare.js';
import { type Meaning, MessageMeaning } from './meaning/meaning.js';
import type { Change, ChangePlace, ResourceId, TlsDifference } from './tls/change.js';
import {
  type ComparedContext,
  compareContextSettings,
  comparedContext,
  contextFieldPlace,
  type FieldPlace,
  sideOfContext,
} from './tls/compare-contexts.js';
import { compareTls, laterDifference, versionDifference } from './tls/compare-tls.js';
import { grpcCredentialsDifference } from './tls/grpc-credentials.js';
import {
  countGuards,
  GUARDS,
  type Guard,
  type GuardCounts,
  guardOf,
  guardsBut,
  isTlsContext,
  tlsContextIn,
  tlsContextsIn,
  wayDifference,
} from './tls/guard.js';
import type { SecretRules } from './tls/same-secret.js';
import { isSanValidation, sanValidationDifference } from './tls/san-validation.js';
import { altsDifference, socketDifference } from './tls/sockets.js';
import { aroundDifference, type ContextSettings } from './tls/tls-difference.js';

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
  /** The filter chains, or the entries of `transport_socket_matches`, that are being compared. */
  private way: { readonly old: Meaning; readonly now: Meaning; readonly isChain: boolean } | undefined;
  private counted: Map<string, GuardCounts> | undefined;

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
    if (name === 'FilterChain') this.way = { old, now, isChain: true };
    if (name === 'TransportSocketMatch') this.way = { old, now, isChain: false };
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
    this.holdsDeprecated ||=
      (tls === undefined || isSanValidation(tls)) && (field?.deprecated || [old, now].some(holdsDeprecated));
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
    // One that wraps the other, or holds the context in another way, may change the context as well.
    const [was, is] = field?.name === 'transport_socket' ? [old, now].map(tlsContextIn) : [];
    if (was !== undefined && is !== undefined) this.compareContexts(was, is);
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
      this.addTls(one, path, side, contextFieldPlace(before, one.field), contextFieldPlace(after, one.field));
  }

  /** What the API does not know of a context or Secret is no setting, and still a difference. */
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
        tls:
          laterDifference(name, scalarOf(was), scalarOf(is)) ??
          other(`${name.split('.').at(-1)}, which the API does not know, changes`),
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
      const place = contextFieldPlace(after, one.field);
      this.addTls(one, '', undefined, contextFieldPlace(before, one.field), { ...place, inCommon: false });
    }
    this.compareUnknown(old, now);
  }

  private addTls(
    tls: TlsDifference,
    contextPath: string,
    side: Side | undefined,
    oldPlace: ChangePlace,
    newPlace: FieldPlace,
  ): void {
    const common = newPlace.inCommon ? COMMON : '';
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
    if (name === 'transport_socket' || (name === 'tls_context' && field?.type?.endsWith('TlsContext')))
      return socketDifference(old, now);
    if (isBelow(path, '.filter_chain_matcher'))
      return this.choiceDifference(true, 'connections may go to a filter chain that is less guarded');
    if (choosesSocket(difference))
      return this.choiceDifference(false, 'an endpoint may get a transport socket that is less guarded');
    const effect = matchEffect(difference);
    if (effect !== undefined) return this.matchDifference(effect);
    if (isInspector(old ?? now) && this.hasTls()) {
      return other(kind === 'moved' ? 'the TLS inspector moves' : `the TLS inspector is ${kind}`);
    }
    const outside =
      altsDifference(difference) ??
      grpcCredentialsDifference(difference) ??
      sanValidationDifference(difference);
    if (outside !== undefined) return outside;
    if (tlsContextIn(old ?? now) !== undefined && kind !== 'moved') return socketDifference(old, now);
    return isBelow(path, '.transport_socket') ? other('what a transport socket holds changes') : undefined;
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
      const entries = waysOf(this.now, false).filter((one) => one !== this.now);
      return new Set(entries.map(guardOf)).size > 1
        ? aroundDifference('loosened', 'a transport socket that is less guarded may come first')
        : other('another transport socket comes first');
    }
    if (kind === 'changed') return undefined;
    const way = guardOf(old ?? now);
    return wayDifference(kind, way, this.guardsBut(isChain, [way]), what);
  }

  /** The guards of the ways of both sides, but for some of them. */
  private guardsBut(isChain: boolean, but: readonly Guard[]): readonly Guard[] {
    const counts = [this.old, this.now].map((side): GuardCounts => {
      const key = `${side === this.old} ${isChain}`;
      this.counted ??= new Map();
      const counted = this.counted.get(key) ?? countGuards(waysOf(side, isChain));
      this.counted.set(key, counted);
      return counted;
    });
    return guardsBut(counts, but);
  }

  /** What chooses among all ways, where they are not guarded alike: what it does is not followed. */
  private choiceDifference(isChain: boolean, message: string): TlsDifference | undefined {
    // Of endpoints by themselves the cluster is not known.
    const isOpen = !isChain && this.resource.kind === 'endpoints';
    return isOpen || new Set(this.guardsBut(isChain, [])).size > 1
      ? aroundDifference('loosened', message)
      : undefined;
  }

  /** What decides which way a connection goes: a weaker one may get what a stronger one had. */
  private matchDifference(effect: MatchEffect): TlsDifference | undefined {
    if (this.way === undefined || !this.hasTls()) return undefined;
    const { old, now, isChain } = this.way;
    const guard = guardOf(now);
    const others = this.guardsBut(isChain, [guardOf(old), guard]);
    const what = isChain ? 'filter chain' : 'transport socket';
    const weakest = Math.min(guard, ...others) as Guard;
    const strongest = Math.max(guard, ...others) as Guard;
    if (effect.narrows && weakest < guard)
      return aroundDifference(
        'loosened',
        `connections that ${GUARDS[guard]} guarded may go to a ${what} with ${GUARDS[weakest]}`,
      );
    if (effect.widens && strongest > guard)
      return aroundDifference(
        'loosened',
        `connections that ${GUARDS[strongest]} guarded may go to a ${what} with ${GUARDS[guard]}`,
      );
    if (strongest !== weakest)
      return aroundDifference('tightened', `connections may go to a better guarded ${what}`);
    return effect.negotiated
      ? aroundDifference('negotiation', `other connections go to this ${what}`)
      : undefined;
  }
}

/** What a change of the match of a filter chain or transport socket does. */
interface MatchEffect {
  readonly narrows: boolean;
  readonly widens: boolean;
  /** Whether it is about what TLS negotiates. */
  readonly negotiated: boolean;
}

const NEGOTIATED = /^\.(?:server_names|application_protocols|transport_protocol)$/;

/** What a difference does that is in such a match; undefined where it is not in one. */
function matchEffect({ path, old, new: now }: Difference): MatchEffect | undefined {
  let field = path?.step;
  for (let at = path; at !== undefined; field = at.step, at = at.above) {
    if (at.step !== '.filter_chain_match' && !isSocketMatch(at)) continue;
    // An item of a list lets one more in; a field that was absent let all in.
    const inList = path?.step.startsWith('[') ?? false;
    return {
      narrows: inList ? now === undefined : now !== undefined,
      widens: inList ? old === undefined : old !== undefined,
      negotiated: at === path ? holdsNegotiated(old ?? now) : NEGOTIATED.test(field ?? ''),
    };
  }
  return undefined;
}

function holdsNegotiated(match: Meaning | undefined): boolean {
  return (
    match instanceof MessageMeaning && [...match.members.keys()].some((name) => NEGOTIATED.test(`.${name}`))
  );
}

/** Whether a place is the match of an entry of `transport_socket_matches`. */
function isSocketMatch({ step, above }: Path): boolean {
  return step === '.match' && above?.above?.step === '.transport_socket_matches';
}

function isBelow(path: Path | undefined, step: string): boolean {
  for (let at = path; at !== undefined; at = at.above) if (at.step === step) return true;
  return false;
}

/** The metadata of an endpoint that a cluster's `transport_socket_matches` look at. */
const SOCKET_MATCH = 'envoy.transport_socket_match';

/** Whether a difference is of what chooses the transport socket of an endpoint, or holds it. */
function choosesSocket({ path, old, new: now, field }: Difference): boolean {
  if (isBelow(path, `[${SOCKET_MATCH}]`)) return true;
  return field?.name === 'metadata' && [old, now].some(holdsSocketMatch);
}

function holdsSocketMatch(metadata: Meaning | undefined): boolean {
  const filters = metadata instanceof MessageMeaning ? metadata.get('filter_metadata') : undefined;
  return filters?.shape === 'map' && filters.members.has(SOCKET_MATCH);
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
    if (member.field === undefined && name !== SANS_V2) found.set(at, meaning);
    const items = meaning.shape === 'list' ? meaning.items : [meaning];
    for (const [i, item] of items.entries()) {
      if (item.shape !== 'message') continue;
      const place = items.length > 1 ? `${at}[${i}]` : at;
      for (const [inner, one] of unknownIn(item, place)) found.set(inner, one);
    }
  }
  return found;
}

function scalarOf(meaning: Meaning | undefined): string | number | boolean | null | undefined {
  return meaning?.shape === 'scalar' ? meaning.value : undefined;
}

function other(message: string): TlsDifference {
  return aroundDifference('other', message);
}

function isInspector(meaning: Meaning | undefined): boolean {
  if (!(meaning instanceof MessageMeaning)) return false;
  const [name, config] = [meaning.get('name'), meaning.get('typed_config')];
  if (config?.shape === 'message') return config.type.shortName === 'TlsInspector';
  return name?.shape === 'scalar' && name.value === 'envoy.filters.listener.tls_inspector';
}

/** The filter chains of a listener, or the transport sockets of a cluster. */
function waysOf(resource: Meaning, chains: boolean): readonly Meaning[] {
  if (!(resource instanceof MessageMeaning)) return [];
  const list = resource.get(chains ? 'filter_chains' : 'transport_socket_matches');
  const one = chains ? resource.get('default_filter_chain') : resource;
  return [...(list?.shape === 'list' ? list.items : []), ...(one === undefined ? [] : [one])];
}
