// The published JSON Schemas, compiled by ajv as a second opinion: what the schema check finds right they take,
// and they refuse the mutants, but for what a schema cannot say.

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { type MessageInfo, message, messageNames } from '../../../src/envoy/api-table.js';
import { type Api, detect } from '../../../src/envoy/detect.js';
import { plainValue } from '../../../src/envoy/normal-value.js';
import { checkSchema } from '../../../src/envoy/schema/check.js';
import { jsonSchema, schemaFiles } from '../../../src/envoy/schema/json-schema.js';
import { apiOfType, ROOTS } from '../../../src/envoy/schema/type-names.js';
import { isTimestamp } from '../../../src/envoy/schema/well-known.js';
import { readSource } from '../../../src/source/document.js';
import { Style } from '../../../src/source/tape.js';
import { hasShared, sharedFiles } from '../../source/shared-files.js';
import { type Mutant, mutantsOf } from './mutants.js';
import { specimen } from './specimen.js';

const APIS: readonly Api[] = ['v2', 'v3'];

/** The file with the definitions that the others refer to. */
const DEFINITIONS = 'envoy.json';

/** A validator. It compiles some 1,500 definitions, each once: shorter code would take longer to make than to run. */
function newAjv(): Ajv2020 {
  return new Ajv2020({
    strict: false,
    code: { optimize: false },
    inlineRefs: false,
    formats: { 'date-time': isTimestamp },
  });
}

/** The files of a version as a validator holds them: by their names. */
function ajvOf(api: Api): Ajv2020 {
  const ajv = newAjv();
  for (const { name, content } of schemaFiles(api))
    ajv.addSchema(name === DEFINITIONS ? { ...(content as object), properties: byName(api) } : content, name);
  return ajv;
}

/** A property for each definition: compiled together, each is compiled once, and by itself twice. */
function byName(api: Api): object {
  const names = Object.keys(definitions[api]);
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/$defs/${name}` }]));
}

function validatorOf(type: string, api: Api): ValidateFunction {
  const found = validators[api].getSchema(DEFINITIONS)?.schemaEnv?.refs[`${DEFINITIONS}#/$defs/${type}`];
  const validate = typeof found === 'object' && 'validate' in found ? found.validate : undefined;
  if (validate === undefined || '$async' in validate) throw new Error(`there is no schema of ${type}`);
  return validate;
}

/** The definitions that the files of a version share. */
function definitionsOf(api: Api): object {
  const shared = schemaFiles(api).find(({ name }) => name === DEFINITIONS)?.content;
  return typeof shared === 'object' ? (shared.$defs as object) : {};
}

const definitions: Readonly<Record<Api, object>> = { v2: definitionsOf('v2'), v3: definitionsOf('v3') };
const validators: Readonly<Record<Api, Ajv2020>> = { v2: ajvOf('v2'), v3: ajvOf('v3') };

/** The messages that a version's files can hold. */
function typesIn(api: Api): MessageInfo[] {
  const names = Object.keys(definitions[api]);
  return names.filter((name) => !name.startsWith('google.')).map((name) => message(name) as MessageInfo);
}

describe.each(APIS)('%s', (api) => {
  const types = typesIn(api);

  test('takes a message of every type, in both spellings', () => {
    const refused = types.flatMap((type) => {
      const value = specimen(type);
      const camel = Object.fromEntries(
        Object.entries(value).map(([name, member]) => [type.field(name)?.jsonName ?? name, member]),
      );
      return [value, camel].flatMap((one) => {
        const validate = validatorOf(type.name, api);
        return validate(one) ? [] : [`${type.name}: ${JSON.stringify(validate.errors?.[0])}`];
      });
    });
    expect(refused).toEqual([]);
  }, 120_000);

  test('refuses the mutants', () => {
    let count = 0;
    let left = 0;
    const taken: string[] = [];
    for (const type of types) {
      for (const mutant of mutantsOf(type)) {
        if (isBeyondSchema(mutant)) {
          left++;
          continue;
        }
        count++;
        if (validatorOf(type.name, api)(Object.fromEntries(mutant.members)))
          taken.push(`${type.name}, ${mutant.kind}: ${JSON.stringify(mutant.members.at(-1)).slice(0, 120)}`);
      }
    }
    console.log(`${api}: ${count} mutants refused by ajv, ${left} that a schema cannot tell`);
    expect(taken.slice(0, 30)).toEqual([]);
  }, 180_000);

  test('has a file for each resource', () => {
    expect(schemaFiles(api).map(({ name }) => name)).toEqual([
      'envoy.json',
      ...ROOTS[api].map((name) => `${name.slice(name.lastIndexOf('.') + 1)}.json`),
    ]);
    for (const name of ROOTS[api]) {
      const validate = validators[api].getSchema(`${name.slice(name.lastIndexOf('.') + 1)}.json`);
      expect(validate?.(specimen(message(name) as MessageInfo)), name).toBe(true);
    }
  });
});

/** What JSON Schema has no words for, or the published schemas leave out; docs/schema.md lists it. */
function isBeyondSchema({ type, kind, members }: Mutant): boolean {
  const [name, value] = members.at(-1) ?? ['', null];
  const field = type.field(name);
  const text = JSON.stringify(value) ?? '';
  if (kind === 'a broken rule') {
    // Lengths in bytes, and bounds of durations other than zero.
    if (/é/.test(text) || field?.type === 'google.protobuf.Duration') return true;
  }
  // The range of durations.
  return kind === 'a bad form' && /315576000001s/.test(text);
}

test('a schema by itself has all that it refers to', () => {
  const named = jsonSchema('Listener', 'v2');
  if ('problem' in named) throw new Error(named.problem);
  const validate = newAjv().compile(named.schema as object);
  expect(validate({ address: { pipe: { path: '/a' } } })).toBe(true);
  expect(validate({ address: { pipe: { path: '' } } })).toBe(false);
  expect(jsonSchema('Listner')).toMatchObject({ suggestion: 'Listener' });
});

test('messages of Istio have schemas too', () => {
  const names = messageNames().filter((name) => apiOfType(name) === undefined && name.startsWith('istio.'));
  for (const name of names) expect(jsonSchema(name)).toHaveProperty('schema');
});

describe.skipIf(!hasShared('corpus'))('files of other people', () => {
  // Not the bootstraps of Istio: each has one item in the place of a list, which a schema refuses.
  test.each(['conformance/istio-1.1.7', 'corpus'])(
    '%s',
    (folder) => {
      let count = 0;
      const refused: string[] = [];
      for (const { name, text } of sharedFiles(folder, /\.(?:json|ya?ml)$/)) {
        for (const document of readSource(name, text).documents) {
          const { tape } = document;
          const { roots, api } = detect(tape);
          const isWritten = checkSchema(document, roots).every(({ code }) => ALLOWED.has(code));
          const isPlain = tape.styles.every((style) => (style & (Style.Merge | Style.Ignored)) === 0);
          if (!isWritten || !isPlain || roots.length === 0) continue;
          for (const { type, node } of roots) {
            const version = apiOfType(type.name) ?? api;
            if (!(type.name in definitions[version])) continue;
            const value = plainValue(tape, node);
            if (JSON.stringify(value).includes(':null')) continue;
            count++;
            const validate = validatorOf(type.name, version);
            if (!validate(value))
              refused.push(
                `${name}: ${validate.errors?.map((error) => `${error.instancePath} ${error.message}`)}`,
              );
          }
        }
      }
      console.log(`${folder}: ${count} messages taken by ajv as by the check`);
      expect(refused).toEqual([]);
      expect(count).toBeGreaterThan(100);
    },
    120_000,
  );
});

/** What is right, and pointed out. */
const ALLOWED = new Set(['deprecated-field', 'work-in-progress', 'unknown-extension']);
