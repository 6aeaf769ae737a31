// Compares two TLS contexts as settings values. Of most contexts that changed most is in the same words on both
// sides, and only the parts that are not are read.

import type { Api } from '../../envoy/detect.js';
import type { Side } from '../../envoy/extensions/side.js';
import type { Message } from '../../envoy/message.js';
import { TlsContext } from '../../tls/context.js';
import { alternatives, COMMON, REQUIRE_CLIENT_CERTIFICATE } from '../../tls/fields.js';
import { partOf, readTlsSettings, type SettingsPart } from '../../tls/read.js';
import { sameText } from '../meaning/same-text.js';
import type { ChangePlace, TlsDifference } from './change.js';
import { compareTls } from './compare-tls.js';
import type { SecretRules } from './same-secret.js';
import type { ContextSettings } from './tls-difference.js';

/** A TLS context, or a Secret in the place of one, of one side. */
export interface ComparedContext {
  readonly message: Message;
  /** Its CommonTlsContext: a message in it, or itself where it is one. */
  readonly common: Message | undefined;
  /** Undefined where its type does not tell. */
  readonly side: Side | undefined;
  readonly api: Api;
}

/** Looks at a message as a context. */
export function comparedContext(message: Message): ComparedContext {
  const { type } = message;
  return {
    message,
    common: type.shortName === 'CommonTlsContext' ? message : message.message(COMMON),
    side: sideOfContext(message),
    api: type.isV3 ? 'v3' : 'v2',
  };
}

/** Which end of a connection a context is for, where its type tells. */
export function sideOfContext({ type }: Message): Side | undefined {
  if (type.shortName === 'UpstreamTlsContext') return 'upstream';
  return type.shortName === 'DownstreamTlsContext' ? 'downstream' : undefined;
}

/**
 * What two contexts say differently.
 *
 * @param side of contexts whose type does not tell
 */
export function compareContextSettings(
  old: ComparedContext,
  now: ComparedContext,
  side: Side,
  rules: SecretRules,
): TlsDifference[] {
  const parts = differingParts(old, now);
  return compareTls(settingsOf(old, side, parts), settingsOf(now, side, parts), rules);
}

function settingsOf(
  { message, common, side, api }: ComparedContext,
  otherwise: Side,
  parts: ReadonlySet<SettingsPart> | undefined,
): ContextSettings {
  const context = new TlsContext(side ?? otherwise, message, common, undefined);
  return { settings: readTlsSettings(context, parts), api };
}

/** The parts of two contexts that are not in the same words; undefined, for all, where their types differ. */
function differingParts(old: ComparedContext, now: ComparedContext): ReadonlySet<SettingsPart> | undefined {
  if (old.message.type !== now.message.type) return undefined;
  if (old.common === undefined || now.common === undefined) return undefined;
  const parts = new Set<SettingsPart>();
  addDiffering(parts, old.message, now.message);
  if (old.common !== old.message) addDiffering(parts, old.common, now.common);
  return parts;
}

function addDiffering(parts: Set<SettingsPart>, old: Message, now: Message): void {
  now.each(({ name }, node) => {
    if (name === COMMON) return;
    const before = old.value(name);
    if (before < 0 || !sameText({ reader: old.reader, node: before }, { reader: now.reader, node }))
      addPart(parts, name);
  });
  old.each(({ name }) => {
    if (!now.has(name)) addPart(parts, name);
  });
}

function addPart(parts: Set<SettingsPart>, field: string): void {
  parts.add(partOf(field));
  // What it means to require a certificate depends on whether it is checked.
  if (field === REQUIRE_CLIENT_CERTIFICATE) parts.add('validation');
}

/** A place in a context. */
export interface FieldPlace extends ChangePlace {
  /** Whether the field is one of the CommonTlsContext in the context. */
  readonly inCommon: boolean;
}

/** Where a context says what a difference is about; the context itself where it does not say it. */
export function contextFieldPlace({ message, common }: ComparedContext, path: string): FieldPlace {
  const { reader } = message;
  const end = path.indexOf('.');
  const first = end < 0 ? path : path.slice(0, end);
  const inCommon = first !== '' && common !== message && message.type.field(first) === undefined;
  const holder = inCommon ? common : message;
  for (const name of alternatives(first)) {
    const node = first === '' ? -1 : (holder?.value(name) ?? -1);
    if (node >= 0) return { reader, node, inCommon };
  }
  return { reader, node: message.node, inCommon };
}
