// Upgrades the configurations of a text to v3 and reads the result, so that what converts sees v3 alone.

import type { DocumentRoot } from '../envoy/detect.js';
import type { OnUnknown } from '../envoy/upgrade/subject.js';
import { editedSource, upgradeDocument } from '../envoy/upgrade/upgrade.js';
import type { Finding } from '../finding/finding.js';
import type { Document } from '../source/document.js';
import { duplicateKeys } from '../source/duplicate-keys.js';
import { type Edit, sortEdits } from '../source/edit.js';
import { outermostEdits } from '../source/embedded.js';
import { unfitLineEnds } from '../source/line-ends.js';
import { type ReadConfigs, readConfigs } from '../tls/configs.js';
import { unfitEdits } from './refusal.js';

/** Configurations in v3, and how they became so. */
export interface UpgradedConfigs extends ReadConfigs {
  readonly upgrade: Upgrade;
}

/** The text before, and what made it v3. */
interface Upgrade {
  readonly text: string;
  readonly edits: readonly Edit[];
  /** How many configurations changed. */
  readonly changed: number;
}

/**
 * Upgrades all configurations of a text. Where something went wrong, there are none.
 *
 * @param reads whether somebody wants the upgraded configurations; else there are only edits
 */
export function upgradeConfigs(read: ReadConfigs, onUnknown: OnUnknown, reads: boolean): UpgradedConfigs {
  const { source, configs } = read;
  const found: Finding[] = [];
  const edits: Edit[] = [];
  const halves = new Set<string>();
  let changed = 0;
  for (const { document, detected } of configs) {
    const unfit = unfitLineEnds(document.source);
    if (unfit !== undefined && changes(document, detected.roots, onUnknown)) {
      found.push(unfit);
      continue;
    }
    const upgraded = upgradeDocument(document, detected.roots, onUnknown);
    for (const finding of upgraded.findings) found.push(finding);
    const refused = unfitEdits(document, upgraded.edits);
    if (refused !== undefined) {
      found.push(refused);
      continue;
    }
    if (upgraded.edits.length > 0) changed++;
    if (source.findings.some(({ code }) => code === REPEATED))
      for (const half of halfUpgraded(document, upgraded.edits)) halves.add(half);
    for (const edit of outermostEdits(document, upgraded.edits)) edits.push(edit);
  }
  const told = read.findings.map(
    (finding): Finding => (halves.has(mark(finding)) ? { ...finding, level: 'error' } : finding),
  );
  const findings = [...told, ...found];
  if (findings.some(({ level }) => level === 'error'))
    return { source, configs: [], findings, upgrade: { text: source.text, edits: [], changed: 0 } };
  const sorted = sortEdits(edits);
  const upgrade = { text: source.text, edits: sorted, changed };
  if (!reads) return { source, configs: [], findings, upgrade };
  const upgraded = readConfigs(editedSource(source, sorted), 'v3');
  const fault = upgraded.findings.find(({ level }) => level === 'error');
  if (fault !== undefined)
    return {
      source,
      configs: [],
      findings: [...findings, fault],
      upgrade: { ...upgrade, edits: [], changed: 0 },
    };
  return { ...upgraded, findings, upgrade };
}

/** Whether an upgrade changes a document that cannot be edited; one with aliases would have to be rewritten first. */
function changes(document: Document, roots: readonly DocumentRoot[], onUnknown: OnUnknown): boolean {
  return document.tape.aliases.length > 0 || upgradeDocument(document, roots, onUnknown).edits.length > 0;
}

const REPEATED = 'duplicate-key';

/** A finding by what it is of and where. */
function mark({ code, region }: Pick<Finding, 'code' | 'region'>): string {
  return `${code} ${region?.line}:${region?.column}`;
}

/**
 * Repeated keys whose members change: an upgrade would change one of the two, and which one counts differs
 * between parsers. Where dumps repeat `@type`, all of them are left out.
 */
function halfUpgraded({ tape, source }: Document, edits: readonly Edit[]): string[] {
  const changes = (key: number): boolean =>
    edits.some(({ start, end }) => start < tape.end(key + 1) && end > tape.start(key));
  return duplicateKeys(tape)
    .filter(({ first, second }) => tape.name(first) !== '@type' && (changes(first) || changes(second)))
    .map(({ second }) =>
      mark({ code: REPEATED, region: source.region(tape.start(second), tape.end(second)) }),
    );
}
