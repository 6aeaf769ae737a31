// Findings as SARIF 2.1.0, which code scanning services read: the rules with their help, each finding with
// its range, and what mends it.

import type { Finding, Level } from '../finding/finding.js';
import { visibleJson } from '../secrecy/visible.js';
import { Positions } from '../source/position.js';
import { CODES } from '../validate/codes.js';
import { RULE_TEXTS } from '../validate/rules/index.js';
import type { FindingReport } from './finding-report.js';
import { fingerprintOf } from './fingerprint.js';

/** GitHub refuses a run with more results. */
const MAX_RESULTS = 25_000;

interface Descriptor {
  readonly id: string;
  readonly shortDescription: { readonly text: string };
  readonly fullDescription?: { readonly text: string };
  readonly help?: { readonly text: string; readonly markdown: string };
  readonly defaultConfiguration: { readonly level: Level };
}

/** The report as a SARIF log with one run. */
export function findingsAsSarif({ files, findings, version }: FindingReport): string {
  const descriptors = describe(findings);
  const index = new Map(descriptors.map(({ id }, at) => [id, at]));
  const positions = new Map(files.map(({ name, text }) => [name, new Positions(name, text)]));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'xdsc', semanticVersion: version, rules: descriptors } },
        columnKind: 'utf16CodeUnits',
        artifacts: files.map(({ name }) => ({ location: { uri: uriOf(name) } })),
        results: findings
          .slice(0, MAX_RESULTS)
          .map((finding) => result(finding, index.get(finding.code) as number, positions)),
      },
    ],
  };
  return `${visibleJson(log, 2)}\n`;
}

/** All rules, and what else was found. */
function describe(findings: readonly Finding[]): Descriptor[] {
  const rules = RULE_TEXTS.map(
    ({ code, level, finds, why, source, remedy }): Descriptor => ({
      id: code,
      shortDescription: { text: sentence(finds) },
      fullDescription: { text: why },
      help: {
        text: `${why} ${sentence(remedy)} Source: ${source}.`,
        markdown: `${why}\n\n**What to do:** ${sentence(remedy)}\n\n**Source:** ${source}`,
      },
      defaultConfiguration: { level },
    }),
  );
  const known = new Set(rules.map(({ id }) => id));
  const others = findings.flatMap(({ code, level, message }): Descriptor[] => {
    if (known.has(code)) return [];
    known.add(code);
    return [
      {
        id: code,
        shortDescription: { text: sentence(CODES.get(code) ?? message) },
        defaultConfiguration: { level },
      },
    ];
  });
  return [...rules, ...others];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? '' : '.'}`;
}

function result(finding: Finding, ruleIndex: number, positions: ReadonlyMap<string, Positions>) {
  const { code, level, message, expected, suggestion, remedy, path, region, edits } = finding;
  const hints = [
    ...(suggestion !== undefined
      ? [`Did you mean ${suggestion}?`]
      : expected !== undefined
        ? [`Expected ${expected}.`]
        : []),
    ...(remedy === undefined ? [] : [sentence(remedy)]),
  ];
  const at = region === undefined ? undefined : positions.get(region.file);
  return {
    ruleId: code,
    ruleIndex,
    level,
    message: { text: [sentence(message), ...hints].join(' ') },
    ...(region !== undefined && {
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: uriOf(region.file) },
            region: regionOf(region.line, region.column, region.endLine, region.endColumn),
          },
          ...(path !== undefined && { logicalLocations: [{ fullyQualifiedName: path }] }),
        },
      ],
    }),
    // What stays the same when lines move.
    partialFingerprints: {
      'xdscFinding/v1': fingerprintOf(finding),
    },
    ...(edits !== undefined && region !== undefined && at !== undefined && { fixes: [fix(finding, at)] }),
  };
}

function fix({ region, edits = [], remedy, message }: Finding, positions: Positions) {
  return {
    description: { text: sentence(remedy ?? message) },
    artifactChanges: [
      {
        artifactLocation: { uri: uriOf(region?.file ?? '') },
        replacements: edits.map(({ start, end, text }) => {
          const { line, column, endLine, endColumn } = positions.region(start, end);
          return {
            deletedRegion: regionOf(line, column, endLine, endColumn),
            ...(text !== '' && { insertedContent: { text } }),
          };
        }),
      },
    ],
  };
}

function regionOf(startLine: number, startColumn: number, endLine: number, endColumn: number) {
  return { startLine, startColumn, endLine, endColumn };
}

/** A file's name as a URI, relative where the name is. */
function uriOf(name: string): string {
  const path = name.replaceAll('\\', '/').replace(/^(?:\.\/)+/, '');
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  return path.startsWith('/') ? `file://${encoded}` : encoded;
}
