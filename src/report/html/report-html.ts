// The verb `report`: one HTML page that stands by itself, of what configurations hold of TLS, what validate finds
// in them, and against older ones what changed and whether trust is the same.

import { createHash } from 'node:crypto';
import { diffWordsWithSpace } from 'diff';
import Handlebars from 'handlebars';
import { addToGroup } from '../../collections/grouped.js';
import { type DiffResult, diff } from '../../diff/diff.js';
import { plain } from '../../diff/plain.js';
import { type Change, type ChangePlace, changeRegion, type TlsClass } from '../../diff/tls/change.js';
import { resourceText, TRUST_CLASSES, verdictText } from '../../diff/verdict.js';
import type { Finding } from '../../finding/finding.js';
import { plural } from '../../finding/plural.js';
import type { SecretNames } from '../../tls/secret-names.js';
import { validate } from '../../validate/validate.js';
import { countsText as findingCounts, LEVELS } from '../counts.js';
import { authorizationText, diffCountsText } from '../diff-counts.js';
import { groupsOf } from '../diff-groups.js';
import { valueSides } from '../diff-text.js';
import { type ContextRow, type ReportInput, takeInventory } from './inventory.js';
import { elided, mapTexts, pageText } from './page-text.js';
import { SCRIPT } from './script.js';
import { STYLE } from './style.js';
import { TEMPLATE } from './template.js';
import { drawPicture } from './trust-picture.js';

export type { ReportInput } from './inventory.js';

/** What a page is made of beside the inputs. */
export interface ReportOptions {
  readonly title?: string;
  /** The older side: then the page has the verdict and the differences. */
  readonly against?: readonly ReportInput[];
  /** Names that stand for files, beside those that convert gives. */
  readonly secrets?: SecretNames;
  /** Of the program. */
  readonly version?: string;
}

/** A page, and what was found on the way. */
export interface HtmlReport {
  readonly html: string;
  /** Of the inputs: of level error where one cannot be read. */
  readonly findings: readonly Finding[];
  readonly diff: DiffResult | undefined;
}

const render = Handlebars.compile(TEMPLATE, { strict: false });

/** How many rows, findings and differences stand in the page without its script. */
const FIRST_ROWS = 100;
const MOST_FINDINGS = 300;
const MOST_GROUPS = 300;

/** Makes the page. */
export function reportHtml(inputs: readonly ReportInput[], options: ReportOptions = {}): HtmlReport {
  const { against, secrets, version = '' } = options;
  const inventory = takeInventory(inputs);
  const compared =
    against === undefined ? undefined : diff(against, inputs, secrets === undefined ? {} : { secrets });
  const checked = validate(inputs);
  const state = stateOf(compared);
  const rows = inventory.rows.map((row) => mapTexts(cellsOf(row, state), (text) => elided(pageText(text))));
  const picture = drawPicture(
    inventory.ways,
    inputs.map(({ name }) => name),
  );
  const said = {
    title: options.title ?? 'TLS report',
    ...head(compared, inventory.rows, inputs),
    ...reasonsOf(compared),
    parts: partsOf(compared, picture !== undefined),
    picture: picture && {
      ...picture,
      leftX: 330,
      rightX: picture.width - 330,
      boxX: picture.width / 2 - 75,
      boxY: picture.middle - 22,
      centreX: picture.width / 2,
    },
    legend: LEGEND,
    rowCount: plural(rows.length, 'context'),
    columns: COLUMNS,
    selects: selectsOf(rows),
    firstRows: rows.slice(0, FIRST_ROWS).map((row) => row.map(cellForTemplate)),
    ...findingsOf(checked.findings),
    ...differencesOf(compared),
    sources: sourcesText(inputs, against),
  };
  const html = render({
    ...mapTexts(said, pageText),
    version,
    style: STYLE,
    script: SCRIPT,
    policy: `default-src 'none'; style-src 'unsafe-inline'; script-src '${hashOf(SCRIPT)}'`,
    data: jsonForScript({ columns: COLUMNS, rows: mapTexts(rows, pageText) }),
  });
  return { html, findings: [...inventory.findings, ...(compared?.findings ?? [])], diff: compared };
}

function hashOf(script: string): string {
  return `sha256-${createHash('sha256').update(script).digest('base64')}`;
}

/** JSON that cannot end its script element. */
function jsonForScript(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

type Tone = 'good' | 'bad' | 'warn' | '';

// The head.

const MARKS = { same: '✓', changed: '!', unknown: '?' } as const;

function head(compared: DiffResult | undefined, rows: readonly ContextRow[], inputs: readonly ReportInput[]) {
  const onSds = rows.filter(({ delivery }) => delivery === 'SDS').length;
  const onFiles = rows.filter(({ delivery }) => delivery === 'files' || delivery === 'mixed').length;
  const mutual = rows.filter(({ guarding }) => guarding === 'mutual TLS').length;
  return {
    verdict: compared && {
      trust: compared.verdict.trust,
      mark: MARKS[compared.verdict.trust],
      text: verdictText(compared.verdict),
      counts: [diffCountsText(compared), authorizationText(compared)].filter(Boolean).join(', '),
      assumptions: compared.verdict.assumptions,
    },
    mark: '#',
    headline: `${plural(rows.length, 'TLS context')}, ${onSds} on SDS`,
    files: plural(inputs.length, 'file'),
    cards: [
      { count: rows.length, label: 'TLS contexts' },
      { count: onSds, label: 'on SDS' },
      { count: onFiles, label: 'with secret files' },
      { count: mutual, label: 'with mutual TLS' },
      ...(compared === undefined
        ? []
        : [
            { count: compared.verdict.movedToSds, label: 'moved to SDS' },
            { count: compared.changes.length, label: 'changes in all' },
          ]),
    ],
  };
}

function partsOf(compared: DiffResult | undefined, hasPicture: boolean) {
  return [
    ...((compared?.verdict.reasons.length ?? 0) > 0 ? [{ id: 'reasons', label: 'Reasons' }] : []),
    ...(hasPicture ? [{ id: 'picture', label: 'Who trusts whom' }] : []),
    { id: 'contexts-part', label: 'TLS contexts' },
    { id: 'findings', label: 'Findings' },
    ...(compared === undefined ? [] : [{ id: 'differences', label: 'Differences' }]),
  ];
}

function sourcesText(inputs: readonly ReportInput[], against: readonly ReportInput[] | undefined): string {
  const names = (list: readonly ReportInput[]): string =>
    list.length <= 3 ? list.map(({ name }) => name).join(', ') : plural(list.length, 'file');
  return against === undefined ? names(inputs) : `${names(inputs)} against ${names(against)}`;
}

const REASONS_SHOWN = 200;

function reasonsOf(compared: DiffResult | undefined) {
  const reasons = compared?.verdict.reasons ?? [];
  return {
    reasons: reasons.slice(0, REASONS_SHOWN).map(({ resource, path, tls }) => ({
      class: tls?.class,
      tone: toneOf(tls?.class),
      resource: elided(resourceText(resource)),
      path,
      message: tls?.message,
      sides: tls?.old !== undefined || tls?.new !== undefined,
      old: tls?.old ?? 'absent',
      new: tls?.new ?? 'absent',
    })),
    reasonsLead: reasons.length > REASONS_SHOWN ? `The first ${REASONS_SHOWN} of ${reasons.length}.` : '',
  };
}

function toneOf(kind: TlsClass | undefined): Tone {
  if (kind === undefined) return '';
  if (kind === 'tightened') return 'warn';
  if (TRUST_CLASSES.has(kind)) return 'bad';
  return kind === 'unknown' || kind === 'disruptive' ? 'warn' : kind === 'delivery' ? 'good' : '';
}

// The inventory.

const COLUMNS = [
  'Resource',
  'Side',
  'State',
  'Delivery',
  'Guard',
  'Certificate',
  'Root',
  'SANs',
  'ALPN, SNI',
];
/** From this column on the words are long. */
const WIDE = 7;

/** What is written, what is written below it, and the colour of its label. */
type Cell = string | readonly [text: string, below: string, tone?: Tone];

function cellsOf(row: ContextRow, state: (row: ContextRow) => Cell): Cell[] {
  return [
    [
      `${row.kind} ${row.name}`.trim(),
      [row.path, `${row.file}:${row.line}`].filter((part) => part !== '').join(' · '),
    ],
    row.side,
    state(row),
    [row.delivery, '', DELIVERY_TONES[row.delivery]],
    [row.guarding, '', GUARD_TONES[row.guarding]],
    row.certificate,
    row.root,
    row.names.join(', '),
    [row.alpn, row.sni],
  ];
}

const DELIVERY_TONES: Readonly<Record<ContextRow['delivery'], Tone>> = {
  SDS: 'good',
  files: 'warn',
  inline: 'warn',
  mixed: 'warn',
  none: '',
};
const GUARD_TONES: Readonly<Record<ContextRow['guarding'], Tone>> = {
  'mutual TLS': 'good',
  TLS: '',
  'unchecked TLS': 'warn',
  'plain text': 'bad',
};

const LEGEND = [
  { style: 'mutual', label: 'mutual TLS' },
  { style: 'tls', label: 'TLS, one side shows a certificate' },
  { style: 'unchecked', label: 'TLS, the certificate is not checked' },
  { style: 'plain', label: 'plain text is possible' },
];

/** How far a context is on its way, by what changed in it. */
function stateOf(compared: DiffResult | undefined): (row: ContextRow) => Cell {
  const byContext = new Map<string, Change[]>();
  for (const change of compared?.changes ?? []) {
    if (change.tls === undefined) continue;
    const key = contextOf(change.resource.kind, change.resource.name, change.context?.path ?? '');
    addToGroup(byContext, key, change);
  }
  return ({ kind, name, path, delivery }) => {
    if (compared === undefined) {
      if (delivery === 'SDS') return ['moved', '', 'good'];
      return delivery === 'none'
        ? ['nothing to move', '', '']
        : [delivery === 'mixed' ? 'in part' : 'not moved', '', 'warn'];
    }
    const changes = byContext.get(contextOf(kind, name, path)) ?? [];
    const classes = new Set(changes.map(({ tls }) => tls?.class));
    if (changes.some(({ tls }) => tls !== undefined && TRUST_CLASSES.has(tls.class)))
      return ['trust changed', '', 'bad'];
    if (classes.has('unknown')) return ['trust unknown', '', 'warn'];
    if (changes.some(({ tls }) => tls?.moved === 'to-sds'))
      return delivery === 'SDS' ? ['moved', '', 'good'] : ['moved in part', '', 'warn'];
    return [changes.length > 0 ? 'changed' : 'unchanged', '', ''];
  };
}

function contextOf(...parts: readonly string[]): string {
  return parts.join('\0');
}

function selectsOf(rows: readonly Cell[][]) {
  return [1, 2, 3, 4].map((column) => ({
    label: COLUMNS[column],
    column,
    values: [...new Set(rows.map((row) => textOf(row[column])))].sort(),
  }));
}

function textOf(cell: Cell | undefined): string {
  return typeof cell === 'string' ? cell : (cell?.[0] ?? '');
}

function cellForTemplate(cell: Cell, i: number) {
  const [text, below, tone] = typeof cell === 'string' ? [cell, '', ''] : cell;
  return { label: COLUMNS[i], text, below, tone, wide: i >= WIDE };
}

// Findings.

const LEVEL_TONES = { error: 'bad', warning: 'warn', note: '' } as const;

function findingsOf(findings: readonly Finding[]) {
  const sorted = LEVELS.flatMap((level) => findings.filter((finding) => finding.level === level));
  const more = sorted.length - MOST_FINDINGS;
  return {
    findingsLead: `${findingCounts(findings)}${more > 0 ? `; the first ${MOST_FINDINGS} are here, xdsc validate lists the other ${more}` : ''}.`,
    findings: sorted.slice(0, MOST_FINDINGS).map(({ level, code, message, remedy, region }) => ({
      level,
      tone: LEVEL_TONES[level],
      code,
      message,
      remedy,
      place: region === undefined ? '' : `${region.file}:${region.line}:${region.column}`,
    })),
  };
}

// Differences.

function differencesOf(compared: DiffResult | undefined) {
  if (compared === undefined) return { compared: false };
  const groups = groupsOf(compared.changes);
  const more = groups.length - MOST_GROUPS;
  return {
    compared: true,
    differencesLead:
      groups.length === 0
        ? 'Both sides say the same.'
        : `${plural(compared.changes.length, 'change')}, the words that differ are marked.`,
    groups: groups.slice(0, MOST_GROUPS).map(({ names, changes }) => ({
      name: elided(names[0] ?? ''),
      others: names.length > 1 ? plural(names.length - 1, 'more resource') : '',
      open: groups.length <= 3,
      tags: [...new Set(changes.map(({ tls }) => tls?.class))].map((one) => ({
        label: one ?? 'not TLS',
        tone: toneOf(one),
      })),
      changes: changes.map(changeForTemplate),
    })),
    moreGroups: more > 0 ? `… and ${plural(more, 'more resource')}: xdsc diff --format json lists all.` : '',
  };
}

/** A value in the page has at most this many lines. */
const MOST_LINES = 60;

function changeForTemplate(change: Change) {
  const { kind, path, tls, moved, oldPlace, newPlace } = change;
  const [old, now] = sidesOf(change);
  const words = old === '' || now === '' ? undefined : diffWordsWithSpace(old, now);
  const side = (text: string, taken: 'added' | 'removed') =>
    words === undefined
      ? text === ''
        ? []
        : [{ text, marked: false }]
      : words
          .filter((word) => !word[taken])
          .map(({ value, added, removed }) => ({ text: value, marked: added || removed }));
  return {
    kind,
    path: path === '' ? 'the whole resource' : path,
    class: tls?.class,
    tone: toneOf(tls?.class),
    message: tls?.message,
    moved: moved && `From place ${moved.from + 1} to place ${moved.to + 1}.`,
    old: side(old, 'added'),
    new: side(now, 'removed'),
    oldPlace: placeText(oldPlace),
    newPlace: placeText(newPlace),
  };
}

function sidesOf({ old, new: now, tls }: Change): readonly [string, string] {
  if (old === undefined && now === undefined) return [tls?.old ?? '', tls?.new ?? ''];
  const [before, after] = valueSides(old && plain(old), now && plain(now), MOST_LINES);
  return [before?.join('\n') ?? '', after?.join('\n') ?? ''];
}

function placeText(place: ChangePlace | undefined): string {
  if (place === undefined) return '';
  const { file, line } = changeRegion(place);
  return `${file}:${line}`;
}
