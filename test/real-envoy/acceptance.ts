// Tries configurations with the real Envoy: each in a bootstrap, with throw-away files for those that it names.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSource } from '../../src/source/document.js';
import { readConfigs } from '../../src/tls/configs.js';
import { Authority } from './certificates.js';
import { refusals } from './envoy.js';
import { type StandIns, standIns, withStandIns } from './stand-in.js';
import { bootstrapsOf, type Fields } from './wrap.js';

/** A configuration in v3, by the name that the verdict is told under. */
export interface Candidate {
  readonly name: string;
  readonly text: string;
}

/** A folder for files to try; removed by `close`. */
export class Trial {
  private constructor(
    private readonly folder: string,
    private readonly files: StandIns,
  ) {}

  static async open(): Promise<Trial> {
    const folder = mkdtempSync(join(tmpdir(), 'xdsc-envoy-'));
    return new Trial(folder, await standIns(join(folder, 'files'), await Authority.create()));
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** What Envoy says of each configuration; undefined where it accepts all that it holds. */
  async verdicts(envoy: string, candidates: readonly Candidate[]): Promise<Map<string, string | undefined>> {
    const written = candidates.flatMap(({ name, text }, i) =>
      this.bootstraps(text).map((bootstrap, j) => {
        const file = join(this.folder, `${i}-${j}.json`);
        writeFileSync(file, JSON.stringify(withStandIns(bootstrap, this.files)));
        return { name, file };
      }),
    );
    const said = await refusals(
      envoy,
      written.map(({ file }) => file),
    );
    const verdicts = new Map<string, string | undefined>(candidates.map(({ name }) => [name, undefined]));
    written.forEach(({ name }, i) => {
      if (said[i] !== undefined) verdicts.set(name, said[i]);
    });
    return verdicts;
  }

  private bootstraps(text: string): Fields[] {
    const { configs } = readConfigs(readSource('candidate', text), 'v3');
    return configs.flatMap(({ document, detected }) => bootstrapsOf(document.tape, detected.roots));
  }
}
