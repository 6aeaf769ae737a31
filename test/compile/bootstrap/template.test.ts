// Templates: what they may write, and what is said of those that are wrong.

import { describe, expect, it, vi } from 'vitest';
import { renderTemplate } from '../../../src/compile/bootstrap/template.js';
import type { Finding } from '../../../src/finding/finding.js';

const VALUES = {
  id: 'a',
  port: 80,
  absent: null,
  node: { id: 'n', metadata: { app: 'cart' } },
  list: ['x', 'y'],
};

function rendered(text: string, values: object = VALUES): string {
  const result = renderTemplate({ name: 'my.hbs', text }, values);
  if ('code' in result) throw new Error(JSON.stringify(result));
  return result.text;
}

/** What is wrong with a template, in one line. */
function wrong(text: string): string {
  const result = renderTemplate({ name: 'my.hbs', text }, VALUES) as Finding;
  const { code, message, expected, suggestion, remedy, region } = result;
  return [
    `${region?.file}:${region?.line}:${region?.column} ${code}: ${message}`,
    expected,
    suggestion === undefined ? undefined : `did you mean ${suggestion}?`,
    remedy,
  ]
    .filter((part) => part !== undefined)
    .join('; ');
}

describe('a template', () => {
  it('writes values as JSON, and into the quotes of a string', () => {
    expect(rendered('{"a": {{json node}}, "b": "{{id}}:{{port}}"}')).toBe(
      '{"a": {"id":"n","metadata":{"app":"cart"}}, "b": "a:80"}',
    );
  });

  it.each(['"', '\\', 'a\nb', '</script>', '{{json id}}', '\x001\0', '\u2028', "'", '"},"admin":{'])(
    'cannot be broken by the value %j',
    (id) => {
      const text = rendered('{"whole": {{json id}}, "within": "-{{id}}-"}', { id });
      expect(JSON.parse(text)).toEqual({ whole: id, within: `-${id}-` });
    },
  );

  it.each(['', ' \n', '{{! nothing }}', '{{#if absent}}a{{/if}}'])('writes something: not %j', (text) => {
    expect(wrong(text)).toMatch(/^my\.hbs:1:1 template-syntax: this template writes nothing/);
  });

  it('has no members that JavaScript gives, and says nothing of its own about them', () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    expect(wrong('{"a": "{{node.id.length.toFixed}}"}')).toMatch(/unknown value node\.id\.length\.toFixed/);
    expect(log).not.toHaveBeenCalled();
    log.mockRestore();
  });

  it('has blocks', () => {
    expect(
      rendered(
        '{{#if absent}}no{{else}}yes{{/if}} {{#each list}}{{json this}},{{/each}} {{#with node}}{{id}}{{/with}}',
      ),
    ).toBe('yes "x","y", n');
    expect(rendered('{{#if (eq id "a")}}1{{/if}}{{#if (any absent port)}}2{{/if}}')).toBe('12');
    expect(
      rendered('{{#if (lookup node.metadata "app")}}1{{/if}}{{#if (lookup node.metadata "b")}}2{{/if}}'),
    ).toBe('1');
    expect(rendered('{{#each list}}{{@index}}{{../id}}{{/each}}{{! no {{#if} }}{{!-- {{#if x}} --}}')).toBe(
      '0a1a',
    );
    expect(rendered('{{#each list as |item|}}{{json item}}{{/each}}')).toBe('"x""y"');
  });

  it('cannot use unknown names', () => {
    expect(wrong('{\n  "a": {{json node.metdata}}\n}')).toBe(
      'my.hbs:2:15 template-value: unknown value node.metdata; one of id, metadata; did you mean node.metadata?',
    );
    expect(wrong('{{#if prot}}{{/if}}')).toMatch(
      /^my.hbs:1:7 .* unknown value prot; .* did you mean port\?$/,
    );
    expect(wrong('"{{ide}}"')).toMatch(/^my.hbs:1:4 .* did you mean id\?$/);
    expect(wrong('{{#with node}}\n{{json ../prot}}{{/with}}')).toBe(
      'my.hbs:2:8 template-value: unknown value ../prot',
    );
  });

  it('cannot write a value that the proxy does not have', () => {
    expect(wrong('\n{{json absent}}')).toBe(
      'my.hbs:2:1 template-value: {{json absent}} has no value for this proxy; wrap it in a block: {{#if value}} … {{/if}}',
    );
    expect(wrong('{{json (lookup node.metadata "version")}}')).toContain('has no value for this proxy');
  });

  it('cannot write a map within quotes', () => {
    expect(wrong('"{{node}}"')).toBe(
      'my.hbs:1:2 template-value: {{node}} is a map; a string, a number or a bool; {{json node}} writes any value',
    );
  });

  it.each([
    [
      'a\n{{#if id}}\n{{json id}}\n',
      'my.hbs:2:1 template-syntax: the block {{#if id}} is not closed; {{/if}}',
    ],
    [
      '{{#each list}}\n{{#if id}}\n{{/each}}',
      'my.hbs:2:4 template-syntax: the block {{#if}} ends with {{/each}}; {{/if}}',
    ],
    [
      '{\n"a": {{json id}\n}',
      'my.hbs:2:1 template-syntax: invalid tag; a Handlebars tag such as {{json value}} or {{#if value}} … {{/if}}',
    ],
    [
      '{\n{"a": {{json id}}}',
      'my.hbs:2:1 template-syntax: a tag that begins with two braces ends with three; a space between the tag and the brace that follows it: {{json value}} }',
    ],
    [
      '{{{id}}}',
      'my.hbs:1:1 template-syntax: three braces write a value without escaping it; {{json value}}, or {{value}} within the quotes of a string',
    ],
    [
      '\n{{jsn id}}',
      'my.hbs:2:1 template-syntax: unknown helper "jsn"; one of json, text; did you mean json?',
    ],
    [
      '{{#iff id}}{{/iff}}',
      'my.hbs:1:4 template-syntax: unknown block "iff"; one of if, unless, each, with; did you mean if?',
    ],
    ['{{#if id port}}{{/if}}', 'my.hbs:1:4 template-syntax: the block if has 2 values; {{#if value}}'],
    [
      '{{> other}}',
      'my.hbs:1:1 template-syntax: a template cannot include another template; a single template that contains everything',
    ],
    [
      '{{/if}}',
      'my.hbs:1:1 template-syntax: unexpected end of a block, {{/…}}; a Handlebars tag such as {{json value}} or {{#if value}} … {{/if}}',
    ],
  ])('with a mistake is reported: %j', (text, expected) => {
    expect(wrong(text)).toBe(expected);
  });

  it('knows which part of it wrote what', () => {
    const text = '{\n  {{#if id}}\n  "a": {{json id}},\n  "b": 1\n  {{/if}}\n}\n';
    const result = renderTemplate({ name: 'my.hbs', text }, VALUES);
    if ('code' in result) throw new Error(result.message);
    const at = (part: string) => {
      const { tag, region } = result.origin(result.text.indexOf(part));
      return `${region.line}:${region.column} ${tag ?? ''}`;
    };
    expect(at('"a"')).toBe('3:3 ');
    expect(at('"a",')).toBe('3:8 {{json id}}');
    expect(at('"b"')).toBe('4:3 ');
    expect(at('}')).toBe('6:1 ');
  });
});
