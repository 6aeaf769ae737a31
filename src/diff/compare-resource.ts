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
import { sameText } from './meaning/same-text.js';
import { aroundMeaning } from './tls/around.js';
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
import { isTlsContext, tlsContextIn, tlsContextsIn } from './tls/guard.js';
import { leftoverDifference } from './tls/leftovers.js';
import type { SecretRules } from './tls/same-secret.js';
import { isSanValidation } from './tls/san-validation.js';
import { aroundDifference, type ContextSettings } from './tls/tls-difference.js';
import { type FoundWay, ResourceWays, type WayRules } from './ways/resource-ways.js';
import type { AskedCluster } from './ways/subsets.js';

/** What both sides know beside the resource. */
export interface ComparisonRules extends SecretRules, WayRules {
  /** Readers of texts that were of v2 and are compared as v3. */
  readonly upgraded: ReadonlySet<MessageReader>;
}

/** What a comparison of two resources found. */
interface ComparedResource {
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
  // Most resources are in the same words; of those that were upgraded it counts that they were.
  if (rules.upgraded.size === 0 && sameText(old, now) && isOfOneType(old, now)) return UNCHANGED;
  const comparison = new ResourceComparison(id, old, now, rules);
  compare(old, now, undefined, comparison);
  comparison.finish();
  return comparison;
}

/** What it means that requests ask for other endpoints of a cluster. */
export function compareSubsets(
  id: ResourceId,
  [old, oldAsked]: AskedCluster,
  [now, nowAsked]: AskedCluster,
  rules: ComparisonRules,
): readonly TlsDifference[] {
  return new ResourceComparison(id, old, now, rules).ways.subsets(oldAsked, nowAsked);
}

const UNCHANGED: ComparedResource = { changes: [], holdsDeprecated: false };

function isOfOneType(old: Meaning, now: Meaning): boolean {
  return old.shape === now.shape && (old.shape !== 'message' || old.type === (now as MessageMeaning).type);
}

/** Lists of which each item may change whom the resource trusts, also where there was no list. */
const ONE_BY_ONE = new Set(['filter_chains', 'listener_filters', 'transport_socket_matches']);

class ResourceComparison implements Sink, ComparedResource {
  readonly changes: Change[] = [];
  holdsDeprecated = false;
  readonly ways: ResourceWays;

  constructor(
    private readonly resource: ResourceId,
    private readonly old: Meaning,
    private readonly now: Meaning,
    private readonly rules: ComparisonRules,
  ) {
    this.ways = new ResourceWays(old, now, rules, (was, is, field) => this.compareParts(was, is, field));
  }

  takes(old: Meaning, now: Meaning, path: Path | undefined): boolean {
    this.ways.enter(old, now, path);
    if (!(old instanceof MessageMeaning && now instanceof MessageMeaning)) return false;
    if (isTlsContext(old) && isTlsContext(now)) {
      this.compareContexts(old, now, path);
      return true;
    }
    if (now.type.shortName === 'Secret' && old.type === now.type) {
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
    this.ways.touch(difference);
    const kind =
      moved !== undefined ? 'moved' : old === undefined ? 'added' : now === undefined ? 'removed' : 'changed';
    const tls = aroundMeaning(difference, kind, this.old, this.now);
    this.holdsDeprecated ||=
      (tls === undefined || isSanValidation(tls)) && (field?.deprecated || [old, now].some(holdsDeprecated));
    this.push(
      {
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
      },
      path,
    );
    // One that wraps the other, or holds the context in another way, may change the context as well.
    const [was, is] = field?.name === 'transport_socket' ? [old, now].map(tlsContextIn) : [];
    if (was !== undefined && is !== undefined) this.compareContexts(was, is, path);
  }

  private push(change: Change, path: Path | undefined): void {
    this.changes.push(change);
    this.ways.note(change, path);
  }

  /** Adds what can be said only of the whole: of the ways in and out, and of versions. */
  finish(): void {
    for (const way of this.ways.finish()) this.addWay(way);
    const neutral = this.ways.neutralized();
    if (neutral.size > 0) {
      for (const [i, change] of this.changes.entries())
        if (neutral.has(change))
          this.changes[i] = {
            ...change,
            tls: other('no connection goes from one filter chain to the other'),
          };
    }
    this.compareVersions();
  }

  private addWay({ tls, path, old, new: now }: FoundWay): void {
    const place = pathText(path);
    this.changes.push({
      resource: this.resource,
      path: place,
      kind: 'changed',
      tls,
      context: { path: place, side: this.side() },
      old: undefined,
      new: undefined,
      oldPlace: old ?? this.old,
      newPlace: now ?? this.now,
    });
  }

  /** What two parts of the resource differ in for TLS, wherever they stand. */
  private compareParts(
    old: Meaning | undefined,
    now: Meaning | undefined,
    fieldName: string,
  ): TlsDifference[] {
    const { type } = this.now instanceof MessageMeaning ? this.now : (this.old as MessageMeaning);
    const field = type?.field(fieldName);
    const path = { above: undefined, step: `.${fieldName}` };
    const inner = new ResourceComparison(this.resource, this.old, this.now, this.rules);
    if (old !== undefined && now !== undefined) compare(old, now, path, inner, undefined, field);
    else if (old !== now) inner.report({ path, old, new: now, holder: undefined, field });
    for (const way of inner.ways.within()) inner.addWay(way);
    return inner.changes.flatMap(({ tls }) => tls ?? []);
  }

  /**
   * Says of each context of a resource that was upgraded to be compared that its version changes, be it the
   * same in all else: to Envoy it is another one.
   */
  private compareVersions(): void {
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

  private compareContexts(old: MessageMeaning, now: MessageMeaning, at: Path | undefined): void {
    const [before, after] = [comparedContext(old.message), comparedContext(now.message)];
    const differences = compareContextSettings(before, after, this.side() ?? 'upstream', this.rules);
    const leftover = leftoverDifference(old, now);
    if (leftover !== undefined) differences.push(leftover);
    this.compareUnknown(old, now, at);
    if (differences.length === 0) return;
    const path = pathBelow(this.now, now);
    const side = after.side ?? this.side() ?? 'upstream';
    for (const one of differences)
      this.addTls(
        one,
        path,
        side,
        contextFieldPlace(before, one.field),
        contextFieldPlace(after, one.field),
        at,
      );
  }

  /** What the API does not know of a context or Secret is no setting, and still a difference. */
  private compareUnknown(old: MessageMeaning, now: MessageMeaning, at?: Path): void {
    if (old.reader.unread.size === 0 && now.reader.unread.size === 0) return;
    const [before, after] = [unknownIn(old), unknownIn(now)];
    const path = pathBelow(this.now, now);
    for (const name of new Set([...before.keys(), ...after.keys()])) {
      const [was, is] = [before.get(name), after.get(name)];
      if (was !== undefined && is !== undefined && canonical(was) === canonical(is)) continue;
      this.push(
        {
          resource: this.resource,
          path: [path, name].filter((part) => part !== '').join('.'),
          kind: was === undefined ? 'added' : is === undefined ? 'removed' : 'changed',
          tls:
            laterDifference(name, scalarOf(was), scalarOf(is)) ??
            aroundDifference('unknown', `${name.split('.').at(-1)}, which the API does not know, changes`),
          context: { path, side: this.side() },
          old: was,
          new: is,
          oldPlace: was ?? old,
          newPlace: is ?? now,
        },
        at,
      );
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
    at?: Path,
  ): void {
    const common = newPlace.inCommon ? COMMON : '';
    this.push(
      {
        resource: this.resource,
        path: [contextPath, common, tls.field].filter((part) => part !== '').join('.'),
        kind: tls.old === undefined ? 'added' : tls.new === undefined ? 'removed' : 'changed',
        tls,
        context: { path: contextPath, side },
        old: undefined,
        new: undefined,
        oldPlace,
        newPlace,
      },
      at,
    );
  }
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
