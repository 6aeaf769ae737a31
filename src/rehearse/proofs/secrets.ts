// No private key is in any file: neither in those of the rehearsal, nor in those that an Envoy has open, nor in what
// its admin interface shows; and what was compiled names no secret in a file.

import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { plural } from '../../finding/plural.js';
import { validate } from '../../validate/validate.js';
import { fileText, type ProxyFiles } from '../compiled.js';
import type { Proof } from '../proof.js';
import type { Stage } from '../stage.js';

/** How keys in PEM begin, as text and, at each of three offsets, in base64. */
const KEYS = [
  'PRIVATE KEY-----',
  ...[0, 1, 2].map((offset) =>
    Buffer.from(`${'-'.repeat(offset)}PRIVATE KEY-----`)
      .toString('base64')
      .slice(4, 20),
  ),
];
/** Larger files are not read: no configuration is as large. */
const LARGEST = 64 << 20;

/** Looks for private keys. */
export async function secretsProof(stage: Stage): Promise<Proof> {
  const problems: string[] = [];
  let files = 0;
  const look = (path: string, where: string): void => {
    if (!isReadable(path)) return;
    files++;
    if (holdsKey(readFileSync(path, 'latin1'))) problems.push(`${where} holds a private key`);
  };
  // Where plan keeps the secret, it is there for all to see.
  const kept = stage.pods.filter(({ mounts }) => mounts.secret);
  const isKept = (path: string): boolean =>
    kept.some(({ mountedFolder }) => path.startsWith(`${mountedFolder}/`));
  for (const path of filesIn(stage.folder).filter((one) => !isKept(one)))
    look(path, path.slice(stage.folder.length + 1));
  let proxies = 0;
  for (const { envoy, compiled, name } of stage.pods) {
    if (envoy === undefined) continue;
    proxies++;
    for (const path of openFilesOf(envoy.pid)) look(path, `a file that the Envoy of ${name} has open`);
    const dump = await envoy.admin('/config_dump?include_eds').catch(() => undefined);
    if (dump === undefined) problems.push(`the Envoy of ${name} does not answer`);
    else if (holdsKey(dump)) problems.push(`the config dump of ${name} holds a private key`);
    for (const message of secretFilesIn(compiled)) problems.push(`the configuration of ${name}: ${message}`);
  }
  return {
    name: 'secrets',
    ok: problems.length === 0 && proxies > 0,
    detail: `looked for private keys in ${plural(files, 'file')} and in what ${plural(proxies, 'Envoy')} have open and show, and for files with secrets in the configuration${kept.map(({ name }) => `; ${name} keeps its mounted secret, as xdsc plan says`).join('')}`,
    problems,
  };
}

function holdsKey(text: string): boolean {
  return KEYS.some((key) => text.includes(key));
}

function isReadable(path: string): boolean {
  try {
    const stats = statSync(path);
    return stats.isFile() && stats.size <= LARGEST;
  } catch {
    return false;
  }
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Files that a process has open; sockets, pipes and what has no name are none. */
function openFilesOf(pid: number | undefined): string[] {
  const folder = `/proc/${pid}/fd`;
  return descriptorsIn(folder).flatMap((descriptor) => {
    try {
      const target = readlinkSync(join(folder, descriptor));
      return target.startsWith('/') && !target.startsWith('/dev/') ? [join(folder, descriptor)] : [];
    } catch {
      // It is closed by now.
      return [];
    }
  });
}

function descriptorsIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // The process has ended.
    return [];
  }
}

/** What `validate --forbid secret-files` finds in a configuration. */
function secretFilesIn(files: ProxyFiles): string[] {
  const inputs = [...files].map(([name, content]) => ({ name, text: fileText(content) }));
  const { findings } = validate(inputs, { ask: new Set(['secret-files']) });
  return findings.filter(({ code }) => code === 'secret-files').map(({ message }) => message);
}
