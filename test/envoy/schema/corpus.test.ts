// The schema check on configurations of other people. What Pilot sends has no error. The files of the corpus
// have those below, each looked at: the text, and what Envoy and its API had at the time.

import { describe, expect, test } from 'vitest';
import { detect } from '../../../src/envoy/detect.js';
import { checkSchema } from '../../../src/envoy/schema/check.js';
import { configMapEntries } from '../../../src/source/config-map.js';
import { type Document, readSource } from '../../../src/source/document.js';
import { hasShared, type SharedFile, sharedFiles } from '../../source/shared-files.js';
import { CORPUS_FINDINGS } from './corpus-findings.js';

const CONFIG = /\.(?:json|ya?ml)$/;
/** The sets that hold what Istio 1.1.7 reads and sends; others hold mistakes on purpose. */
const ISTIO_1_1 = /^conformance\/istio-1\.1\.7/;

function documentsOf({ name, text }: SharedFile): readonly Document[] {
  return readSource(name, text).documents.flatMap((document) => {
    const entries = configMapEntries(document);
    return entries.length === 0 ? [document] : entries.flatMap(({ source }) => source.documents);
  });
}

/** The errors in a file, as `line code path`. */
function errorsIn(file: SharedFile): string[] {
  return documentsOf(file).flatMap((document) =>
    checkSchema(document, detect(document.tape).roots)
      .filter(({ level }) => level === 'error')
      .map(({ region, code, path }) => `${region?.line} ${code} ${path}`),
  );
}

describe.skipIf(!hasShared('conformance'))('conformance', () => {
  test('what Pilot sends has no error', () => {
    const files = sharedFiles('conformance', CONFIG).filter(({ name }) => ISTIO_1_1.test(name));
    const wrong = files.flatMap((file) => errorsIn(file).map((error) => `${file.name}: ${error}`));
    expect(files.length).toBeGreaterThan(1000);
    expect(wrong).toEqual([]);
  }, 120_000);
});

describe.skipIf(!hasShared('corpus'))('corpus', () => {
  test('the files have the errors that were looked at', () => {
    const files = sharedFiles('corpus', CONFIG).filter(({ name }) => !name.startsWith('corpus/templated/'));
    const found = files.flatMap((file) => {
      const errors = errorsIn(file);
      return errors.length === 0 ? [] : [[file.name.replace('corpus/', ''), errors] as const];
    });
    const expected = Object.entries(CORPUS_FINDINGS).map(([name, { errors }]) => [name, errors] as const);
    const untrue = found.filter(([name, errors]) => {
      const known = CORPUS_FINDINGS[name]?.errors ?? [];
      return errors.some((error) => !known.includes(error));
    });
    const share = ((files.length - untrue.length) / files.length) * 100;
    console.log(
      `${files.length} files of the corpus: ${found.length} with errors, ${share.toFixed(1)} % without an untrue one`,
    );
    expect(found).toEqual(expected);
  }, 120_000);
});
