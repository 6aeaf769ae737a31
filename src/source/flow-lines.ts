// js-yaml takes YAML at its word: lines inside brackets must be indented deeper than the block around them.
// yaml-cpp, which Envoy has, and libyaml read them wherever they begin, and people close a bracket below its
// key. Here such text is made readable without moving anything in it.

import { applyEdits, type Edit } from './edit.js';

/** The same text with each flow collection on one line: what it loses becomes spaces, so that offsets stay. */
export function joinFlowLines(text: string): string {
  const blanks: Edit[] = [];
  new Walk(text, (start, end) => blanks.push({ start, end, text: ' '.repeat(end - start) }));
  return [...applyEdits(text, blanks)].join('');
}

/** The position of the outermost bracket that is never closed; -1 if there is none. */
export function unclosedBracket(text: string): number {
  return new Walk(text, () => {}).unclosed;
}

const NEXT_LINE = /(?<=\n)/g;
const PROPERTY_END = /[\s,[\]{}]/g;
const PLAIN_END = /:(?=\s)|\s#|[\r\n]/g;
const FLOW_PLAIN_END = /:(?=[\s,[\]{}])|\s#|[\r\n,[\]{}]/g;
/** A dash, question mark or colon that is no part of a plain scalar. */
const INDICATOR = /[-?:](?=\s|$)/y;
const FLOW_INDICATOR = /[-?:](?=[\s,[\]{}]|$)/y;

/** Goes through a text; knows just enough of YAML to recognize the brackets of flow collections. */
class Walk {
  unclosed = -1;
  private at = 0;

  /** @param joint gets the line breaks and comments between two tokens in brackets, with their space */
  constructor(
    private readonly text: string,
    private readonly joint: (start: number, end: number) => void,
  ) {
    while (this.at < text.length) this.token();
  }

  /** Passes one token of the block style, or a whole flow collection. */
  private token(): void {
    const { text } = this;
    const c = text.charAt(this.at);
    if (/\s/.test(c) || this.sees(INDICATOR)) this.at++;
    else if (c === '#') this.passTo(NEXT_LINE);
    else if (c === '&' || c === '!') this.passTo(PROPERTY_END);
    else if (c === '{' || c === '[') this.flow();
    else if (c === '"' || c === "'") this.quoted(c);
    else if (c === '|' || c === '>') this.block();
    else this.passTo(PLAIN_END);
  }

  private sees(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    return pattern.test(this.text);
  }

  /** Goes on to where a pattern matches next, at least by one character. */
  private passTo(pattern: RegExp): void {
    pattern.lastIndex = this.at + 1;
    this.at = pattern.exec(this.text)?.index ?? this.text.length;
  }

  private quoted(quote: string): void {
    const { text } = this;
    let end = text.indexOf(quote, this.at + 1);
    while (end >= 0) {
      if (quote === "'") {
        if (text.charAt(end + 1) !== quote) break;
        end = text.indexOf(quote, end + 2);
      } else {
        let backslashes = 0;
        while (text.charAt(end - 1 - backslashes) === '\\') backslashes++;
        if (backslashes % 2 === 0) break;
        end = text.indexOf(quote, end + 1);
      }
    }
    this.at = end < 0 ? text.length : end + 1;
  }

  /** Passes a flow collection. */
  private flow(): void {
    const { text } = this;
    const start = this.at;
    let depth = 0;
    let word = false;
    // After a quoted text or a bracket, a colon needs no space behind it.
    let adjacent = false;
    while (this.at < text.length) {
      const from = this.at;
      let comment = false;
      let broken = false;
      for (let c = text.charAt(this.at); /[\s#]/.test(c); c = text.charAt(this.at)) {
        comment ||= c === '#';
        broken ||= c !== ' ';
        if (c === '#') this.passTo(NEXT_LINE);
        else this.at++;
      }
      const c = text.charAt(this.at);
      const wordBefore = word;
      const colon = c === ':' && adjacent;
      word = !colon && !/^[,[\]{}"'&!*]?$/.test(c) && !this.sees(FLOW_INDICATOR);
      adjacent = /["'\]}]/.test(c);
      // Without the comment between them, two words would be one.
      if (broken && !(wordBefore && comment && word)) this.joint(from, this.at);
      if (word) this.passTo(FLOW_PLAIN_END);
      else if (c === '"' || c === "'") this.quoted(c);
      else if (c === '&' || c === '!' || c === '*') this.passTo(PROPERTY_END);
      else {
        if (c === '{' || c === '[') depth++;
        if (c === '}' || c === ']') depth--;
        this.at++;
        if (depth === 0) return;
      }
    }
    if (this.unclosed < 0) this.unclosed = start;
  }

  /** Passes a block scalar: the lines that are indented at least as deep as its first one. */
  private block(): void {
    const { text } = this;
    const outer = this.indentation(text.lastIndexOf('\n', this.at) + 1);
    this.passTo(NEXT_LINE);
    let inner = -1;
    while (this.at < text.length) {
      const indentation = this.indentation(this.at);
      if (!/\s/.test(text.charAt(this.at + indentation))) {
        if (inner < 0) inner = Math.max(indentation, outer + 1);
        if (indentation < inner) return;
      }
      this.passTo(NEXT_LINE);
    }
  }

  /** How many spaces a line begins with. */
  private indentation(lineStart: number): number {
    let at = lineStart;
    while (this.text.charAt(at) === ' ') at++;
    return at - lineStart;
  }
}
