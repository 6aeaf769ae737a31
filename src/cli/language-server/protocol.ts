// Findings and places in the form of the Language Server Protocol.

import { pathToFileURL } from 'node:url';
import {
  type Diagnostic,
  DiagnosticSeverity,
  DiagnosticTag,
  type Position,
  type Range,
} from 'vscode-languageserver/node';
import type { Finding, Level, Region } from '../../finding/finding.js';
import { shownFinding } from '../../report/shown-finding.js';

const SEVERITIES: Readonly<Record<Level, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  note: DiagnosticSeverity.Information,
};

const TOP: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

/** The range of a place; lines and characters count from 0. */
export function rangeOf({ line, column, endLine, endColumn }: Region): Range {
  return { start: at(line, column), end: at(endLine, endColumn) };
}

function at(line: number, column: number): Position {
  return { line: line - 1, character: column - 1 };
}

/** A finding as a diagnostic of its file. */
export function diagnosticOf(finding: Finding): Diagnostic {
  const { message, suggestion, expected, remedy, level, code, region } = shownFinding(finding);
  const lines = [message];
  if (suggestion !== undefined) lines.push(`did you mean ${suggestion}?`);
  else if (expected !== undefined) lines.push(`expected ${expected}`);
  if (remedy !== undefined) lines.push(remedy);
  return {
    range: region === undefined ? TOP : rangeOf(region),
    severity: SEVERITIES[level],
    code,
    source: 'xdsc',
    message: lines.join('\n'),
    ...(code.startsWith('unused-') && { tags: [DiagnosticTag.Unnecessary] }),
    ...(code === 'deprecated-field' && { tags: [DiagnosticTag.Deprecated] }),
  };
}

/** The URI of a path; a document that is no file has its URI for a path. */
export function uriOf(path: string): string {
  return /^[a-z][\w+.-]+:/i.test(path) ? path : pathToFileURL(path).href;
}
