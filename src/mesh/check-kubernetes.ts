// What is wrong with Kubernetes objects, as far as they are read: names near to those that are read, values
// that make no sense, names that Kubernetes would refuse. Their other fields are not looked at.

import { isIP } from 'node:net';
import { memo } from '../collections/memo.js';
import type { Finding } from '../finding/finding.js';
import { nearName } from '../finding/near-name.js';
import { quotedKey, quotedValue } from '../secrecy/quoted.js';
import type { Document } from '../source/document.js';
import { Kind } from '../source/tape.js';
import { type KindShape, kindShape, type Leaf } from './kubernetes-shapes.js';

/** A function that checks objects of the kinds that are read. */
export function kubernetesCheck(
  findings: Finding[],
): (document: Document, node: number, kind: string) => void {
  // Empty before and after each object; thousands would otherwise have one each.
  const path: Place['path'] = [];
  return (document, node, kind) => checkMap({ document, kind, findings, path }, node, kindShape(kind));
}

/** The longest that Kubernetes takes as a name. */
const NAME_LENGTH = 253;

/** Whether a text is a DNS subdomain, as the names of objects are. */
export function isObjectName(name: string): boolean {
  return (
    name.length <= NAME_LENGTH &&
    /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/.test(name)
  );
}

/** Whether a text is a DNS label, as the names of namespaces are. */
export function isLabel(name: string): boolean {
  return name.length <= 63 && /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(name);
}

interface Place {
  readonly document: Document;
  readonly kind: string;
  readonly findings: Finding[];
  /** The names and indexes that lead to what is looked at; they become text where something is wrong. */
  readonly path: (string | number)[];
}

function pathText(path: Place['path']): string {
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`))
    .join('');
}

const NONE: readonly string[] = [];

function checkMap(place: Place, node: number, shape: KindShape): void {
  const { document, path } = place;
  const { tape, source } = document;
  const at = tape.resolve(node);
  if (tape.kind(at) === Kind.Null) return;
  if (tape.kind(at) !== Kind.Map) {
    wrong(place, at, 'a map');
    return;
  }
  const { read, required = NONE, others = NONE } = shape;
  for (let key = at + 1; key < (tape.links[at] as number); key = tape.next(key + 1)) {
    const name = tape.name(key);
    const expected = read.get(name);
    if (expected !== undefined) {
      path.push(name);
      checkValue(place, key + 1, expected);
      path.pop();
      continue;
    }
    const meant = others.includes(name) ? '' : nearRead(shape, name);
    if (meant === '') continue;
    const inner = pathText([...path, name]);
    place.findings.push({
      code: 'unknown-field',
      level: 'warning',
      message: `${place.kind} has no field ${quotedKey(inner)}`,
      suggestion: meant,
      path: inner,
      region: source.region(tape.start(key), tape.end(key)),
    });
  }
  for (const name of required) {
    if (tape.get(at, name) >= 0) continue;
    const start = tape.start(at);
    const inner = pathText([...path, name]);
    place.findings.push({
      code: 'missing-field',
      level: 'error',
      message: `${inner} is missing`,
      expected: `the field ${name} of ${pathText(path) || place.kind}`,
      region: source.region(start, start),
    });
  }
}

const nearNames = new WeakMap<KindShape, Map<string, string>>();

/** How many names are kept; resources of one kind have few. */
const MOST_NAMES = 1000;

/** The name that is read and is near to one that is not, or ''. What thousands of objects have is looked up once. */
function nearRead(shape: KindShape, name: string): string {
  const known = nearNames.get(shape)?.get(name);
  if (known !== undefined) return known;
  const names = memo(nearNames, shape, () => new Map<string, string>());
  if (names.size > MOST_NAMES) names.clear();
  const near = nearName(name, [...shape.read.keys()]) ?? '';
  names.set(name, near);
  return near;
}

function checkValue(place: Place, node: number, expected: Leaf | KindShape | readonly [KindShape]): void {
  const { tape } = place.document;
  const at = tape.resolve(node);
  const kind = tape.kind(at);
  if (kind === Kind.Null) return;
  if (Array.isArray(expected)) checkList(place, at, expected[0] as KindShape);
  else if (typeof expected === 'object') checkMap(place, at, expected as KindShape);
  else if (expected === 'texts') {
    if (kind !== Kind.Map) wrong(place, at, WANTED.texts);
  } else if (
    kind > Kind.String ||
    // Of most values only the kind is looked at, so that most need not be texts.
    (expected !== 'text' && !FITS[expected](tape.string(at), kind === Kind.Number))
  )
    wrong(place, at, WANTED[expected]);
}

function checkList(place: Place, list: number, item: KindShape): void {
  const { document, path } = place;
  const { tape } = document;
  if (tape.kind(list) !== Kind.List) {
    wrong(place, list, 'a list');
    return;
  }
  let index = 0;
  for (let at = list + 1; at < (tape.links[list] as number); at = tape.next(at)) {
    path.push(index++);
    checkMap(place, at, item);
    path.pop();
  }
}

type ScalarLeaf = Exclude<Leaf, 'text' | 'texts'>;

const WANTED: { readonly [Name in Leaf]: string } = {
  text: 'a string',
  texts: 'a map of strings',
  port: 'a number from 1 to 65535',
  portOrName: "a number from 1 to 65535, or the name of a container's port",
  ip: 'an IP address',
  clusterIP: 'an IP address or None',
  protocol: 'TCP, UDP or SCTP',
};

const FITS: { readonly [Name in ScalarLeaf]: (text: string, isNumber: boolean) => boolean } = {
  port: (text) => isPort(text),
  portOrName: (text, isNumber) => (isNumber ? isPort(text) : /^[a-z0-9-]{1,15}$/.test(text)),
  ip: (text) => text === '' || isIP(text) !== 0,
  clusterIP: (text) => text === '' || text === 'None' || isIP(text) !== 0,
  protocol: (text) => text === 'TCP' || text === 'UDP' || text === 'SCTP',
};

function isPort(text: string): boolean {
  return /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 65535;
}

/** What is expected where no single value is. */
const COLLECTIONS: readonly string[] = ['a map', 'a list', WANTED.texts];

function wrong({ document, findings, path: steps }: Place, node: number, expected: string): void {
  const { tape, source } = document;
  const path = pathText(steps);
  // In place of annotations or of the environment there may be anything.
  const isText = tape.kind(node) <= Kind.String && !COLLECTIONS.includes(expected);
  findings.push({
    code: 'wrong-value',
    level: 'error',
    message: isText ? `${path} is ${quotedValue(tape.string(node))}` : `${path} has the wrong type`,
    expected,
    path,
    region: source.region(tape.start(node), tape.end(node)),
  });
}
