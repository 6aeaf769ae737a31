// What other people wrote: a file says the same as itself, also in other words, and what two files say
// differently is the mirror of what they say the other way round.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { type DiffInput, type DiffResult, diff } from '../../src/diff/diff.js';
import type { Meaning } from '../../src/diff/meaning/meaning.js';
import { plain } from '../../src/diff/plain.js';
import type { Change } from '../../src/diff/tls/change.js';
import { changesTrust } from '../../src/diff/tls/tls-difference.js';
import { readSource } from '../../src/source/document.js';
import { Style } from '../../src/source/tape.js';
import { sharedFolder } from '../shared.js';
import { inOtherWords } from './other-words.js';

const corpus = sharedFolder('corpus');

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:json|ya?ml)$/.test(name) && !name.startsWith('templated/'))
    .sort();
}

const names = corpus === undefined ? [] : filesIn(corpus);
const read = (name: string): DiffInput => ({
  name,
  text: readFileSync(join(corpus as string, name), 'utf8'),
});

/** One line a change. */
function lines({ changes }: DiffResult): string[] {
  return changes.map(
    ({ resource, path, kind, tls }) =>
      `${kind} ${resource.kind} ${resource.name} ${path} ${tls?.class ?? ''}`,
  );
}

describe.skipIf(corpus === undefined)('a file of the corpus', () => {
  test.each(names)('%s says the same as itself', (name) => {
    const input = read(name);
    const { changes, verdict } = diff([input], [{ ...input, name: `again-${name}` }]);
    expect(changes).toHaveLength(0);
    expect(verdict.trust).toBe('same');
  });

  test.each(names)('%s says the same in other words', (name) => {
    const input = read(name);
    const source = readSource(input.name, input.text);
    // Merge keys and what stands twice are told in no other words.
    if (
      source.documents.some(({ tape }) =>
        tape.styles.some((style) => (style & (Style.Merge | Style.Ignored)) !== 0),
      )
    )
      return;
    if (source.findings.some(({ code }) => code === 'duplicate-key')) return;
    for (const [i, document] of source.documents.entries()) {
      const words = inOtherWords(document, i + 1);
      if (words === undefined || source.documents.length > 1) continue;
      const json = { name: 'other.json', text: JSON.stringify(words, null, 1) };
      const yaml = { name: 'other.yaml', text: stringify(words) };
      expect(lines(diff([input], [json])), 'json').toEqual([]);
      expect(lines(diff([yaml], [input])), 'yaml').toEqual([]);
    }
  });
});

const OPPOSITE: Readonly<Record<string, string>> = {
  added: 'removed',
  removed: 'added',
};

function text(meaning: Meaning | undefined): string {
  return meaning === undefined ? '' : JSON.stringify(plain(meaning));
}

/** Whether a change is of a way in or out, which may open in one direction only. */
function isOfWay({ old, new: now, tls }: Change): boolean {
  return old === undefined && now === undefined && tls?.field === '' && tls.class !== 'disruptive';
}

/** Whether a change is one that only one direction weighs: a source that listeners or clusters begin to come from. */
function isOneWay(change: Change): boolean {
  return isOfWay(change) || (change.path.startsWith('dynamic_resources') && change.kind !== 'changed');
}

/**
 * A change as both directions tell it, the class aside, which may be loosened both ways. A listener that took
 * another's address goes by its newer name.
 */
function mirrored({ resource, kind, old, new: now, tls, moved }: Change, back: boolean): string {
  const sides = [text(old), tls?.old ?? '', moved === undefined ? '' : String(moved.from)];
  const others = [text(now), tls?.new ?? '', moved === undefined ? '' : String(moved.to)];
  const between = back ? [...others, ...sides] : [...sides, ...others];
  const name = resource.kind === 'listener' ? '' : resource.name;
  return [resource.kind, name, back ? (OPPOSITE[kind] ?? kind) : kind, ...between].join('|');
}

describe.skipIf(corpus === undefined)('two files of the corpus', () => {
  const pairs = names.flatMap((name, i) => {
    const folder = name.split('/')[0];
    return names
      .slice(i + 1, i + 2)
      .filter((other) => other.startsWith(`${folder}/`))
      .map((other) => [name, other] as const);
  });

  test.each(pairs)('%s and %s mirror each other', (a, b) => {
    const [there, back] = [diff([read(a)], [read(b)]), diff([read(b)], [read(a)])];
    const sorted = (result: DiffResult, isBack: boolean): string =>
      result.changes
        .filter((change) => !isOneWay(change))
        .map((change) => mirrored(change, isBack))
        .sort()
        .join('\n');
    expect(sorted(back, true)).toBe(sorted(there, false));
    const trust = ({ changes }: DiffResult): boolean =>
      changes.some((change) => !isOneWay(change) && change.tls !== undefined && changesTrust(change.tls));
    expect(trust(back)).toBe(trust(there));
  });
});
