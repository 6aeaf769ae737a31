// Reads ../shared/facts: what the .proto files of Envoy's v2 API, of Istio 1.1 and of the
// validate rules declared, one declaration a line.

import type { FieldModel, FileModel, MessageModel } from './model.js';

/**
 * Reads envoy-v2-api.txt or istio-1.1-api.txt.
 *
 * @returns the files by path
 * @throws an Error that quotes a line that has none of the known forms
 */
export function readApiFacts(text: string): Map<string, FileModel> {
  const files = new Map<string, FileModel>();
  let file = emptyFile('');
  let message: { model: MessageModel; indent: number } | undefined;
  for (const line of text.split('\n')) {
    const indent = line.search(/\S|$/);
    const content = line.trim();
    const header = /^# (\S+\.proto) {3}package (\S+)$/.exec(line);
    if (header) {
      const [, path = '', name = ''] = header;
      file = emptyFile(name);
      files.set(path, file);
      message = undefined;
      continue;
    }
    if (content === '' || content === '#' || content.startsWith('# ')) continue;

    const [, kind = '', rest = ''] =
      /^(imports:|message|enum|service|oneof|reserved|\d+) ?(.*)$/.exec(content) ?? [];
    if (kind === 'imports:') {
      file.imports = list(rest, ', ').sort();
    } else if (kind === 'message') {
      message = { model: { fields: {}, oneofs: {}, reserved: [] }, indent };
      file.messages[rest] = message.model;
    } else if (kind === 'enum') {
      const [name, values] = pair(rest, ': ');
      file.enums[name] = list(values, ', ');
    } else if (kind === 'service') {
      const [name, methods] = pair(rest, ': ');
      file.services[name] = list(methods, '; ');
    } else if (message && indent >= message.indent + 2 && kind === 'oneof') {
      const [name, members] = pair(rest, ': ');
      const required = name.endsWith(' (required)');
      message.model.oneofs[name.replace(' (required)', '')] = { required, members: list(members, ', ') };
    } else if (message && indent >= message.indent + 2 && kind === 'reserved') {
      message.model.reserved = numbers(rest.replace(/^numbers /, ''));
    } else if (message && indent >= message.indent + 2 && /^\d+$/.test(kind)) {
      const [name, field] = readField(kind, rest);
      message.model.fields[name] = field;
    } else {
      throw new Error(`not understood: ${line}`);
    }
  }
  return files;
}

/**
 * Reads validate-rules.txt, which is about one file and says no imports.
 *
 * @throws an Error that quotes a line that has none of the known forms
 */
export function readValidateFacts(text: string): FileModel {
  const file = emptyFile('validate');
  let message: MessageModel | undefined;
  for (const line of text.split('\n')) {
    const content = line.trim();
    if (content === '') continue;
    const [, kind = '', rest = ''] = /^(extend|message|enum|oneof|\d+) (.*)$/.exec(content) ?? [];
    if (kind === 'extend') {
      file.extensions.push(rest);
    } else if (kind === 'message') {
      message = { fields: {}, oneofs: {}, reserved: [] };
      file.messages[rest] = message;
    } else if (kind === 'enum') {
      const [name, values] = pair(rest, ': ');
      file.enums[name] = list(values, ', ');
    } else if (message && kind === 'oneof') {
      const [name, members] = pair(rest, ': ');
      message.oneofs[name] = { required: false, members: list(members, ', ') };
    } else if (message && /^\d+$/.test(kind)) {
      const [type, name] = [rest.slice(0, rest.lastIndexOf(' ')), rest.slice(rest.lastIndexOf(' ') + 1)];
      message.fields[name] = { declared: `${kind} ${type}` };
    } else {
      throw new Error(`not understood: ${line}`);
    }
  }
  return file;
}

/** `repeated T  name deprecated sensitive   rules {…}`, after the number. */
function readField(number: string, text: string): [string, FieldModel] {
  const match =
    /^ *((?:repeated )?(?:map<\w+, [\w.]+>|[\w.]+)) {2}(\w+)((?: deprecated| sensitive)*)(?: {3}rules (.+))?$/.exec(
      text,
    );
  if (!match) throw new Error(`not understood: ${text}`);
  const [, type, name = '', flags, rules] = match;
  return [name, { declared: `${number} ${type}${flags}`, ...(rules && { rules: JSON.parse(rules) }) }];
}

function emptyFile(name: string): FileModel {
  return { package: name, imports: [], messages: {}, enums: {}, services: {}, extensions: [] };
}

function pair(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + separator.length)];
}

function list(text: string, separator: string): string[] {
  return text === '' ? [] : text.split(separator);
}

function numbers(text: string): number[] {
  return list(text, ', ')
    .map(Number)
    .sort((a, b) => a - b);
}
