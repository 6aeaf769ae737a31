// A browser for pages that are tried, where one is installed: Debian's Chromium.

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The path of Chromium: CHROMIUM_BIN, or the first on PATH. */
export function chromiumPath(): string | undefined {
  const given = process.env.CHROMIUM_BIN;
  if (given !== undefined) return given;
  return (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(folder, name)))
    .find((path) => existsSync(path));
}
