// Random YAML of every style, written as text so that it has what printers never write.

import type { Random } from './random.js';

const WORDS = [
  'a',
  'b c',
  'x:y',
  '1',
  '-2.5',
  'true',
  'no',
  '~',
  'null',
  'é',
  '日本',
  'a#b',
  '-x',
  '?y',
  ':z',
  "it's",
  '0x1F',
  '<<',
];
const QUOTED = ['""', '"a\\n b"', '"# x"', "'it''s'", "''", '"{"', "'a: b'", '"\\u00e9\\\\"', '"x"'];
const COMMENTS = [' # note', ' # {', " # it's", ''];

/** A stream of one to three documents; anchors are known before their aliases. */
export function randomYaml(random: Random): string {
  const writer = new Writer(random);
  let text = '';
  for (let documents = random.pick([1, 1, 1, 2, 3]); documents > 0; documents--) {
    text += writer.document(documents === 1);
  }
  return random.chance(4) ? text.replaceAll('\n', '\r\n') : text;
}

class Writer {
  private anchors: string[] = [];
  private anchorCount = 0;

  constructor(private readonly random: Random) {}

  document(last: boolean): string {
    const { random } = this;
    this.anchors = [];
    const start = random.pick(['---\n', '--- # start\n', '%YAML 1.2\n---\n', '# above\n---\n']);
    const body = this.block(0, 4, '').replace(/^ *\n/, '');
    const text = body.endsWith('\n') ? body : `${body}\n`;
    if (!last) return `${start}${text}${random.pick(['', '...\n', '# below\n...\n'])}`;
    return start + (random.chance(4) ? text.slice(0, -1) : text);
  }

  /** A value behind a colon or dash, with its line break; `indent` is that of what it belongs to. */
  private block(indent: number, depth: number, separator: string): string {
    const { random } = this;
    const kind =
      separator === '' && !random.chance(4) ? 6 + random.below(2) : random.below(depth === 0 ? 5 : 9);
    if (separator !== '' && random.chance(12) && this.anchors.length > 0)
      return `${separator}*${random.pick(this.anchors)}${this.eol()}`;
    const { text: properties, anchor } = this.properties();
    const opening = separator + properties;
    let text: string;
    switch (kind) {
      case 0:
        text = properties === '' && separator === '' ? `x${this.eol()}` : opening.trimEnd() + this.eol();
        break;
      case 1:
        text = `${opening}${random.pick(WORDS.filter((word) => word !== '<<'))}${this.eol()}`;
        break;
      case 2:
        text = `${opening}${random.pick(QUOTED)}${this.eol()}`;
        break;
      case 3:
        text = `${opening}${this.blockScalar(indent)}`;
        break;
      case 4:
        text = `${opening}${this.flow(indent + 2, depth)}${this.eol()}`;
        break;
      case 5:
        text = `${opening}first line\n${' '.repeat(indent + 2)}second\n\n${' '.repeat(indent + 3)}third${this.eol()}`;
        break;
      default: {
        // The items of a map's list may stand as deep as its key.
        const deeper = indent + random.pick([1, 2, 2, 4]);
        const items = kind === 6 ? this.list(deeper, depth - 1) : this.map(deeper, depth - 1);
        text = opening.trimEnd() + this.eol() + items;
      }
    }
    if (anchor !== '') this.anchors.push(anchor);
    return text;
  }

  private properties(): { text: string; anchor: string } {
    const { random } = this;
    const anchor = random.chance(5) ? `n${this.anchorCount++}` : '';
    const tag = random.chance(10) ? `${random.pick(['!!str', '!x', '!', '!ignore'])} ` : '';
    return { text: tag + (anchor === '' ? '' : `&${anchor} `), anchor };
  }

  private eol(): string {
    const { random } = this;
    const blank = random.chance(6)
      ? random.pick(['\n', '   \n', '  # between\n', '# far out\n', '                 # far in\n'])
      : '';
    return `${random.pick(COMMENTS)}${random.chance(8) ? '  ' : ''}\n${blank}`;
  }

  private list(indent: number, depth: number): string {
    const { random } = this;
    const pad = ' '.repeat(indent);
    let text = '';
    for (let items = 1 + random.below(3); items > 0; items--) {
      if (depth > 0 && random.chance(3)) {
        // A map or list that begins behind the dash.
        const inner = random.chance(4) ? this.list(indent + 2, depth - 1) : this.map(indent + 2, depth - 1);
        text += `${pad}- ${inner.trimStart()}`;
      } else text += `${pad}-${this.block(indent, depth, ' ')}`;
    }
    return text;
  }

  private map(indent: number, depth: number): string {
    const { random } = this;
    const pad = ' '.repeat(indent);
    let text = '';
    for (let items = 1 + random.below(3); items > 0; items--) {
      const key = random.pick([...WORDS, '"q k"', "'s'", '"e\\tk"', '!ignore k', 'plain', 'key']);
      if (random.chance(10)) text += `${pad}? ${key}\n${pad}:${this.block(indent, depth, ' ')}`;
      else if (random.chance(20)) text += `${pad}? ${key}\n`;
      else text += `${pad}${key}:${this.block(indent, depth, ' ')}`;
    }
    return text;
  }

  private blockScalar(indent: number): string {
    const { random } = this;
    const pad = ' '.repeat(indent + random.pick([1, 2, 4]));
    const lines = Array.from({ length: random.below(4) }, () =>
      random.pick(['text', '# no comment', '', '  deeper', 'k: v', 'end  ']),
    );
    const first = lines.findIndex((line) => line !== '');
    // What is indented deeper than the lines below needs an indicator, which this writer does not use.
    if (first >= 0) lines[first] = 'text';
    const header = random.pick(['|', '>', '|-', '>-', '|+', '>+', '| # note', '|-  ']);
    return `${header}\n${lines.map((line) => (line === '' ? '\n' : `${pad}${line}\n`)).join('')}`;
  }

  private flow(indent: number, depth: number): string {
    const { random } = this;
    const map = random.chance(2);
    const space = (): string =>
      random.pick(['', ' ', ' ', `\n${' '.repeat(indent)}`, ` # {\n${' '.repeat(indent)}`]);
    const scalar = (): string => random.pick([...QUOTED, 'a', 'b c', '1', "it's"]);
    const value = (): string => (depth > 0 && random.chance(3) ? this.flow(indent, depth - 1) : scalar());
    const item = (): string => (map ? `${scalar()}:${space() || ' '}${value()}` : value());
    const items = Array.from({ length: random.below(4) }, () => space() + item() + space()).join(',');
    const comma = items !== '' && random.chance(6) ? ',' : '';
    return `${map ? '{' : '['}${items}${comma}${space()}${map ? '}' : ']'}`;
  }
}
