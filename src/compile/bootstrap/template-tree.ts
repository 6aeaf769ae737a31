// What is done to a template's syntax tree before it is compiled, so that values can only come out as JSON,
// a name that no value has is found, and the output shows which part of the template wrote what:
//
//   {{value}}       {{text 7 (known 8 value)}}     into a JSON string
//   {{json value}}  {{json 7 (known 8 value)}}     as JSON
//   {{#if value}}   {{#if (known 9 value)}}
//
// where the numbers are those of the template's parts, and a mark with its number is before what is
// written.

import type { Finding, Region } from '../../finding/finding.js';
import { nearName } from '../../finding/near-name.js';
import { isHarmlessName, quoted } from '../../secrecy/quoted.js';
import type { Positions } from '../../source/position.js';
import { TemplateFault } from './template-fault.js';

/** A part of a template that writes something, or looks up a value. */
export interface TemplatePart {
  readonly region: Region;
  /** As it is in the template. */
  readonly source: string;
  /** Whether it is text that is written unchanged. */
  readonly isText: boolean;
}

/** A template whose tree is changed, and the parts that were found in it. */
export interface TemplateParts {
  readonly text: string;
  readonly positions: Positions;
  readonly parts: TemplatePart[];
}

/** Helpers that write; their first argument is the number of the part that they are in. */
const WRITERS = ['json', 'text'] as const;
/** Helpers for the conditions of blocks. */
const TESTS = ['eq', 'any', 'lookup'];
const BLOCKS = ['if', 'unless', 'each', 'with'];
/** Gives a value that is known, though it may be null: `known part value`. */
export const KNOWN = 'known';

/** Encloses the number of a part in the output, where JSON has no such character. */
export const MARK = '\0';

/** Changes a tree, and adds its parts. */
export function prepareTree(template: TemplateParts, tree: hbs.AST.Program | undefined): void {
  if (tree !== undefined) tree.body = tree.body.flatMap((statement) => prepareStatement(template, statement));
}

function prepareStatement(template: TemplateParts, statement: hbs.AST.Statement): hbs.AST.Statement[] {
  switch (statement.type) {
    case 'CommentStatement':
      return [];
    case 'ContentStatement':
      return prepareText(template, statement as hbs.AST.ContentStatement);
    case 'MustacheStatement':
      return prepareTag(template, statement as hbs.AST.MustacheStatement);
    case 'BlockStatement':
      prepareBlock(template, statement as hbs.AST.BlockStatement);
      return [statement];
    default:
      throw faultAt(template, statement, {
        message: 'a template cannot include another template',
        expected: 'a single template that contains everything',
      });
  }
}

function prepareText(template: TemplateParts, text: hbs.AST.ContentStatement): hbs.AST.Statement[] {
  if (text.value === '') return [];
  // Handlebars takes the spaces of lines that hold a block's tag alone.
  const taken = String(text.original).indexOf(text.value);
  const start = offsetOf(template, text.loc.start) + taken;
  const part = addPart(template, start, start + text.value.length, true);
  text.value = text.value.replaceAll(MARK, '\ufffd');
  return [mark(part, text), text];
}

function prepareTag(template: TemplateParts, tag: hbs.AST.MustacheStatement): hbs.AST.Statement[] {
  if (!tag.escaped) {
    throw faultAt(template, tag, {
      message: 'three braces write a value without escaping it',
      expected: '{{json value}}, or {{value}} within the quotes of a string',
    });
  }
  const part = partOf(template, tag);
  if (tag.params.length === 0) {
    tag.params = [tag.path];
    tag.path = nameExpression('text', tag);
  }
  prepareCall(template, tag, WRITERS);
  tag.params.unshift(numberExpression(part, tag));
  return [mark(part, tag), tag];
}

function prepareBlock(template: TemplateParts, block: hbs.AST.BlockStatement): void {
  const { path, params, program, inverse } = block;
  if (!BLOCKS.includes(path.original)) throw unknownName(template, path, 'block', path.original, BLOCKS);
  if (params.length !== 1) {
    throw faultAt(template, path, {
      message: `the block ${path.original} has ${params.length} values`,
      expected: `{{#${path.original} value}}`,
    });
  }
  block.params = params.map((param) => prepareValue(template, param));
  prepareTree(template, program);
  prepareTree(template, inverse);
}

/** Prepares what a helper is called with. */
function prepareCall(
  template: TemplateParts,
  call: hbs.AST.MustacheStatement | hbs.AST.SubExpression,
  names: readonly string[],
): void {
  const name = String((call.path as hbs.AST.PathExpression).original);
  if (!names.includes(name)) throw unknownName(template, call, 'helper', name, names);
  call.params = call.params.map((param) => prepareValue(template, param));
}

function prepareValue(template: TemplateParts, value: hbs.AST.Expression): hbs.AST.Expression {
  if (value.type === 'SubExpression') prepareCall(template, value as hbs.AST.SubExpression, TESTS);
  if (value.type !== 'PathExpression') return value;
  const known: Omit<hbs.AST.SubExpression, 'hash'> = {
    type: 'SubExpression',
    path: nameExpression(KNOWN, value),
    params: [numberExpression(partOf(template, value), value), value],
    loc: value.loc,
  };
  return known as hbs.AST.SubExpression;
}

function partOf(template: TemplateParts, { loc }: hbs.AST.Node): number {
  return addPart(template, offsetOf(template, loc.start), offsetOf(template, loc.end), false);
}

function addPart(
  { text, positions, parts }: TemplateParts,
  start: number,
  end: number,
  isText: boolean,
): number {
  const source = text.slice(start, end);
  return (
    parts.push({ region: positions.region(start, end), source: isText ? source : tagText(source), isText }) -
    1
  );
}

/** Handlebars counts columns from 0. */
function offsetOf({ positions }: TemplateParts, { line, column }: hbs.AST.Position): number {
  return positions.offset(line, column + 1);
}

function mark(part: number, { loc }: hbs.AST.Node): hbs.AST.ContentStatement {
  const text = `${MARK}${part}${MARK}`;
  return { type: 'ContentStatement', value: text, original: text as never, loc };
}

function nameExpression(name: string, { loc }: hbs.AST.Node): hbs.AST.PathExpression {
  return { type: 'PathExpression', data: false, depth: 0, parts: [name], original: name, loc };
}

function numberExpression(value: number, { loc }: hbs.AST.Node): hbs.AST.NumberLiteral {
  return { type: 'NumberLiteral', value, original: value, loc };
}

function unknownName(
  template: TemplateParts,
  node: hbs.AST.Node,
  kind: string,
  name: string,
  names: readonly string[],
): TemplateFault {
  const suggestion = nearName(name, names);
  return faultAt(template, node, {
    message: `unknown ${kind} ${quoted(name)}`,
    expected: `one of ${names.join(', ')}`,
    ...(suggestion !== undefined && { suggestion }),
  });
}

function faultAt(
  template: TemplateParts,
  node: hbs.AST.Node,
  what: Pick<Finding, 'message' | 'expected' | 'suggestion'>,
): TemplateFault {
  const { region } = template.parts[partOf(template, node)] as TemplatePart;
  return new TemplateFault({ code: 'template-syntax', level: 'error', ...what, region });
}

/** A tag as messages show it: names alone; one with a text or number in it may hold any value. */
function tagText(source: string): string {
  return /^\{*[~#^/]?[\s\w.@/-]*~?\}*$/.test(source) && isHarmlessName(source) ? source : 'this tag';
}
