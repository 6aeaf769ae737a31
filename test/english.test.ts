// What users read is plain English: phrases that made readers stop are banned from strings and docs.

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');

/** Words and phrases, each with what to write instead. */
const BANNED: readonly (readonly [RegExp, string])[] = [
  [/\b(?:tells?|told)\b/i, 'says, reports, shows'],
  [/\bstands?\b(?! for\b)(?!alone)/i, 'is'],
  [/\bstands? (?:twice|for text|behind)\b/i, 'duplicate, is a placeholder, is defined after'],
  [/\bsaid\b/i, 'specified, given, reported'],
  [/\bbe it\b/i, 'or'],
  [/\bwhoever\b|\bnobody\b/i, 'anyone, no one; better the thing itself'],
  [/\bof which there is none\b|\bwhere that is so\b|\bthe way of\b|\bby way of\b/i, 'plain words'],
  [/\bpass(?:ed|es|ing)? over\b/i, 'skip'],
  [/\bmends?\b|\bmended\b/i, 'fix'],
  [/\bin the place of\b/i, 'instead of'],
  [/\bno matter of\b|\bfor the time of\b|\bbeside SDS\b/i, 'unrelated to, during, alongside SDS'],
  [/\bleaves? it open\b|\bby its content\b|\bits content tells\b/i, 'does not say, detected'],
  [/\bask for a rule\b|\bwhose oddities\b|\bwhose proxy\b/i, 'enable a rule, quirks, target proxy'],
  [/\bwhat messages call\b/i, 'file name to report'],
  [
    /\bcannot stand here\b|\bmissing behind\b|\bput it into a list\b/i,
    'unexpected token, after, wrap in a list',
  ],
  [/(?<!there )\bis no (?!longer\b)[a-z]/i, 'is not a'],
  [/\bthis is a mistake in xdsc\b/i, 'internal error in xdsc'],
  [/\bbelieves the other\b/i, 'accepts certificates from'],
  [/\bthere is no \w+ that\b/i, 'no X …'],
  [/\bits like\b|\btheir like\b/i, 'similar workloads, and so on'],
  [
    /\bcolour|\bneighbour|\bbehaviour|\bhonour|\bcatalogue\b|\blicence\b|\b\w+isation\b/i,
    'American spelling',
  ],
];

const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.includes(`${sep}generated${sep}`))
  .map((path) => join('src', path));

const papers = [
  ...readdirSync(ROOT).filter((file) => file.endsWith('.md')),
  ...readdirSync(join(ROOT, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
];

/** The sentences in a source's string literals: texts with a space, placeholders replaced by `…`. */
function* sentences(text: string): Generator<readonly [line: number, sentence: string]> {
  const code = text.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, (comment) =>
    comment.replace(/[^\n]/g, ' '),
  );
  for (const literal of code.matchAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g)) {
    const sentence = literal[0].slice(1, -1).replace(/\$\{[^}]*\}/g, '…');
    if (!/\w \w/.test(sentence)) continue;
    yield [text.slice(0, literal.index).split('\n').length, sentence];
  }
}

function complaints(where: string, sentence: string): string[] {
  return BANNED.filter(([phrase]) => phrase.test(sentence)).map(
    ([phrase, instead]) =>
      `${where}: ${phrase.exec(sentence)?.[0]} → ${instead}: ${sentence.trim().slice(0, 160)}`,
  );
}

test('strings in src/ hold no banned phrase', () => {
  const found = sources.flatMap((path) =>
    [...sentences(readFileSync(join(ROOT, path), 'utf8'))].flatMap(([line, sentence]) =>
      complaints(`${path}:${line}`, sentence),
    ),
  );
  expect(found).toEqual([]);
});

test('papers hold no banned phrase', () => {
  const found = papers.flatMap((paper) =>
    readFileSync(join(ROOT, paper), 'utf8')
      .split('\n')
      .flatMap((line, i) => complaints(`${paper}:${i + 1}`, line.replace(/`[^`]*`/g, '…'))),
  );
  expect(found).toEqual([]);
});
