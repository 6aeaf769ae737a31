// Templates are not configs: `{{ .Values.x }}` and `${X}` are placeholders for text that is filled in later. Where a
// text cannot be parsed, the place is searched for template tags, so that the error says what it is.

/** The template language that a text is written in, with the place that shows it. */
export interface TemplateMark {
  readonly language: string;
  readonly offset: number;
  readonly end: number;
}

const SIGNS: readonly { readonly pattern: RegExp; readonly language: string }[] = [
  { pattern: /\{%-?\s*\w[^%\n]*%\}/g, language: 'a Jinja template' },
  { pattern: /<%[-=#]?[^%]*%>/g, language: 'an ERB template' },
  {
    pattern:
      /\{\{-?\s*(?:[.$#/]|(?:if|end|range|with|include|template|define|else|toYaml|tpl|env)\b)[^}\n]*\}\}/g,
    language: 'a Go template',
  },
  // Two braces that open maps of JSON are a slip, not a template.
  {
    pattern: /\{\{(?!\s*["'][^"']*["']\s*:)\s*[^\s{}][^{}\n]*\}\}/g,
    language: 'a template (Jinja, Go or Handlebars)',
  },
  { pattern: /\$\{[A-Za-z_][^}\n]*\}/g, language: 'an envsubst or shell template' },
];

/** A placeholder in the text of a value that was parsed; undefined where there is none. */
export function placeholderIn(value: string): string | undefined {
  return /\$\{[A-Za-z_]\w*(?::?[-=?+][^}]*)?\}|<%[-=]?[^%]*%>|\{\{-?\s*[.$]?[A-Za-z_][^{}]*\}\}/.exec(
    value,
  )?.[0];
}

/** How far around the place that cannot be parsed is looked. */
const REACH = 2000;

/**
 * What shows, at the place where the parsing of a text stopped or on the line before it, that the text is a
 * template. Marks inside quotes and comments show nothing, unless the parser stopped inside of them.
 */
export function templateMark(text: string, stopped: number): TemplateMark | undefined {
  const from = Math.max(lineBefore(text, stopped), stopped - REACH);
  const lineEnd = text.indexOf('\n', stopped);
  const to = Math.min(lineEnd < 0 ? text.length : lineEnd, stopped + REACH);
  const first = Math.max(0, from - REACH);
  const around = text.slice(first, to + REACH);
  for (const { pattern, language } of SIGNS) {
    for (const match of around.matchAll(pattern)) {
      const offset = first + match.index;
      const end = offset + match[0].length;
      if (end < from || offset > to) continue;
      if ((offset <= stopped && stopped < end) || counts(text, offset)) return { language, offset, end };
    }
  }
  return undefined;
}

/** The beginning of the last line before an offset's own that is not blank. */
function lineBefore(text: string, offset: number): number {
  const own = text.lastIndexOf('\n', offset - 1) + 1;
  const blank = /\s*$/.exec(text.slice(Math.max(0, own - REACH), own))?.[0].length ?? 0;
  return text.lastIndexOf('\n', own - blank - 1) + 1;
}

/** Whether an offset is outside of double quotes and comments, as far as its line shows. */
function counts(text: string, offset: number): boolean {
  const before = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  return !/"|(?:^|\s)(?:#|\/\/)/.test(before.replace(/"(?:\\.|[^"\\])*"/g, ''));
}
