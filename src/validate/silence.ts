// Silences: `# xdsc-disable-next-line CODE: reason` above a line of YAML keeps a finding on it from being
// reported. A silence that silences nothing is a finding itself, and so is one that does not say why.

import { type Edit, type Finding, type Level, UNREADABLE } from '../finding/finding.js';
import { nearName } from '../finding/near-name.js';
import type { Source } from '../source/document.js';
import { RULE_TEXTS } from './rules/index.js';

/** What silences. */
export interface Silencing {
  /** Levels of findings by code. */
  readonly levels: ReadonlyMap<string, Level | 'off'>;
  /** Silences that stand in no text. */
  readonly isSilenced: (file: string, code: string) => boolean;
}

/** A code that a comment silences on a line. */
interface Silence {
  readonly code: string;
  /** The line that is silenced. */
  readonly line: number;
  readonly source: Source;
  readonly start: number;
  readonly end: number;
  /** Whether its comment silences nothing else. */
  readonly alone: boolean;
  used: boolean;
}

/** Takes out what is silenced, and adds what is wrong with the silences. */
export function silence(
  findings: readonly Finding[],
  sources: readonly Source[],
  { levels, isSilenced }: Silencing,
): { readonly kept: Finding[]; readonly silenced: number } {
  const about: Finding[] = [];
  const silences = sources.flatMap((source) => silencesIn(source, about));
  const byLine = new Map<string, Silence>();
  for (const one of silences) byLine.set(keyOf(one.source.name, one.line, one.code), one);
  const kept = findings.filter(({ code, region }) => {
    if (region === undefined || UNREADABLE.has(code)) return true;
    if (isSilenced(region.file, code)) return false;
    const found = byLine.get(keyOf(region.file, region.line, code));
    if (found !== undefined) found.used = true;
    return found === undefined;
  });
  const silenced = findings.length - kept.length;
  about.push(...silences.filter(({ used }) => !used).map(unused));
  for (const finding of about) {
    const level = levels.get(finding.code) ?? finding.level;
    if (level !== 'off') kept.push({ ...finding, level });
  }
  return { kept, silenced };
}

function keyOf(file: string, line: number, code: string): string {
  return `${file}\n${line}\n${code}`;
}

const DIRECTIVE = /^([ \t]*)#[ \t]*xdsc-disable-next-line\b[ \t]*([^:\r\n]*)(:[^\r\n]*)?/gm;

/** The silences in a text's comments; several comments may stand above one line. */
function silencesIn(source: Source, about: Finding[]): Silence[] {
  const { text, format } = source;
  if (format !== 'yaml' || !text.includes('xdsc-disable-next-line')) return [];
  return [...text.matchAll(DIRECTIVE)].flatMap((match): Silence[] => {
    const [whole, indent = '', names = '', reason = ''] = match;
    const start = match.index + indent.length;
    const end = match.index + whole.length;
    if (reason.replace(/^:/, '').trim() === '') about.push(withoutReason(source, start, end));
    const line = lineBelow(source, end);
    const codes = names.split(/[\s,]+/).filter(Boolean);
    return codes.map((code) => ({ code, line, source, start, end, alone: codes.length === 1, used: false }));
  });
}

/** The line below that is no comment. */
function lineBelow(source: Source, end: number): number {
  const comments = /(?:[^\n]*\n)(?:[ \t]*#[^\n]*\n)*/y;
  comments.lastIndex = end;
  const length = comments.exec(source.text)?.[0].length ?? 0;
  return source.region(end + length, end + length).line;
}

function withoutReason(source: Source, start: number, end: number): Finding {
  return {
    code: 'silence-without-reason',
    level: 'note',
    message: 'this silence has no reason',
    expected: '# xdsc-disable-next-line CODE: reason',
    region: source.region(start, end),
  };
}

function unused({ code, source, start, end, alone }: Silence): Finding {
  const known = RULE_TEXTS.some((rule) => rule.code === code);
  const suggestion = known
    ? undefined
    : nearName(
        code,
        RULE_TEXTS.map((rule) => rule.code),
      );
  return {
    code: 'unused-silence',
    level: 'warning',
    message: `the next line has no finding ${code}`,
    expected: 'the code of a finding on the next line',
    ...(suggestion !== undefined && { suggestion }),
    remedy: 'remove the comment',
    ...(alone && source.embedding === undefined && { edits: [wholeLine(source.text, start, end)] }),
    region: source.region(start, end),
  };
}

/** Takes out the line of a comment. */
function wholeLine(text: string, start: number, end: number): Edit {
  const next = text.indexOf('\n', end);
  return { start: text.lastIndexOf('\n', start - 1) + 1, end: next < 0 ? text.length : next + 1, text: '' };
}
