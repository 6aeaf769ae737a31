// A folder that an editor has open: its project file, its configurations, and the texts that are being edited.
// All of them are one run of `validate`, in which an unsaved text takes the place of its file.

import { basename, join, sep } from 'node:path';
import type { Api } from '../../envoy/detect.js';
import type { Versions } from '../../envoy/versions/versions.js';
import type { Finding } from '../../finding/finding.js';
import type { EnvoyConfig } from '../../tls/configs.js';
import { Reading } from '../../validate/reading.js';
import type { Run } from '../../validate/run.js';
import { type ValidatedRun, type ValidateOptions, validateReadings } from '../../validate/validate.js';
import { versionsFor } from '../envoy-target.js';
import { type FileSilences, fileSilences } from '../file-silences.js';
import { statOf } from '../file-system.js';
import { findInputs, readText } from '../inputs.js';
import { type Policies, readPolicies } from '../policies.js';
import { NO_PROJECT } from '../project-config.js';
import { PROJECT_FILE, type Project, projectPath, readProject } from '../project-file.js';

/** Larger folders are not read as a whole: only what is open is checked then. */
const MAX_FILES = 4000;
const MAX_BYTES = 64 << 20;

/** What the project file says, for the runs. */
interface Loaded {
  readonly project: Project;
  readonly silences: FileSilences;
  readonly versions: Versions | undefined;
  readonly policies: Policies;
}

/** A run, and the configurations of a file in it. */
interface LastRead {
  readonly run: Run;
  readonly configs: readonly EnvoyConfig[];
}

/** A folder of the editor, or a single file outside of all of them. */
export class Workspace {
  private loaded: Loaded | undefined;
  /** What was read, by path. */
  private readonly readings = new Map<string, Reading>();
  /** The texts of the editor, by path. */
  private readonly open = new Map<string, string>();
  private validated: ValidatedRun | undefined;
  /** Of each open file the last run in which it could be read: in the middle of typing it cannot. */
  private readonly lastReads = new Map<string, LastRead>();

  /**
   * @param root its path
   * @param isFolder whether what is in it belongs together; else only what is open is looked at
   * @param tell says something to the user
   */
  constructor(
    readonly root: string,
    private readonly isFolder: boolean,
    private readonly tell: (message: string) => void,
  ) {}

  /** Whether a path is in the folder. */
  holds(path: string): boolean {
    return path === this.root || path.startsWith(this.root.endsWith(sep) ? this.root : this.root + sep);
  }

  /** Reads the project file and the configurations; has to come before a run, and again once the project file changed. */
  async load(): Promise<void> {
    const project = readProject(undefined, this.root);
    const silences = await fileSilences(project);
    const policies = await readPolicies(project);
    // A version that is no version of Envoy is a finding of the project file.
    const versions = await versionsFor(project.config.envoy);
    const paths = this.isFolder ? await this.paths(project) : [];
    this.loaded = { project, silences, versions, policies };
    this.readings.clear();
    this.validated = undefined;
    for (const path of paths) this.read(path);
    for (const [path, text] of this.open) this.put(path, text);
  }

  /** The files that have a text in the editor. */
  get openPaths(): readonly string[] {
    return [...this.open.keys()];
  }

  /** Takes the text that a file has in the editor. */
  edit(path: string, text: string): void {
    this.open.set(path, text);
    this.put(path, text);
  }

  /** Goes back to the text that a file has on the disk. */
  close(path: string): void {
    this.open.delete(path);
    this.lastReads.delete(path);
    this.reread(path);
  }

  /** Looks at a file that somebody else changed, made or deleted. */
  reread(path: string): void {
    if (this.open.has(path)) return;
    if (this.readings.delete(path)) this.validated = undefined;
    if (this.isFolder && statOf(path)?.isFile()) this.read(path);
  }

  /** What was read of a file. */
  reading(path: string): Reading | undefined {
    return this.readings.get(path);
  }

  /** Validates everything, unless nothing changed since the last time. */
  validate(): ValidatedRun {
    if (this.validated !== undefined) return this.validated;
    this.validated = validateReadings([...this.readings.values()], this.options);
    for (const path of this.open.keys()) {
      const configs = this.configs(path);
      if (configs.length > 0) this.lastReads.set(path, { run: this.validated.run, configs });
    }
    return this.validated;
  }

  /** The Envoy configurations in a file. */
  configs(path: string): readonly EnvoyConfig[] {
    if (!this.readings.has(path)) return [];
    const configs = this.validate().run.surveys.map(({ config }) => config);
    return configs.filter(({ document }) => document.source.name === path);
  }

  /** The last run in which a file could be read, whatever was typed since. */
  lastRead(path: string): LastRead {
    return this.lastReads.get(path) ?? { run: this.validate().run, configs: [] };
  }

  /** The version of documents that leave it open, if the project file says one. */
  get api(): Api | undefined {
    return this.loaded?.project.config.api;
  }

  /** The project file's path, if there is one. */
  get projectFile(): readonly string[] {
    if (this.loaded === undefined || this.loaded.project.config === NO_PROJECT) return [];
    return [join(this.loaded.project.folder, PROJECT_FILE)];
  }

  /** What is wrong with the project file. */
  get projectFindings(): readonly Finding[] {
    if (this.loaded === undefined) return [];
    return [...this.loaded.project.findings, ...this.loaded.policies.findings];
  }

  private get options(): ValidateOptions {
    if (this.loaded === undefined) return {};
    const { project, silences, versions, policies } = this.loaded;
    const { api, levels } = project.config;
    return {
      ...(api !== undefined && { api }),
      ...(versions !== undefined && { versions }),
      levels,
      policies: policies.rules,
      silenced: silences.isSilenced,
    };
  }

  private read(path: string): void {
    const read = readText(path, path);
    if (!('code' in read)) this.put(path, read.text);
  }

  private put(path: string, text: string): void {
    if (basename(path) === PROJECT_FILE || this.readings.get(path)?.input.text === text) return;
    this.readings.set(path, new Reading({ name: path, text, found: true }));
    this.validated = undefined;
  }

  /** The configurations of the folder: the project's inputs, else all there are. */
  private async paths(project: Project): Promise<readonly string[]> {
    const { inputs } = project.config;
    const given = inputs.length > 0 ? inputs.map((path) => projectPath(project, path)) : [this.root];
    const { places } = await findInputs(given, { stdinFilename: '', output: undefined });
    const paths = places.flatMap(({ path }) => path ?? []);
    let bytes = 0;
    for (const path of paths) bytes += statOf(path)?.size ?? 0;
    if (paths.length <= MAX_FILES && bytes <= MAX_BYTES) return paths;
    this.tell(
      `xdsc: ${this.root} has ${paths.length} files, ${Math.round(bytes / (1 << 20))} MiB: only open files are checked. Set inputs in ${PROJECT_FILE} to have more checked together.`,
    );
    return [];
  }
}
