// Upgrades the configurations of a text to v3 and reads the result, so that what converts sees v3 alone.

import type { OnUnknown } from '../envoy/upgrade/subject.js';
import { editedSource, upgradeDocument } from '../envoy/upgrade/upgrade.js';
import type { Finding } from '../finding/finding.js';
import { type Edit, sortEdits } from '../source/edit.js';
import { outermostEdits } from '../source/embedded.js';
import { type ReadConfigs, readConfigs } from '../tls/configs.js';

/** Configurations in v3, and how they became so. */
export interface UpgradedConfigs extends ReadConfigs {
  readonly upgrade: Upgrade;
}

/** The text before, and what made it v3. */
export interface Upgrade {
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
  const findings: Finding[] = [...read.findings];
  const edits: Edit[] = [];
  let changed = 0;
  for (const { document, detected } of configs) {
    const upgraded = upgradeDocument(document, detected.roots, onUnknown);
    for (const finding of upgraded.findings) findings.push(finding);
    if (upgraded.edits.length > 0) changed++;
    for (const edit of outermostEdits(document, upgraded.edits)) edits.push(edit);
  }
  if (findings.some(({ level }) => level === 'error'))
    return { source, configs: [], findings, upgrade: { text: source.text, edits: [], changed: 0 } };
  const sorted = sortEdits(edits);
  const upgrade = { text: source.text, edits: sorted, changed };
  if (!reads) return { source, configs: [], findings, upgrade };
  const upgraded = readConfigs(editedSource(source, sorted), 'v3');
  const fault = upgraded.findings.find(({ level }) => level === 'error');
  if (fault !== undefined) throw new Error(`what upgrade wrote cannot be read: ${fault.message}`);
  return { ...upgraded, findings, upgrade };
}
