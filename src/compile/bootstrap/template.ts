// Templates: Handlebars whose values come out as JSON, with messages that name the line of the template.

import Handlebars from 'handlebars';
import type { Finding, Region } from '../../finding/finding.js';
import { Positions } from '../../source/position.js';
import { TemplateFault } from './template-fault.js';
import { templateHelpers } from './template-helpers.js';
import { parseTemplate } from './template-syntax.js';
import { MARK, prepareTree, type TemplatePart } from './template-tree.js';

/** A template and its name for messages. */
export interface Template {
  readonly name: string;
  readonly text: string;
  readonly isBuiltIn?: boolean;
}

/** What a template made of values. */
export interface RenderedTemplate {
  readonly text: string;
  /** The part of the template that wrote what is at an offset of the text. */
  origin(offset: number): TemplateOrigin;
}

/** A part of a template. */
interface TemplateOrigin {
  /** The tag that wrote it; undefined if it is plain text of the template. */
  readonly tag: string | undefined;
  readonly region: Region;
}

/** Renders a template, or says what is wrong with it. */
export function renderTemplate({ name, text }: Template, values: object): RenderedTemplate | Finding {
  const positions = new Positions(name, text);
  const tree = parseTemplate(text, positions);
  if ('code' in tree) return tree;
  const parts: TemplatePart[] = [];
  try {
    prepareTree({ text, positions, parts }, tree);
    const environment = Handlebars.create();
    environment.registerHelper(templateHelpers(parts));
    const output = environment.compile(tree, { noEscape: true })(values, OWN_ONLY);
    const rendered = unmarked(output, parts, positions);
    if (rendered.text.trim() !== '') return rendered;
    const region = positions.region(0, text.length);
    return {
      code: 'template-syntax',
      level: 'error',
      message: 'this template writes nothing',
      expected: 'a bootstrap',
      region,
    };
  } catch (error) {
    if (error instanceof TemplateFault) return error.finding;
    throw error;
  }
}

/** What JavaScript gives every value is not the template's; Handlebars prints a warning unless this is set. */
const OWN_ONLY = { allowProtoPropertiesByDefault: false, allowProtoMethodsByDefault: false };

/** A piece of the output: where it begins, and the part that wrote it. */
interface Piece {
  readonly start: number;
  readonly part: TemplatePart;
}

/** Takes the marks out of the output and remembers where they were. */
function unmarked(marked: string, parts: readonly TemplatePart[], positions: Positions): RenderedTemplate {
  const [before = '', ...rest] = marked.split(MARK);
  const pieces: Piece[] = [];
  const texts = [before];
  let length = before.length;
  for (let i = 0; i < rest.length; i += 2) {
    pieces.push({ start: length, part: parts[Number(rest[i])] as TemplatePart });
    const text = rest[i + 1] as string;
    texts.push(text);
    length += text.length;
  }
  return {
    text: texts.join(''),
    origin(offset) {
      const { start, part } = pieces.findLast((piece) => piece.start <= offset) ?? (pieces[0] as Piece);
      if (!part.isText) return { tag: part.source, region: part.region };
      const at = Math.min(part.region.start + offset - start, part.region.end);
      return { tag: undefined, region: positions.region(at, at) };
    },
  };
}
