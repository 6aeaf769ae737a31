// The syntax tree of a template; where there is none, what is wrong, at its line of the template.

import Handlebars from 'handlebars';
import type { Finding } from '../../finding/finding.js';
import type { Positions } from '../../source/position.js';

/** Parses a template. */
export function parseTemplate(text: string, positions: Positions): hbs.AST.Program | Finding {
  try {
    return Handlebars.parse(text);
  } catch (error) {
    return syntaxFinding(error as ParseError, text, positions);
  }
}

/** Mistakes that the parser finds have a line in their message, those found after it a place. */
type ParseError = Error & { readonly lineNumber?: number; readonly column?: number };

function syntaxFinding(
  { message, lineNumber, column = 0 }: ParseError,
  text: string,
  positions: Positions,
): Finding {
  const line = lineNumber ?? Number(/ error on line (\d+)/.exec(message)?.[1] ?? 1);
  const start = positions.offset(line, column + 1);
  const at = positions.region(start, positions.offset(line, positions.line(line).length + 1));
  const found = /, got '(\w+)'/.exec(message)?.[1];
  const mismatch = /^(\S+) doesn't match (\S+) - /.exec(message);
  if (mismatch !== null) {
    const [, opened, closed] = mismatch;
    return fault(`the block {{#${opened}}} ends with {{/${closed}}}`, `{{/${opened}}}`, at);
  }
  const open = found === 'EOF' ? unclosedBlock(text) : undefined;
  if (open !== undefined) {
    const region = positions.region(open.start, open.start + open.tag.length);
    return fault(`the block ${open.tag} is not closed`, `{{/${open.name}}}`, region);
  }
  if (found === 'CLOSE_UNESCAPED') {
    return fault(
      'a tag that begins with two braces ends with three',
      'a space between the tag and the brace that follows it: {{json value}} }',
      at,
    );
  }
  const what = TOKENS[found ?? ''];
  return fault(
    what === undefined ? 'invalid tag' : `unexpected ${what}`,
    'a Handlebars tag such as {{json value}} or {{#if value}} … {{/if}}',
    at,
  );
}

function fault(message: string, expected: string, region: Finding['region'] & {}): Finding {
  return { code: 'template-syntax', level: 'error', message, expected, region };
}

/** Tokens of Handlebars' grammar, as they look. */
const TOKENS: Readonly<Record<string, string>> = {
  EOF: 'end of the template',
  OPEN_ENDBLOCK: 'end of a block, {{/…}}',
  CLOSE: 'end of a tag, }}',
  INVERSE: '{{else}}',
  STRING: 'string in quotes',
  NUMBER: 'number',
};

interface OpenBlock {
  readonly tag: string;
  readonly name: string;
  readonly start: number;
}

/** Comments, which may hold anything, and the beginnings and ends of blocks. */
const TAGS = /\{\{!--[\s\S]*?--~?\}\}|\{\{![\s\S]*?\}\}|\{\{~?#\s*([\w.-]+)[^{}]*\}\}|\{\{~?\/[^{}]*\}\}/g;

/** The innermost block that is open where the text ends. */
function unclosedBlock(text: string): OpenBlock | undefined {
  const open: OpenBlock[] = [];
  for (const { 0: tag, 1: name, index } of text.matchAll(TAGS)) {
    if (name !== undefined) open.push({ tag, name, start: index });
    else if (/^\{\{~?\//.test(tag)) open.pop();
  }
  return open.at(-1);
}
