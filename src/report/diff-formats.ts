// The forms that the result of a diff takes: one file a form, loaded when it is asked for.

import type { DiffResult } from '../diff/diff.js';
import type { Paint } from './finding-text.js';

type Formatter = (result: DiffResult, paint: Paint) => string;

const FORMATTERS = {
  pretty: async () => (await import('./diff-text.js')).diffText,
  json: async () => (await import('./diff-json.js')).diffJson,
  markdown: async () => (await import('./diff-markdown.js')).diffMarkdown,
  github: async () => (await import('./diff-github.js')).diffGithub,
} satisfies Record<string, () => Promise<Formatter>>;

export type DiffFormat = keyof typeof FORMATTERS;

export const DIFF_FORMATS = Object.keys(FORMATTERS) as DiffFormat[];

/** The result in a form, with a line break at its end. */
export async function formatDiff(result: DiffResult, format: DiffFormat, paint: Paint): Promise<string> {
  const formatter: Formatter = await FORMATTERS[format]();
  return formatter(result, paint);
}
