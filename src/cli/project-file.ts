// Finds the project file: in this folder or one above it, up to the root of the repository.

import { dirname, join, relative, resolve } from 'node:path';
import type { Finding } from '../finding/finding.js';
import { statOf } from './file-system.js';
import { readText } from './inputs.js';
import { NO_PROJECT, type ProjectConfig, readProjectConfig } from './project-config.js';

/** What a project file is called. */
export const PROJECT_FILE = 'xdsc.config.yaml';

/** A project file that was read, or none. */
export interface Project {
  readonly config: ProjectConfig;
  /** The folder that its paths count from. */
  readonly folder: string;
  readonly findings: readonly Finding[];
}

/**
 * Reads the project file.
 *
 * @param given the file to read; false for none; else it is looked for
 */
export function readProject(given: string | boolean | undefined): Project {
  const path = typeof given === 'string' ? given : given === false ? undefined : findProjectFile();
  if (path === undefined) return { config: NO_PROJECT, folder: '.', findings: [] };
  const read = readText(path, path);
  const folder = dirname(path);
  if ('code' in read) return { config: NO_PROJECT, folder, findings: [read] };
  return { ...readProjectConfig(path, read.text), folder };
}

/** The nearest project file, as a path from here. */
function findProjectFile(): string | undefined {
  for (let folder = resolve('.'); ; ) {
    const path = join(folder, PROJECT_FILE);
    if (statOf(path)?.isFile()) return relative('.', path);
    const above = dirname(folder);
    // What lies above a repository is somebody else's.
    if (statOf(join(folder, '.git')) !== undefined || above === folder) return undefined;
    folder = above;
  }
}

/** A path of a project file as one from here. */
export function projectPath({ folder }: Project, path: string): string {
  return join(folder, path);
}
