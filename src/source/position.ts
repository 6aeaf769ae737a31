// Offsets to lines and columns: done once, at the end, for what is reported.

import type { Region } from '../finding/finding.js';

/** Looks up lines and columns in one text; the table of line starts is made on the first look-up. */
export class Positions {
  private lineStarts: number[] | undefined;

  constructor(
    readonly file: string,
    private readonly text: string,
  ) {}

  region(start: number, end: number): Region {
    const from = this.at(start);
    const to = this.at(Math.max(start, end));
    return { file: this.file, start, end, ...from, endLine: to.line, endColumn: to.column };
  }

  /** Line and column, both from 1; columns count UTF-16 code units, a byte order mark does not count. */
  at(offset: number): { line: number; column: number } {
    const starts = this.starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    const bom = low === 0 && this.text.charCodeAt(0) === 0xfeff ? 1 : 0;
    return { line: low + 1, column: Math.max(1, offset - (starts[low] as number) + 1 - bom) };
  }

  /** The offset of a line and column, both from 1. */
  offset(line: number, column: number): number {
    return (this.starts()[line - 1] ?? this.text.length) + column - 1;
  }

  /** The offset of the first character of a line, behind a byte order mark. */
  lineStart(line: number): number {
    const start = this.starts()[line - 1] ?? this.text.length;
    return start === 0 && this.text.charCodeAt(0) === 0xfeff ? 1 : start;
  }

  /** The text of a line, without its line break. */
  line(line: number): string {
    const starts = this.starts();
    const start = starts[line - 1] ?? this.text.length;
    const end = starts[line] ?? this.text.length;
    return this.text.slice(start, end).replace(/^\uFEFF|\r?\n$/g, '');
  }

  private starts(): number[] {
    if (this.lineStarts === undefined) {
      this.lineStarts = [0];
      for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1)) {
        this.lineStarts.push(at + 1);
      }
    }
    return this.lineStarts;
  }
}
