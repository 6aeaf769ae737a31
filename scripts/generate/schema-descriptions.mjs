// Writes what the comments of the .proto files say of messages, fields and enum values: the first paragraph,
// without the marks of reStructuredText. Where proto/ has no comment on v2, what v3 says of the field that
// a v2 field became is taken for it. src/envoy/schema/descriptions.ts reads it and describes the form.

import { previousName } from './descriptors.mjs';

/** Numbers of fields in descriptor.proto, which make up the paths of source info. */
const PATH = { message: 4, enum: 5, field: 2, nestedMessage: 3, nestedEnum: 4, value: 2 };

/**
 * Encodes the descriptions of messages and of the enums beside them.
 *
 * @param {{ set: import('@bufbuild/protobuf/wkt').FileDescriptorSet, registry: import('@bufbuild/protobuf').FileRegistry }} descriptors with source info
 * @param {ReadonlySet<string>} names the messages, by full name
 * @returns {string} a line for each type that has any
 */
export function encodeDescriptions({ set, registry }, names) {
  const found = new Map();
  for (const file of set.file) readFile(file);
  borrowForV2();
  return [...found]
    .filter(([, texts]) => Object.keys(texts).length > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, texts]) => `${name} ${JSON.stringify(texts)}`)
    .join('\n');

  function readFile(file) {
    const comments = new Map(
      (file.sourceCodeInfo?.location ?? []).map(({ path, leadingComments }) => [
        path.join(),
        leadingComments,
      ]),
    );
    const describe = (texts, name, path) => {
      const text = firstParagraph(comments.get(path.join()) ?? '');
      if (text !== '') texts[name] = text;
    };
    const readMessage = (message, scope, path) => {
      const name = `${scope}.${message.name}`;
      if (names.has(name)) {
        const texts = {};
        describe(texts, '', path);
        for (const [i, field] of message.field.entries()) {
          describe(texts, field.name, [...path, PATH.field, i]);
        }
        found.set(name, texts);
      }
      for (const [i, inner] of message.nestedType.entries()) {
        readMessage(inner, name, [...path, PATH.nestedMessage, i]);
      }
      for (const [i, inner] of message.enumType.entries()) {
        readEnum(inner, name, [...path, PATH.nestedEnum, i]);
      }
    };
    const readEnum = (type, scope, path) => {
      const texts = {};
      describe(texts, '', path);
      for (const [i, value] of type.value.entries()) describe(texts, value.name, [...path, PATH.value, i]);
      if (OF_THE_API.test(scope)) found.set(`${scope}.${type.name}`, texts);
    };
    for (const [i, message] of file.messageType.entries()) {
      readMessage(message, file.package, [PATH.message, i]);
    }
    for (const [i, type] of file.enumType.entries()) readEnum(type, file.package, [PATH.enum, i]);
  }

  function borrowForV2() {
    for (const name of names) {
      const message = registry.getMessage(name);
      if (message === undefined) continue;
      const previous = registry.getMessage(previousName(registry, message));
      if (previous === undefined || !names.has(previous.typeName)) continue;
      const texts = found.get(name) ?? {};
      const own = found.get(previous.typeName) ?? {};
      if (texts[''] !== undefined) own[''] ??= texts[''];
      for (const field of previous.fields) {
        const text = message.fields.find(({ number }) => number === field.number)?.name ?? '';
        if (text !== '' && texts[text] !== undefined) own[field.name] ??= texts[text];
      }
      found.set(previous.typeName, own);
    }
  }
}

/** Enums of these packages are described. */
const OF_THE_API = /^(envoy|istio|udpa|xds)\./;

/** Longer than most first paragraphs. */
const LONGEST = 400;

function firstParagraph(comment) {
  const paragraphs = comment
    .replace(/\[#(?:[^[\]]|\[[^\]]*\])*\]/g, '')
    .split(/\n\s*\n/)
    .map((paragraph) => plain(paragraph.replace(/\s+/g, ' ').trim()))
    .filter((paragraph) => paragraph !== '' && !paragraph.startsWith('.. '));
  const [first = ''] = paragraphs;
  if (first.length <= LONGEST) return first;
  const sentences = first.slice(0, LONGEST).match(/^.*[.!?](?= )/)?.[0];
  return sentences ?? `${first.slice(0, LONGEST - 1).trimEnd()}…`;
}

/** Without roles and double backquotes. */
function plain(text) {
  return text
    .replace(/:[\w-]+:`([^`<]*?)\s*<[^`>]*>`/g, '$1')
    .replace(/:[\w-]+:`([^`]*)`/g, '$1')
    .replace(/``([^`]*)``/g, '`$1`')
    .replace(/`([^`<]*?)\s*<[^`>]*>`_+/g, '$1');
}
