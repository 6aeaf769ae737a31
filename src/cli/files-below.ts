// The configuration files below a folder.

import { type Dirent, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { isSystemError, statOf, systemReason } from './file-system.js';

/** Files, and folders that could not be looked into. */
interface FilesBelow {
  readonly files: string[];
  readonly unread: { readonly folder: string; readonly reason: string }[];
}

/**
 * The JSON and YAML files below a folder, through symbolic links. A link that leads nowhere is among them, so that
 * reading tells it. What is hidden is left out, and so are the folders of npm.
 */
export function filesBelow(folder: string): FilesBelow {
  const found: FilesBelow = { files: [], unread: [] };
  look(folder, new Set(), found);
  return found;
}

/** @param around the folders around it, where they are: links may lead back to one */
function look(folder: string, around: ReadonlySet<string>, found: FilesBelow): void {
  let entries: Dirent[];
  let real: string;
  try {
    real = realpathSync(folder);
    if (around.has(real)) return;
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (!isSystemError(error)) throw error;
    found.unread.push({ folder, reason: systemReason(error) });
    return;
  }
  const within = new Set([...around, real]);
  for (const entry of entries) {
    const { name } = entry;
    if (name.startsWith('.')) continue;
    const path = join(folder, name);
    const stats = entry.isSymbolicLink() ? statOf(path) : entry;
    if (stats?.isDirectory()) {
      if (name !== 'node_modules') look(path, within, found);
    } else if ((stats === undefined || stats.isFile()) && /\.(?:json|ya?ml)$/.test(name))
      found.files.push(path);
  }
}
