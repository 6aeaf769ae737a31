// An explanation as text, for a terminal.

import type { Explanation, Unexplained } from '../envoy/schema/explain.js';
import type { Paint } from './finding-text.js';

const WIDTH = 100;

/**
 * What is known of a path, on as many lines as it needs.
 *
 * @param versions in which versions of Envoy it is, in words
 */
export function explanationText(explained: Explanation, paint: Paint, versions?: string): string {
  const { path, type, description, rules, deprecated, inV3, oneof, fields, values } = explained;
  const lines = [paint.strong(path)];
  if (description !== undefined) lines.push('', ...wrap(description).map((line) => `  ${line}`));
  const facts: [string, string][] = [['type', type]];
  rules.forEach((rule, i) => {
    facts.push([i === 0 ? (rules.length > 1 ? 'rules' : 'rule') : '', rule]);
  });
  if (deprecated !== undefined) facts.push(['note', paint.warning(deprecated)]);
  if (versions !== undefined) facts.push(['Envoy', versions]);
  if (inV3 !== undefined) facts.push(['in v3', inV3]);
  if (oneof !== undefined) {
    const others = oneof.siblings.length === 0 ? '' : `: excludes ${oneof.siblings.join(', ')}`;
    facts.push(['oneof', `${oneof.name}${oneof.required ? ' (one is required)' : ''}${others}`]);
  }
  lines.push('', ...facts.map(([name, text]) => `  ${paint.faint(name.padEnd(6))}  ${text}`));
  if (values !== undefined) lines.push('', ...valueLines(values, paint));
  if (fields !== undefined && fields.length > 0) lines.push('', ...fieldLines(fields, paint));
  return `${lines.join('\n')}\n`;
}

/** Why a path is not explained. */
export function unexplainedText({ problem, suggestion }: Unexplained, paint: Paint): string {
  return suggestion === undefined ? problem : `${problem}\n  did you mean ${paint.good(suggestion)}?`;
}

function fieldLines(fields: NonNullable<Explanation['fields']>, paint: Paint): string[] {
  const width = Math.max(...fields.map(({ name }) => name.length));
  return fields.map(({ name, type, deprecated }) => {
    const line = `  ${name.padEnd(width)}  ${type}`;
    return deprecated ? paint.faint(`${line}  (deprecated)`) : line;
  });
}

function valueLines(values: NonNullable<Explanation['values']>, paint: Paint): string[] {
  return values.flatMap(({ name, number, deprecated, description }) => {
    const line = `  ${name} = ${number}${deprecated ? '  (deprecated)' : ''}`;
    const text = description === undefined ? [] : wrap(description).map((one) => `      ${one}`);
    return [deprecated ? paint.faint(line) : line, ...text];
  });
}

/** Breaks a text at spaces. */
function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > WIDTH - 6) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}
