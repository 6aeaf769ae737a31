// The schema check against @bufbuild/protobuf's reader of JSON: what one takes and the other does not. Rules of
// validate.proto are none of the reader's business; of the rest, the list below is all.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFileRegistry, type DescMessage, fromBinary, fromJson } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FieldInfo, type MessageInfo, message, messageNames } from '../../../src/envoy/api-table.js';
import { apiOfType } from '../../../src/envoy/schema/type-names.js';
import { mutantsOf } from './mutants.js';
import { checkResponse, response, responseType } from './response.js';
import { type Json, specimen } from './specimen.js';

const descriptors = join(import.meta.dirname, '../../../src/envoy/generated/descriptors.binpb');
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(descriptors)));

/** What the check says beyond the JSON form: rules, and what is right but pointed out. */
const BEYOND = new Set([
  'missing-field',
  'missing-config',
  'broken-rule',
  'deprecated-field',
  'removed-field',
  'work-in-progress',
  'enum-case',
  // The descriptors have them still.
  'not-in-version',
  'not-in-build',
]);

/** What the reader takes and the check does not, or the other way round, by the text of the value; and why. */
const REASONS: readonly {
  readonly value: RegExp;
  readonly taken: 'reader' | 'check';
  readonly why: string;
}[] = [
  {
    value: /^"(?:\+1|0x10)"$/,
    taken: 'reader',
    why: 'JavaScript reads these numbers; ProtoJSON has none such. Envoy 1.40 takes them: a warning',
  },
  { value: /^"(?: 1|1 )"$/, taken: 'reader', why: 'BigInt trims; Envoy 1.40 refuses spaces' },
  { value: /^"1(?:\.0|e3)"$/, taken: 'check', why: 'quoted, for 64 bits: Envoy 1.40 takes them' },
  {
    value: /^"(?:2020-02-30T00:00:00Z|1900-02-29T00:00:00Z|2020-01-01T24:00:00Z)"$/,
    taken: 'reader',
    why: 'Date.parse rolls over to the next day; RFC 3339 has no such time',
  },
  { value: /^"YQ="$/, taken: 'reader', why: 'padding that is incomplete; Envoy 1.40 refuses it' },
  {
    value: /^\{"@type": ?"\/?google.protobuf.Empty"\}$/,
    taken: 'reader',
    why: 'a type URL needs a host and a slash; Envoy 1.40 says so',
  },
  {
    value: /^\{"@type": ?"type.googleapis.com\/google.protobuf.Duration"\}$/,
    taken: 'check',
    why: 'Envoy 1.40 reads the default where there is no value',
  },
  { value: /^"(?:YW Jj|1 s|a b)"$/, taken: 'reader', why: 'Envoy 1.40 refuses blanks in base64' },
];

function isExplained(text: string, taken: 'reader' | 'check'): boolean {
  // The last member is the one that varies.
  const member = text.split('\n').at(-2) ?? '';
  const value = member.slice(member.indexOf(':') + 1).trim();
  const inner = value.replace(/^(?:\[|\{"(?:1|key-0)": ?)(.*)[\]}]$/s, '$1');
  return REASONS.some((one) => one.taken === taken && (one.value.test(value) || one.value.test(inner)));
}

// Most texts are refused, with an error whose stack takes longer to collect than the text takes to read.
const { stackTraceLimit } = Error;
beforeAll(() => {
  Error.stackTraceLimit = 0;
});
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

/** Whether both take a text or both do not; else what happened. */
function differs(type: MessageInfo, text: string): string | undefined {
  const codes = checkResponse(type, text)
    .map(({ code }) => code)
    .filter((code) => !BEYOND.has(code));
  let thrown: string | undefined;
  try {
    fromJson(registry.getMessage(responseType(type).name) as DescMessage, JSON.parse(text), { registry });
  } catch (error) {
    thrown = String(error);
  }
  if (codes.length > 0 === (thrown !== undefined)) return undefined;
  if (isExplained(text, thrown === undefined ? 'reader' : 'check')) return undefined;
  return `${type.name}: ${text.split('\n').slice(3, -1).join(' ').slice(0, 150)}: ${thrown ?? `taken, and ${codes.join(', ')}`}`;
}

const TYPES = messageNames()
  .filter((name) => apiOfType(name) !== undefined || name.startsWith('istio.'))
  .map((name) => message(name) as MessageInfo);

test('messages of every type, and their mutants', () => {
  const found: string[] = [];
  for (const type of TYPES) {
    const right = differs(type, response(type, Object.entries(specimen(type))));
    if (right !== undefined) found.push(right);
    for (const { members, codes } of mutantsOf(type)) {
      if (codes.every((code) => BEYOND.has(code))) continue;
      const one = differs(type, response(type, members));
      if (one !== undefined) found.push(one);
    }
  }
  expect(found.slice(0, 40)).toEqual([]);
  expect(found.length).toBe(0);
}, 180_000);

/** Texts of JSON values, odd in one way or another. */
const VALUES = [
  ...[
    'null',
    'true',
    'false',
    '"true"',
    '"false"',
    '0',
    '1',
    '-1',
    '-0',
    '1.0',
    '1e3',
    '1E3',
    '1.5',
    '1e-3',
    '1e400',
  ],
  ...[
    '2147483647',
    '2147483648',
    '-2147483648',
    '-2147483649',
    '4294967295',
    '4294967296',
    '9007199254740993',
  ],
  ...[
    '"0"',
    '"1"',
    '"-1"',
    '"1.0"',
    '"1e3"',
    '"1.5"',
    '" 1"',
    '"1 "',
    '"+1"',
    '"01"',
    '"0x10"',
    '""',
    '"a"',
    '"1_000"',
  ],
  ...['"9223372036854775807"', '"9223372036854775808"', '"-9223372036854775808"', '"18446744073709551615"'],
  ...[
    '"18446744073709551616"',
    '"NaN"',
    '"Infinity"',
    '"-Infinity"',
    '"nan"',
    '"inf"',
    '3.4028235e38',
    '3.5e38',
  ],
  ...['"YQ=="', '"YQ"', '"YQ="', '"-_-_"', '"+/+/"', '"Y"', '"!!!!"', '"YW Jj"', '"\\u00e9"', '"\\u0000"'],
  ...[
    '"1s"',
    '"1.5s"',
    '"-1s"',
    '"-0.5s"',
    '"0.000000001s"',
    '"0.0000000001s"',
    '"1"',
    '"s"',
    '".5s"',
    '"1.s"',
    '"1e1s"',
  ],
  ...['"315576000000s"', '"315576000001s"', '"-315576000001s"', '"01s"', '"+1s"', '"1 s"', '"1S"', '"1m"'],
  ...[
    '"2020-01-01T00:00:00Z"',
    '"2020-02-30T00:00:00Z"',
    '"2020-01-01T00:00:00+01:00"',
    '"2020-01-01T00:00:00.123456789Z"',
  ],
  ...[
    '"2020-01-01T00:00:00.1234567891Z"',
    '"2020-01-01t00:00:00z"',
    '"2020-01-01T00:00:00"',
    '"2020-01-01"',
    '"0000-01-01T00:00:00Z"',
  ],
  ...[
    '"0001-01-01T00:00:00Z"',
    '"9999-12-31T23:59:59Z"',
    '"2020-01-01T24:00:00Z"',
    '"2020-01-01T00:00:60Z"',
    '"1900-02-29T00:00:00Z"',
  ],
  ...['"a.b,c"', '"fooBar"', '"foo_bar"', '"a,"', '"a..b"', '"a b"'],
  ...[
    '{}',
    '[]',
    '[null]',
    '{"a": null}',
    '{"a": 1}',
    '[1]',
    '["a"]',
    '[[]]',
    '[{}]',
    '{"": 1}',
    '{"1": 1}',
    '{"true": 1}',
  ],
  ...[
    '{"seconds": 1}',
    '{"value": 1}',
    '{"@type": "type.googleapis.com/google.protobuf.Duration", "value": "1s"}',
  ],
  ...[
    '{"@type": "type.googleapis.com/google.protobuf.Duration", "value": "1"}',
    '{"@type": "type.googleapis.com/google.protobuf.Duration"}',
  ],
  ...[
    '{"@type": "type.googleapis.com/google.protobuf.Struct", "value": {"a": 1}}',
    '{"@type": "google.protobuf.Empty"}',
  ],
  ...[
    '{"@type": "type.googleapis.com/google.protobuf.UInt32Value", "value": -1}',
    '{"@type": "/google.protobuf.Empty"}',
  ],
  ...[
    '{"@type": "type.googleapis.com/google.protobuf.Empty", "a": 1}',
    '{"@type": ""}',
    '{"@type": 1}',
    '{"a": {"b": [1, null, "x"]}}',
  ],
];

/** A field of each kind that the API has: of each scalar and well-known type, and an enum, alone, in a list, in a map, in a oneof. */
function kindsOfFields(): Map<string, { readonly type: MessageInfo; readonly field: FieldInfo }> {
  const found = new Map<string, { readonly type: MessageInfo; readonly field: FieldInfo }>();
  for (const type of TYPES) {
    for (const field of type.fields) {
      const what = field.scalar ?? (field.type?.startsWith('google.protobuf.') ? field.type : field.kind);
      const how = field.repeated
        ? 'list'
        : field.map !== undefined
          ? `map by ${field.map}`
          : field.oneof !== undefined
            ? 'oneof'
            : 'one';
      const kind = `${how} of ${what}`;
      if (!found.has(kind)) found.set(kind, { type, field });
    }
  }
  return found;
}

test('odd values of every kind of field', () => {
  const found: string[] = [];
  let count = 0;
  for (const [kind, { type, field }] of kindsOfFields()) {
    const base = Object.entries(specimen(type, field)).filter(([name]) => name !== field.name);
    for (const value of VALUES) {
      for (const text of field.repeated
        ? [value, `[${value}]`]
        : field.map !== undefined
          ? [value, `{"1": ${value}}`]
          : [value]) {
        count++;
        const placed = response(type, [...base, [field.name, '#' as Json]]).replace('"#"', () => text);
        const one = differs(type, placed);
        if (one !== undefined) found.push(`${kind}: ${one}`);
      }
    }
  }
  console.log(`${count} odd values of ${kindsOfFields().size} kinds of fields`);
  expect(found.slice(0, 150)).toEqual([]);
}, 60_000);
