// Silences of the project file: which findings they keep from being reported, and which of them keep none.

import { resolve } from 'node:path';
import type { Finding } from '../finding/finding.js';
import type { FileSilence } from './project-config.js';
import type { Project } from './project-file.js';

/** The silences of a run. */
export interface FileSilences {
  readonly isSilenced: (file: string, code: string) => boolean;
  /** What is wrong with the silences, once all findings were looked at. */
  findings(): Finding[];
}

/** Looks up the files of all silences. */
export async function fileSilences({ config, folder }: Project): Promise<FileSilences> {
  const byFile = new Map<string, { readonly silence: FileSilence; readonly code: string }[]>();
  const used = new Set<FileSilence>();
  for (const silence of config.silences) {
    // Loaded only where there are silences.
    const { glob } = await import('tinyglobby');
    for (const file of await glob([...silence.files], { cwd: resolve(folder), absolute: true, dot: true })) {
      const known = byFile.get(resolve(file)) ?? [];
      byFile.set(resolve(file), [...known, ...silence.rules.map((code) => ({ silence, code }))]);
    }
  }
  return {
    isSilenced: (file, code) => {
      const found = byFile.get(resolve(file))?.find((one) => one.code === code);
      if (found !== undefined) used.add(found.silence);
      return found !== undefined;
    },
    findings: () =>
      config.silences.flatMap((silence) => [
        ...(used.has(silence)
          ? []
          : [silence.about('unused-silence', 'no finding in these files has these codes', 'warning')]),
        ...(silence.reason === undefined
          ? [silence.about('silence-without-reason', 'this silence has no reason', 'note')]
          : []),
      ]),
  };
}
