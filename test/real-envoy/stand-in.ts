// Stands throw-away files in for those that a configuration names, so that an Envoy can start from it here.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Authority } from './certificates.js';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** A folder with a file for each purpose. */
export interface StandIns {
  readonly folder: string;
  readonly chain: string;
  readonly key: string;
  readonly root: string;
  readonly revocations: string;
  readonly text: string;
}

/** Writes the files. */
export async function standIns(folder: string, authority: Authority): Promise<StandIns> {
  mkdirSync(folder, { recursive: true });
  const { certificate, key } = await authority.issue({ names: ['localhost'] });
  const write = (name: string, content: string): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  return {
    folder,
    chain: write('chain.pem', certificate),
    key: write('key.pem', key),
    root: write('root.pem', authority.root),
    revocations: write('crl.pem', await authority.revocations()),
    text: write('text', 'throw-away'),
  };
}

/** A copy of a configuration that names the files that stand in. */
export function withStandIns(value: Json, files: StandIns): Json {
  return visit(value, '', files);
}

function visit(value: Json, holder: string, files: StandIns): Json {
  if (Array.isArray(value)) return value.map((item) => visit(item, holder, files));
  if (typeof value !== 'object' || value === null) return value;
  const copy: { [name: string]: Json } = {};
  for (const [name, member] of Object.entries(value)) {
    copy[name] =
      typeof member === 'string'
        ? (standIn(name, holder, value, files) ?? member)
        : visit(member, name, files);
  }
  return copy;
}

/** The file in the place of a string that names one; undefined for other strings. */
function standIn(
  name: string,
  holder: string,
  around: { [name: string]: Json },
  files: StandIns,
): string | undefined {
  if (name === 'filename') return fileFor(holder, files);
  if (name === 'path') {
    if (/^watched_?directory$/i.test(holder)) return files.folder;
    if (/^path_?config_?source$/i.test(holder)) return files.text;
    if (/FileAccessLog$/.test(String(around['@type'])) || /^\/dev\/std/.test(String(around.path)))
      return '/dev/null';
  }
  if (/^event_?log_?path$/i.test(name)) return '/dev/null';
  if (/^symlink_?root$/i.test(name)) return files.folder;
  return undefined;
}

function fileFor(holder: string, files: StandIns): string {
  if (/^certificate_?chain$/i.test(holder)) return files.chain;
  if (/^private_?key$/i.test(holder)) return files.key;
  if (/^(?:trusted_?ca|root_?certs)$/i.test(holder)) return files.root;
  if (/^crl$/i.test(holder)) return files.revocations;
  if (/^cert_?chain$/i.test(holder)) return files.chain;
  return files.text;
}
