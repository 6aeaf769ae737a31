// What the pages show: lines to type, synopses, and output.

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

/** README.md, CONTRIBUTING.md, SECURITY.md and the pages of docs/. */
const PAGES: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** Something that a page shows, and where. */
export interface Shown {
  readonly page: string;
  readonly line: number;
  readonly text: string;
}

interface Block extends Shown {
  /** The language of a fence; undefined for an indented block. */
  readonly language: string | undefined;
}

/** The fenced and the indented blocks of a page. */
function blocksOf(page: string): readonly Block[] {
  const blocks: Block[] = [];
  let open: { line: number; language: string | undefined; lines: string[] } | undefined;
  const close = (): void => {
    if (open !== undefined)
      blocks.push({ page, line: open.line, language: open.language, text: open.lines.join('\n') });
    open = undefined;
  };
  readFileSync(join(ROOT, page), 'utf8')
    .split('\n')
    .forEach((content, index) => {
      const line = index + 1;
      const fence = /^```(\w*)/.exec(content);
      if (open?.language !== undefined) {
        if (fence === null) open.lines.push(content);
        else close();
      } else if (fence !== null) {
        close();
        open = { line: line + 1, language: fence[1] ?? '', lines: [] };
      } else if (content.startsWith('    ')) {
        open ??= { line, language: undefined, lines: [] };
        open.lines.push(content.slice(4));
      } else {
        close();
      }
    });
  close();
  return blocks;
}

const BLOCKS = PAGES.flatMap(blocksOf);

/** The single commands of an indented block: a line, with the lines that continue it. */
function commandsIn({ page, line, text }: Block): readonly Shown[] {
  const commands: { page: string; line: number; text: string }[] = [];
  text.split('\n').forEach((content, index) => {
    const last = commands.at(-1);
    if (last !== undefined && (last.text.endsWith('\\') || content.startsWith(' ')))
      last.text += `\n${content}`;
    else commands.push({ page, line: line + index, text: content });
  });
  return commands;
}

/** `[--option VALUE]` or `…` in a line makes it the form of a command, not one to type. */
const SYNOPSIS = /…|\[-/;
/** A fence that begins with `# NAME.sh:` is that file. */
const SCRIPT = /^# ([\w-]+\.sh):/;

const isShell = ({ language }: Block): boolean => /^(?:sh|bash|shell)$/.test(language ?? '');

const lines = BLOCKS.filter(({ language }) => language === undefined).flatMap(commandsIn);

/** What a reader may type: a line of an indented block, or the whole of a fence. */
export const COMMANDS: readonly Shown[] = [
  ...lines.filter(({ text }) => !SYNOPSIS.test(text)),
  ...BLOCKS.filter((block) => isShell(block) && !SCRIPT.test(block.text)),
];

/** The forms of commands. */
export const SYNOPSES: readonly Shown[] = lines.filter(({ text }) => SYNOPSIS.test(text));

/** The scripts that pages show, by name. */
export const SCRIPTS: Readonly<Record<string, string>> = Object.fromEntries(
  BLOCKS.filter(isShell).flatMap(({ text }) => {
    const name = SCRIPT.exec(text)?.[1];
    return name === undefined ? [] : [[name, `${text}\n`]];
  }),
);

/** The output that pages show. */
export const OUTPUTS: readonly Shown[] = BLOCKS.filter(({ language }) => language === 'text');
