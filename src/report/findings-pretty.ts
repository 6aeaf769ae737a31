// Findings for people: grouped by file, each with its lines, and a count at the end. Long lists are cut: who
// has hundreds of one kind mends the first and looks again.

import { grouped } from '../collections/grouped.js';
import { maskedText } from '../disclosure/masked-text.js';
import type { Finding, Region } from '../finding/finding.js';
import { plural } from '../finding/plural.js';
import { visible } from '../secrecy/visible.js';
import { Positions } from '../source/position.js';
import { codeFrame } from './code-frame.js';
import { countsText } from './counts.js';
import type { FindingReport, ReportedFile } from './finding-report.js';
import { findingText, type Paint } from './finding-text.js';

/** How many findings of one code are shown in one file. */
const SHOWN_OF_A_CODE = 5;
/** How many findings are shown in all. */
const SHOWN = 200;
/** How many files without findings are named. */
const FILES_SHOWN = 10;

/** The report as text for a terminal. */
export function findingsAsText(report: FindingReport, paint: Paint): string {
  const { files, findings } = report;
  const byFile = grouped(findings, ({ region }) => region?.file ?? '');
  const known = new Map(files.map((file) => [file.name, file]));
  const parts: string[] = [];
  let left = SHOWN;
  for (const [name, group] of byFile) {
    const file = known.get(name);
    const shown = firstOfEach(group).slice(0, left);
    left -= shown.length;
    if (shown.length === 0) continue;
    const frame = file === undefined || file.text === '' ? undefined : framesOf(file, paint);
    const header =
      file === undefined ? [] : [`${paint.strong(visible(name))}${paint.faint(`: ${whatIs(file)}`)}`];
    const texts = shown.map((finding) =>
      findingText(finding, paint, finding.region === undefined ? undefined : frame?.(finding.region)),
    );
    parts.push([...header, ...texts, ...moreOf(group, shown, paint)].join('\n\n'));
  }
  const hidden = findings.length - (SHOWN - left);
  const good = files.filter(({ name }) => !byFile.has(name));
  const goodLines = good.slice(0, FILES_SHOWN).map((file) => {
    const verdict = isUnchecked(file) ? paint.warning('not checked') : paint.good(praise(file));
    return `${verdict} ${visible(file.name)}${paint.faint(`: ${whatIs(file)}`)}`;
  });
  if (good.length > FILES_SHOWN)
    goodLines.push(paint.faint(`… and ${good.length - FILES_SHOWN} more without findings`));
  if (goodLines.length > 0) parts.push(goodLines.join('\n'));
  parts.push(closing(report, hidden, paint));
  return `${parts.join('\n\n')}\n`;
}

/** Shows places of one file. */
function framesOf({ name, text }: ReportedFile, paint: Paint): (region: Region) => string {
  const positions = new Positions(name, text);
  const masked = maskedText(name, text);
  return (region) => codeFrame(positions, masked, region, paint);
}

/** What is said of a file without findings: of resources of Istio only the fields are checked. */
function praise({ onlyIstio }: ReportedFile): string {
  return onlyIstio ? 'valid' : 'ok';
}

/** Whether a file holds something, and nothing of it was looked at. */
function isUnchecked({ detected, notChecked }: ReportedFile): boolean {
  return detected.length === 0 && notChecked.length > 0;
}

function whatIs(file: ReportedFile): string {
  const { detected, notChecked } = file;
  if (isUnchecked(file)) return listed(notChecked);
  if (detected.length === 0) return 'nothing to check';
  return listed(detected) + (notChecked.length === 0 ? '' : `; not checked: ${listed(notChecked)}`);
}

function listed(what: readonly string[]): string {
  const [shown, more] = [what.slice(0, 6), what.length - 6];
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** The first findings of each code, in their order. */
function firstOfEach(findings: readonly Finding[]): Finding[] {
  const counts = new Map<string, number>();
  return findings.filter(({ code }) => {
    const count = (counts.get(code) ?? 0) + 1;
    counts.set(code, count);
    return count <= SHOWN_OF_A_CODE;
  });
}

function moreOf(all: readonly Finding[], shown: readonly Finding[], paint: Paint): string[] {
  const counts = new Map<string, number>();
  for (const { code } of all) counts.set(code, (counts.get(code) ?? 0) + 1);
  for (const { code } of shown) counts.set(code, (counts.get(code) as number) - 1);
  const lines = [...counts].flatMap(([code, count]) => (count > 0 ? `… and ${count} more of ${code}` : []));
  return lines.length === 0 ? [] : [paint.faint(lines.join('\n'))];
}

function closing({ files, findings, silenced }: FindingReport, hidden: number, paint: Paint): string {
  const counts = countsText(findings);
  const isBad = findings.some(({ level }) => level === 'error');
  const colour = isBad ? paint.error : findings.length > 0 ? paint.warning : paint.good;
  const fixable = findings.filter(({ edits }) => edits !== undefined).length;
  return [
    `${plural(files.length, 'file')}: ${colour(counts)}`,
    ...(silenced > 0 ? [`, ${silenced} silenced`] : []),
    ...(hidden > 0 ? [`; ${hidden} are not shown, --format json lists all`] : []),
    ...(fixable > 0 ? [`; --fix fixes ${fixable}`] : []),
  ].join('');
}
