// Plants secrets in configurations: as they are, under misspelt names, as values of a wrong kind, in comments,
// as keys, and in texts whose syntax is broken.

import { stringify } from 'yaml';
import type { Random } from '../source/random.js';
import { ENVOY, KUBERNETES, OTHERS, SECRET, type Value } from './inputs.js';

/** An input with a secret, and the secret. */
export interface Planted {
  readonly text: string;
  readonly mark: string;
  readonly format: 'json' | 'yaml';
  /** How it was made, for the message of a failure. */
  readonly way: string;
}

const BASE62 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const WORDS = [
  'plum',
  'lantern',
  'quiet',
  'river',
  'copper',
  'meadow',
  'violin',
  'harbor',
  'thistle',
  'saddle',
];

function letters(random: Random, from: string, length: number): string {
  return Array.from({ length }, () => random.pick([...from])).join('');
}

/** Secrets that show what they are, and such that could be any text. */
const MARKS: Readonly<Record<string, (random: Random) => string>> = {
  base64: (random) =>
    `${letters(random, BASE62, 11)}/${letters(random, BASE62, 11)}+${letters(random, BASE62, 11)}`,
  base62: (random) => letters(random, BASE62, 34),
  hexadecimal: (random) => letters(random, '0123456789abcdef', 40),
  words: (random) => Array.from({ length: 5 }, () => random.pick(WORDS)).join('-'),
  sentence: (random) => Array.from({ length: 6 }, () => random.pick(WORDS)).join(' '),
  digits: (random) => `7${letters(random, '0123456789', 20)}`,
};

/** Marks that are recognized wherever they stand. */
const TELLING = ['base64', 'base62'];

const WAYS = [
  'valid',
  'misspelt',
  'wrong kind',
  'unknown',
  'comment',
  'key',
  'broken',
  'anywhere',
  'anchor',
] as const;

/** A place in a value. */
type Path = readonly (string | number)[];

/** Makes an input with a secret somewhere. */
export function planted(random: Random): Planted {
  const base = random.pick([ENVOY, ENVOY, KUBERNETES, OTHERS].map((all) => () => random.pick(all)))();
  const way = random.pick(WAYS);
  const kind = random.pick(way === 'anywhere' || way === 'key' ? TELLING : Object.keys(MARKS));
  const mark = (MARKS[kind] as (random: Random) => string)(random);
  const content = asContent(random, mark, way);
  const places = placesOf(base, way === 'anywhere');
  const place = random.pick(places);
  let value = replaced(base, places, place, content);
  if (way === 'misspelt')
    value = renamed(value, random.pick(prefixesWithNames(place)), (name) => misspelt(random, name));
  if (way === 'key') value = renamed(value, lastNamed(place), () => mark);
  if (way === 'wrong kind')
    value = changedAt(value, place.slice(0, -1), () =>
      random.pick<Value>([content, [content], { a: content }, [[content]]]),
    );
  if (way === 'unknown')
    value = changedAt(value, mapAround(value, place), (map) => ({
      ...(map as object),
      [random.pick(['blob', 'keyPem', 'zzz', 'x-data'])]: random.pick<Value>([
        content,
        { b: content },
        [content],
      ]),
    }));
  value = random.chance(5) ? embedded(random, value) : value;
  const written = write(random, value, way, mark);
  const text = way === 'broken' ? broken(random, written.text) : written.text;
  return { text, mark, format: written.format, way: `${way}, ${kind}, ${place.join('.')}` };
}

/** The mark as it is, or in a PEM block. */
function asContent(random: Random, mark: string, way: string): string {
  return way !== 'key' && random.chance(4)
    ? `-----BEGIN PRIVATE KEY-----\n${mark}QUFBcXFxcXFx\nTUlJR${mark}YmJiYmJi\n-----END PRIVATE KEY-----\n`
    : mark;
}

/** The places of secrets, or of all texts. */
function placesOf(value: Value, all: boolean, path: Path = []): Path[] {
  if (typeof value === 'string')
    return value.includes(SECRET) || (all && path.at(-1) !== '@type' && path.at(-1) !== 'kind') ? [path] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    placesOf(member as Value, all, [...path, Array.isArray(value) ? Number(name) : name]),
  );
}

/** The value with the secret at one place, and something short at the others. */
function replaced(base: Value, places: readonly Path[], place: Path, content: string): Value {
  let value = base;
  for (const other of places)
    value = changedAt(value, other, (text) => {
      if (other !== place) return String(text).replace(SECRET, 'x');
      return String(text).includes(SECRET) ? String(text).replace(SECRET, content) : content;
    });
  return JSON.parse(JSON.stringify(value).replaceAll(SECRET, 'x')) as Value;
}

function changedAt(value: Value, path: Path, change: (value: Value) => Value): Value {
  const [step, ...rest] = path;
  if (step === undefined) return change(value);
  const copy = structuredClone(value) as { [name: string]: Value };
  copy[step] = changedAt(copy[step] as Value, rest, change);
  return copy;
}

function prefixesWithNames(place: Path): Path[] {
  return place
    .flatMap((step, i) => (typeof step === 'string' && i > 0 ? [place.slice(0, i + 1)] : []))
    .slice(-3);
}

function lastNamed(place: Path): Path {
  return prefixesWithNames(place).at(-1) ?? place;
}

/** The map that a place is in. */
function mapAround(value: Value, place: Path): Path {
  for (let length = place.length - 1; length > 0; length--) {
    const path = place.slice(0, length);
    let at: Value = value;
    for (const step of path) at = (at as { [name: string]: Value })[step] as Value;
    if (typeof at === 'object' && at !== null && !Array.isArray(at)) return path;
  }
  return [];
}

function renamed(value: Value, path: Path | undefined, rename: (name: string) => string): Value {
  if (path === undefined || path.length === 0) return value;
  const name = String(path.at(-1));
  return changedAt(
    value,
    path.slice(0, -1),
    (map) =>
      Object.fromEntries(
        Object.entries(map as object).map(([key, member]) => [key === name ? rename(key) : key, member]),
      ) as Value,
  );
}

function misspelt(random: Random, name: string): string {
  const at = random.below(name.length);
  return random.pick([
    name.slice(0, at) + name.slice(at + 1) || 'x',
    name.slice(0, at) + name.charAt(at) + name.slice(at),
    name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
    `${name}s`,
    name.toUpperCase(),
  ]);
}

/** The value inside a ConfigMap. */
function embedded(random: Random, value: Value): Value {
  const text = random.chance(2) ? JSON.stringify(value) : stringify(value);
  const head = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'edge' } };
  return random.chance(3)
    ? { ...head, binaryData: { 'envoy.yaml': Buffer.from(text).toString('base64') } }
    : { ...head, data: { 'envoy.yaml': text } };
}

function write(
  random: Random,
  value: Value,
  way: string,
  mark: string,
): { readonly text: string; readonly format: 'json' | 'yaml' } {
  if (way !== 'comment' && way !== 'anchor' && random.chance(3))
    return { text: `${JSON.stringify(value, null, random.pick([undefined, 1, 2]))}\n`, format: 'json' };
  let text = stringify(value, {
    lineWidth: 0,
    collectionStyle: random.pick(['any', 'any', 'flow'] as const),
    defaultStringType: random.pick(['PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE'] as const),
  });
  const lines = text.split('\n');
  const at = random.below(lines.length);
  if (way === 'comment') lines[at] = `${lines[at]} # ${random.pick(['', 'password: ', 'token='])}${mark}`;
  if (way === 'anchor')
    lines[at] = (lines[at] as string).replace(
      /(: |- )(?=[\w"'])/,
      `$1${random.pick(['&', '*', '!', '!!'])}${mark.replace(/[^\w-]/g, '')} `,
    );
  text = lines.join('\n');
  return { text, format: 'yaml' };
}

/** A text that can no longer be read, mostly. */
function broken(random: Random, text: string): string {
  const marks = [...text.matchAll(/[{}[\]":,'|\n-]/g)].map(({ index }) => index);
  const at = random.pick(marks.length > 0 ? marks : [0]);
  return random.pick([
    text.slice(0, at) + text.slice(at + 1),
    text.slice(0, at) +
      random.pick(['"', '}', ']', '\t', '{{', ' : ', '\n', "'", '@', '- ']) +
      text.slice(at),
    text.slice(0, at),
    `${text.slice(0, at)}\${X:-${text.slice(at, at + 200).replace(/\n/g, ' ')}}${text.slice(at)}`,
  ]);
}
