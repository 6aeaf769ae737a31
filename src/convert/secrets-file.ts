// The user's list of secrets (`--secrets FILE`): which files the SDS server serves under which names.
//
//   certificates:
//     backend: { certificate_chain: /etc/backend/tls.crt, private_key: /etc/backend/tls.key }
//   roots:
//     backend-ca: [/etc/backend/ca.crt, /etc/ssl/backend-ca.pem]

import type { Finding } from '../finding/finding.js';
import { nearName } from '../finding/near-name.js';
import { quoted, quotedKey } from '../secrecy/quoted.js';
import { type Document, readSource } from '../source/document.js';
import { Kind } from '../source/tape.js';
import { CHAIN, PRIVATE_KEY } from '../tls/fields.js';
import type { SecretNames } from '../tls/secret-names.js';

/** Names, and findings of level error for what is wrong with the file. */
export interface ReadSecretNames {
  readonly names: SecretNames;
  readonly findings: readonly Finding[];
}

/** Reads the user's list of secrets. */
export function readSecretNames(name: string, text: string): ReadSecretNames {
  const source = readSource(name, text);
  const reader = new Reader([...source.findings]);
  for (const document of source.documents) reader.read(document);
  return { names: reader.names, findings: reader.findings };
}

/** A certificate's files are named as the API names them. */
const BOTH = `${CHAIN} and ${PRIVATE_KEY}`;

type Members = readonly { readonly name: string; readonly key: number; readonly value: number }[];

class Reader {
  readonly names: {
    certificates: { name: string; chain: string; key: string }[];
    roots: { name: string; path: string }[];
  } = {
    certificates: [],
    roots: [],
  };

  /** Which name each set of files has. */
  private readonly known = new Map<string, string>();
  private document: Document | undefined;

  constructor(readonly findings: Finding[]) {}

  /** Reads a document; several together say what one could. */
  read(document: Document): void {
    this.document = document;
    for (const section of this.members(0, 'the file', ['certificates', 'roots'])) {
      for (const { name, key, value } of this.members(section.value, section.name)) {
        if (name === '')
          this.report(
            key,
            `a secret in ${section.name} has no name`,
            'the name by which the SDS server knows the secret',
          );
        for (const item of this.items(value)) {
          if (section.name === 'certificates') this.certificate(name, item);
          else this.root(name, item);
        }
      }
    }
  }

  private certificate(name: string, node: number): void {
    const what = `the certificate ${name}`;
    const { tape } = this.document as Document;
    if (tape.kind(node) !== Kind.Map) {
      this.report(node, `${what} is not a map`, `a map with ${BOTH}`);
      return;
    }
    const files = new Map<string, string | undefined>();
    const before = this.findings.length;
    for (const member of this.members(node, what, [CHAIN, PRIVATE_KEY]))
      files.set(member.name, this.path(member.value, member.name));
    const missing = [CHAIN, PRIVATE_KEY].filter((one) => !files.has(one));
    // A misspelled member is missing as well, and was reported.
    if (missing.length > 0 && this.findings.length === before)
      this.report(node, `${what} has no ${missing.join(' and no ')}`, BOTH);
    const chain = files.get(CHAIN);
    const key = files.get(PRIVATE_KEY);
    if (chain === undefined || key === undefined) return;
    this.once(node, name, `${chain} with ${key}`);
    this.names.certificates.push({ name, chain, key });
  }

  private root(name: string, node: number): void {
    const path = this.path(node, name);
    if (path === undefined) return;
    this.once(node, name, path);
    this.names.roots.push({ name, path });
  }

  /** The same files under two names: which one is meant cannot be known. */
  private once(node: number, name: string, files: string): void {
    const first = this.known.get(files) ?? name;
    this.known.set(files, first);
    if (first !== name)
      this.report(
        node,
        `${files} already has the name ${quoted(first)} and cannot have the name ${quoted(name)} as well`,
        'one name for each set of files',
      );
  }

  private path(node: number, name: string): string | undefined {
    const { tape } = this.document as Document;
    if (tape.kind(node) === Kind.String) return tape.string(node);
    this.report(node, `${name} is not a path`, 'the path of a file, as seen by Envoy');
    return undefined;
  }

  private items(node: number): number[] {
    const { tape } = this.document as Document;
    if (tape.kind(node) !== Kind.List) return [node];
    const items: number[] = [];
    for (let item = node + 1; item < (tape.links[node] as number); item = tape.next(item))
      items.push(tape.resolve(item));
    return items;
  }

  /** A map's members; names that are not among the known ones are reported and left out. */
  private members(map: number, what: string, known?: readonly string[]): Members {
    const { tape } = this.document as Document;
    if (tape.kind(map) !== Kind.Map) {
      if (tape.kind(map) !== Kind.Null)
        this.report(
          map,
          `${what} is not a map`,
          known === undefined ? 'a map' : `a map with ${known.join(' and ')}`,
        );
      return [];
    }
    const members: { name: string; key: number; value: number }[] = [];
    for (let key = map + 1; key < (tape.links[map] as number); key = tape.next(key + 1)) {
      const name = tape.name(key);
      if (known !== undefined && !known.includes(name)) {
        this.report(
          key,
          `${what} has no field ${quotedKey(name)}`,
          known.join(' or '),
          nearName(name, known),
        );
      } else members.push({ name, key, value: tape.resolve(key + 1) });
    }
    return members;
  }

  private report(node: number, message: string, expected: string, suggestion?: string): void {
    const { tape, source } = this.document as Document;
    this.findings.push({
      code: 'secrets-file',
      level: 'error',
      message,
      expected,
      ...(suggestion !== undefined && { suggestion }),
      region: source.region(tape.start(node), tape.end(node)),
    });
  }
}
