// What was moved or renamed on purpose (`--rename FILE`): the older side is read as if it were called so already.
//
//   names: { backend: backend-v2 }          clusters, listeners, routes, endpoints and secrets
//   addresses: { 10.0.0.1: 10.0.0.9 }       hosts, also those of gRPC targets
//   ports: { 8443: 9443 }
//   paths: { /etc/certs: /var/run/certs }   files and sockets, and all below a folder

import type { Finding } from '../finding/finding.js';
import { nearName } from '../finding/near-name.js';
import { quoted } from '../secrecy/quoted.js';
import { type Document, readSource } from '../source/document.js';
import { Kind, type Tape } from '../source/tape.js';

const SECTIONS = ['names', 'addresses', 'ports', 'paths'] as const;
type Section = (typeof SECTIONS)[number];

const SINGULAR: Readonly<Record<Section, string>> = {
  names: 'name',
  addresses: 'address',
  ports: 'port',
  paths: 'path',
};

/** What each thing is called now, by what it was called. */
export type Renames = Readonly<Record<Section, ReadonlyMap<string, string>>>;

/** Renames, and findings of level error for what is wrong with the file. */
export interface ReadRenames {
  readonly renames: Renames;
  readonly findings: readonly Finding[];
}

/** Reads the user's list of renames, in YAML or JSON. */
export function readRenames(name: string, text: string): ReadRenames {
  const source = readSource(name, text);
  const findings = [...source.findings];
  const renames: Record<Section, Map<string, string>> = {
    names: new Map(),
    addresses: new Map(),
    ports: new Map(),
    paths: new Map(),
  };
  for (const document of source.documents) new Reader(document, findings).read(renames);
  return { renames, findings };
}

class Reader {
  constructor(
    private readonly document: Document,
    private readonly findings: Finding[],
  ) {}

  read(renames: Readonly<Record<Section, Map<string, string>>>): void {
    for (const [name, key, value] of this.members(0, 'the file')) {
      if (!isSection(name)) {
        const suggestion = nearName(name, SECTIONS);
        this.report(key, `${quoted(name)} is not a section of renames`, SECTIONS.join(', '), suggestion);
        continue;
      }
      for (const [from, , to] of this.members(value, name)) {
        const { tape } = this.document;
        const kind = tape.kind(to);
        if (kind === Kind.String || kind === Kind.Number) renames[name].set(from, tape.string(to));
        else this.report(to, `${quoted(from)} in ${name} has no new name`, 'a string');
      }
    }
  }

  private members(node: number, what: string): [name: string, key: number, value: number][] {
    const { tape } = this.document;
    if (tape.kind(node) !== Kind.Map) {
      this.report(node, `${what} is not a map`, 'a map from each old name to its new name');
      return [];
    }
    const found: [string, number, number][] = [];
    for (let key = node + 1; key < (tape.links[node] as number); key = tape.next(key + 1))
      found.push([tape.name(key), key, tape.resolve(key + 1)]);
    return found;
  }

  private report(node: number, message: string, expected: string, suggestion?: string): void {
    const { source, tape } = this.document;
    this.findings.push({
      code: 'rename-file',
      level: 'error',
      message,
      expected,
      region: source.region(tape.start(node), tape.end(node)),
      ...(suggestion !== undefined && { suggestion }),
    });
  }
}

function isSection(name: string): name is Section {
  return (SECTIONS as readonly string[]).includes(name);
}

/** Which renames the value of a key may have, by the key's name without `_` and in small letters. */
const SECTION_OF: readonly (readonly [RegExp, Section])[] = [
  [/^(?:portvalue|destinationport|namedport)$/, 'ports'],
  [/^(?:filename|path|targeturi)$/, 'paths'],
  [/^(?:address|addressprefix|targeturi)$/, 'addresses'],
  [/(?:name|names|clusters?|collectorcluster|cluster)$/, 'names'],
];

/**
 * Reads what a document says under its new names.
 *
 * @returns the renames that it needed, in words
 */
export function rename({ tape }: Document, renames: Renames): readonly string[] {
  const known = renamedTapes.get(tape);
  if (known !== undefined) return known;
  const used = new Set<string>();
  const sections = tape.names.map(sectionsOf);
  for (let key = 0; key < tape.size; key++) {
    if (tape.kind(key) !== Kind.Key) continue;
    const may = sections[tape.links[key] as number] ?? [];
    for (const node of may.length === 0 ? [] : scalarsAt(tape, key + 1)) {
      for (const section of may) {
        const from = tape.string(node);
        const to = section === 'paths' ? movedPath(from, renames.paths) : renamed(from, section, renames);
        if (to === undefined || to[1] === from) continue;
        tape.override(node, to[1]);
        used.add(`${SINGULAR[section]} ${to[0]}`);
        break;
      }
    }
  }
  const said = [...used];
  renamedTapes.set(tape, said);
  return said;
}

/** A text is read under its new names once: some renames swap two names. */
const renamedTapes = new WeakMap<Tape, readonly string[]>();

function sectionsOf(name: string): Section[] {
  const folded = name.replaceAll('_', '').toLowerCase();
  return SECTION_OF.flatMap(([fits, section]) => (fits.test(folded) ? [section] : []));
}

/** A value, or the items of a list of them. */
function scalarsAt(tape: Tape, at: number): number[] {
  const node = tape.resolve(at);
  const kind = tape.kind(node);
  if (kind === Kind.String || kind === Kind.Number) return [node];
  if (kind !== Kind.List) return [];
  const items: number[] = [];
  for (let item = node + 1; item < (tape.links[node] as number); item = tape.next(item))
    if (tape.kind(tape.resolve(item)) === Kind.String) items.push(tape.resolve(item));
  return items;
}

type Applied = readonly [words: string, text: string];

function renamed(from: string, section: Section, renames: Renames): Applied | undefined {
  if (section === 'addresses') {
    const [, host = '', port = ''] = /^(.*?)(:\d+)?$/.exec(from) ?? [];
    const [was, is] = [
      renames.addresses.get(host),
      port === '' ? undefined : renames.ports.get(port.slice(1)),
    ];
    if (was === undefined && is === undefined) return undefined;
    return [words(host, was ?? host), `${was ?? host}${is === undefined ? port : `:${is}`}`];
  }
  const to = renames[section].get(from);
  return to === undefined ? undefined : [words(from, to), to];
}

function movedPath(text: string, paths: ReadonlyMap<string, string>): Applied | undefined {
  const [, scheme = '', path = ''] = /^(unix:(?:\/\/(?=\/))?)?(.*)$/s.exec(text) ?? [];
  for (const [from, to] of paths) {
    const isBelow = path.startsWith(`${from.replace(/\/$/, '')}/`);
    if (path === from || isBelow) return [words(from, to), scheme + to + path.slice(from.length)];
  }
  return undefined;
}

function words(from: string, to: string): string {
  return `${quoted(from)} is ${quoted(to)} now`;
}
