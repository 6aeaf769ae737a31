// Certificates for peers of the rehearsal itself, and the files of pods whose certificates are mounted.

import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { makeKeyPair } from '../ca/key-pair.js';
import type { KeyType } from '../ca/key-types.js';
import type { OwnAuthority } from '../ca/own.js';
import { WORKLOAD_CHAIN, WORKLOAD_KEY, WORKLOAD_ROOT } from '../istio/workload-files.js';

/** A certificate with its key and the root that it leads to, in PEM. */
export interface Credentials {
  readonly chain: string;
  readonly key: string;
  readonly root: string;
}

/**
 * Makes a key and has it signed.
 *
 * @param lifetime in seconds; one of less than nothing has expired, and was valid
 */
export async function issueCredentials(
  ca: OwnAuthority,
  keyType: KeyType,
  identity: string,
  lifetime: number,
): Promise<Credentials> {
  const { privateKey, csr } = await makeKeyPair(keyType, identity);
  const { signal } = new AbortController();
  const { certificates } = await ca.sign({ csr, identity, token: undefined, lifetime, signal });
  return { chain: certificates.slice(0, -1).join(''), key: privateKey, root: ca.root };
}

/** Writes the files of a mounted secret; those that read them see the old ones or the new ones. */
export function writeMountedFiles(folder: string, { chain, key, root }: Credentials): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const contents = [
    [WORKLOAD_CHAIN, chain],
    [WORKLOAD_KEY, key],
    [WORKLOAD_ROOT, root],
  ] as const;
  for (const [path, text] of contents) {
    const file = join(folder, basename(path));
    writeFileSync(`${file}.new`, text, { mode: 0o600 });
    chmodSync(`${file}.new`, 0o600);
    renameSync(`${file}.new`, file);
  }
}
