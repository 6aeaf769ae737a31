// Finds the project file: in this folder or one above it, up to the root of the repository.

import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { Api } from '../envoy/detect.js';
import type { Finding } from '../finding/finding.js';
import { Failure } from './exit.js';
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
 * @param start the folder to look in, and above
 */
export function readProject(given: string | boolean | undefined, start = '.'): Project {
  const path = typeof given === 'string' ? given : given === false ? undefined : findProjectFile(start);
  if (path === undefined) return { config: NO_PROJECT, folder: '.', findings: [] };
  const read = readText(path, path);
  const folder = dirname(path);
  if ('code' in read) return { config: NO_PROJECT, folder, findings: [read] };
  return { ...readProjectConfig(path, read.text), folder };
}

/** The nearest project file: as a path from here, unless the folder is named from the root. */
function findProjectFile(start: string): string | undefined {
  for (let folder = resolve(start); ; ) {
    const path = join(folder, PROJECT_FILE);
    if (statOf(path)?.isFile()) return isAbsolute(start) ? path : relative('.', path);
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

/** Flags that a project file has defaults for. */
interface DefaultedFlags {
  readonly api?: Api;
  readonly mesh?: string;
  readonly secrets?: string;
  readonly config?: string | boolean;
}

/**
 * Paths and flags with the project's defaults; what was given wins. Where neither the command line nor the
 * project names an input, the program ends.
 *
 * @param needsInput whether the command cannot do without
 */
export function withProject<Flags extends DefaultedFlags>(
  paths: readonly string[],
  flags: Flags,
  findings: Finding[],
  needsInput = true,
): { readonly paths: readonly string[]; readonly flags: Flags } {
  const project = readProject(flags.config);
  const { inputs, api, mesh, secrets } = project.config;
  findings.push(...project.findings);
  const given = paths.length > 0 ? paths : inputs.map((path) => projectPath(project, path));
  if (given.length === 0 && needsInput)
    throw new Failure(`no input: pass files, directories or globs, or set inputs in ${PROJECT_FILE}`);
  return {
    paths: given,
    flags: {
      ...(api !== undefined && { api }),
      ...(mesh !== undefined && { mesh: projectPath(project, mesh) }),
      ...(secrets !== undefined && { secrets: projectPath(project, secrets) }),
      ...flags,
    },
  };
}
