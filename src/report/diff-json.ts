// What a comparison found, for machines.

import type { DiffResult } from '../diff/diff.js';
import type { Meaning } from '../diff/meaning/meaning.js';
import { type Plain, plain } from '../diff/plain.js';
import { type Change, type ChangePlace, changeRegion, classesOf } from '../diff/tls/change.js';
import { verdictText } from '../diff/verdict.js';
import { visibleJson } from '../secrecy/visible.js';
import { shownFinding } from './shown-finding.js';

/** The report as JSON. */
export function diffJson(result: DiffResult): string {
  return `${visibleJson(diffValue(result), 2)}\n`;
}

/** The report as a value. */
export function diffValue(result: DiffResult): unknown {
  const { verdict, changes, ignored, resources, findings } = result;
  return {
    verdict: {
      trust: verdict.trust,
      text: verdictText(verdict),
      moved_to_sds: verdict.movedToSds,
      moved_from_sds: verdict.movedFromSds,
      other_changes: verdict.otherChanges,
      other_tls_changes: verdict.otherTlsChanges,
      authorization_changes: verdict.authorizationChanges,
      ignored,
      assumptions: verdict.assumptions,
      reasons: verdict.reasons.map((change) => ({
        resource: change.resource,
        path: change.path,
        class: change.tls?.class,
        classes: change.tls === undefined ? [] : classesOf(change.tls),
        message: change.tls?.message,
      })),
    },
    resources,
    changes: changes.map(changeValue),
    findings: findings.map(shownFinding),
  };
}

function changeValue(change: Change): unknown {
  const { resource, path, kind, tls, context, moved } = change;
  return {
    resource,
    path,
    kind,
    class: tls?.class ?? null,
    classes: tls === undefined ? [] : classesOf(tls),
    ...(tls !== undefined && { message: tls.message }),
    ...(tls?.assumed !== undefined && { assumed: tls.assumed }),
    ...(context !== undefined && { context: { path: context.path, side: context.side ?? null } }),
    ...(moved !== undefined && { moved }),
    old: sideValue(change.old, tls?.old),
    new: sideValue(change.new, tls?.new),
    old_place: placeValue(change.oldPlace),
    new_place: placeValue(change.newPlace),
  };
}

function sideValue(meaning: Meaning | undefined, words: string | undefined): Plain {
  return words ?? (meaning === undefined ? null : plain(meaning));
}

function placeValue(place: ChangePlace | undefined) {
  if (place === undefined) return null;
  const { file, line, column } = changeRegion(place);
  return { file, line, column };
}
