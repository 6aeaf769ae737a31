// Reads ../shared/facts/envoy-v3: what the .proto files of Envoy's v3 API declare, one declaration a line.

import { canonical } from './read-v3-descriptors.js';

const KIND =
  /^(imports:|syntax|options|extend|message-options|message|enum-options|enum|service-options|service|oneof|reserved names|reserved numbers|\d+)(?: +|$)(.*)$/;
const FIELD =
  /^((?:repeated )?(?:map<\w+, [\w.]+>|[\w.]+)) {2}(\w+)((?: deprecated| sensitive| disallowed| optional)*)(?: {3}rules (\{.*?\}))?(?: {3}options (\{.*))?$/;

/**
 * Reads api-1.40.txt or contrib.txt.
 *
 * @returns each declaration by the full name of what it declares, in the form of readV3Descriptors
 * @throws an Error that quotes a line that has none of the known forms
 */
export function readV3Facts(text: string): Map<string, string> {
  const declared = new Map<string, string>();
  let file = '';
  let open: { name: string; indent: number; oneofs: Map<string, string> }[] = [];
  for (const line of text.split('\n')) {
    const header = /^# (\S+\.proto) {3}package (\S+)$/.exec(line);
    if (header) {
      [, file = ''] = header;
      open = [];
      declared.set(`file ${file}`, '{}');
      continue;
    }
    if (file === '' || line.trim() === '' || line.startsWith('# ')) continue;
    const indent = line.search(/\S/);
    const [, kind = '', rest = ''] = KIND.exec(line.trim()) ?? [];
    while (open.length > 0 && (open.at(-1)?.indent as number) >= indent) open.pop();
    const holder = open.at(-1);
    const name = holder?.name ?? '';
    if (kind === 'message') {
      open.push({ name: rest, indent, oneofs: new Map() });
      declared.set(`message ${rest}`, '{}');
    } else if (kind === 'options') declared.set(`file ${file}`, canonical(JSON.parse(rest)));
    else if (kind === 'message-options') declared.set(`message ${name}`, canonical(JSON.parse(rest)));
    else if (kind === 'enum') readEnum(rest);
    else if (kind === 'service') readService(rest);
    else if (kind === 'oneof') {
      const [, oneof = '', required, members = ''] =
        /^(\w+)( \(required\))?: (.*?)(?: {3}options .*)?$/.exec(rest) ?? [];
      declared.set(`oneof ${name}.${oneof}`, required === undefined ? '' : 'required');
      for (const member of members.split(', ')) holder?.oneofs.set(member, oneof);
    } else if (/^\d+$/.test(kind)) {
      const [, type, field = '', flags = '', rules, options] = FIELD.exec(rest) ?? [];
      if (type === undefined) throw new Error(`not understood: ${line}`);
      const parts = [kind, type, holder?.oneofs.get(field) ?? '', flags.trim()];
      const json = [rules, options].map((one) => canonical(JSON.parse(one ?? '{}')));
      declared.set(`field ${name}.${field}`, [...parts, ...json].join(' | '));
    } else if (!/^(?:imports:|syntax|extend|enum-options|service-options|reserved)/.test(kind))
      throw new Error(`not understood: ${line}`);
  }
  return declared;

  function readEnum(text: string): void {
    const [name = '', values = ''] = text.split(': ');
    declared.set(`enum ${name}`, '');
    for (const value of values.split(', ')) {
      const [, valueName, number, flags = ''] = /^(\w+)=(-?\d+)(.*)$/.exec(value) ?? [];
      declared.set(`value ${name}.${valueName}`, `${number}${flags}`);
    }
  }

  function readService(text: string): void {
    const [name, methods = ''] = text.split(/: ?/);
    declared.set(`service ${name}`, methods);
  }
}
