// Only src/tls, and the upgrade to v3, know what the API calls the parts of a TLS context. Others use the names and
// functions that src/tls exports. Sentences for people may say them.

import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type MessageInfo, message, messageNames } from '../src/envoy/api-table.js';

const SRC = join(import.meta.dirname, '../src');

/** The packages of TLS contexts and Secrets. */
const TLS_PACKAGES = ['envoy.api.v2.auth.', 'envoy.extensions.transport_sockets.tls.v3.'];

/** What may say the names, and why. */
const MAY = [
  ['tls', 'their home'],
  [join('envoy', 'generated'), 'the API itself'],
  [join('envoy', 'upgrade', 'entries'), 'what became of v2 fields in v3'],
  [join('envoy', 'detect.ts'), 'which fields show what a document is, for all messages in one table'],
  [
    join('envoy', 'schema', 'replacements.ts'),
    'what took the place of fields, for all messages in one table',
  ],
  [join('envoy', 'schema', 'field-place.ts'), 'where misplaced fields belong, for all messages in one table'],
  [join('validate', 'startup', 'tls'), 'what Envoy asks of each field when it starts'],
  [join('validate', 'startup', 'formats', 'commands.ts'), 'a formatter has the name of a field'],
  ['disclosure', 'which values may be shown, for all messages in one table'],
  ['agent', 'it fills generated messages, and the compiler checks their names'],
  [join('mesh', 'validation', 'servers.ts'), "servers of today's Istio have names of Envoy's TLS"],
  [join('compile', 'istiod'), 'it fills generated messages, and the compiler checks their names'],
] as const;

const NAMES = tlsFieldNames();

/** The fields of contexts and Secrets, but for names such as `sni` that messages for something else have as well. */
function tlsFieldNames(): ReadonlySet<string> {
  const types = messageNames().map((name) => message(name) as MessageInfo);
  const isTls = ({ name }: MessageInfo): boolean => TLS_PACKAGES.some((prefix) => name.startsWith(prefix));
  const names = (of: readonly MessageInfo[]): string[] =>
    of.flatMap(({ fields }) => fields.map(({ name }) => name));
  // Servers of today's Istio have names of Envoy's TLS.
  const isIstio = ({ name }: MessageInfo): boolean => /^istio\.\w+\.v1\./.test(name);
  const elsewhere = new Set(names(types.filter((type) => !isTls(type) && !isIstio(type))));
  // Of a single word nothing shows that it is meant as a field.
  return new Set(names(types.filter(isTls)).filter((name) => name.includes('_') && !elsewhere.has(name)));
}

/** Comments, texts, and words. Regular expressions with quotes in them are taken for what they are not. */
const TOKENS = /\/\/.*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|[\w$]+/g;

/** The names that a source file says in code: as identifiers, or in texts that are no sentences. */
function namesIn(text: string): string[] {
  return (text.match(TOKENS) ?? []).flatMap((token) => {
    if (token.startsWith('/')) return [];
    if (!/^['"`]/.test(token)) return NAMES.has(token) ? [token] : [];
    if (/\s/.test(token.replace(/\$\{[^}]*\}/g, '')))
      return (token.match(/\$\{[^}]*\}/g) ?? []).flatMap((part) => namesIn(part.slice(2, -1)));
    return (token.match(/\w+/g) ?? []).filter((word) => NAMES.has(snakeCase(word)));
  });
}

/** A name in lowerCamelCase as the .proto file has it. */
function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('.ts') && !MAY.some(([may]) => path === may || path.startsWith(may + sep)),
);

it('only src/tls and the upgrade know the names of TLS fields', () => {
  const found = files.flatMap((path) => {
    const names = namesIn(readFileSync(join(SRC, path), 'utf8'));
    return names.map((name) => `${path}: ${name}`);
  });
  expect(found).toEqual([]);
});

describe('names are found', () => {
  it.each([
    ['as a text', "common.message('validation_context')"],
    ['in a path', '`tls_params.$' + '{name}`'],
    ['in camel case', "tape.get(node, 'trustedCa')"],
    ['as a property', 'common.tls_certificates'],
    ['as a key', '({ sds_config: source })'],
  ])('%s', (_, text) => expect(namesIn(text)).toHaveLength(1));

  it.each([
    ['in a sentence', "const remedy = 'add a validation_context with a trusted_ca';"],
    ['in a comment', '// tls_certificates'],
    ['that other messages have', "message.text('sni')"],
  ])('but none %s', (_, text) => expect(namesIn(text)).toEqual([]));
});
