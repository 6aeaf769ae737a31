// The texts that are compiled, read once however often they are asked for.

import { memo } from '../collections/memo.js';
import type { Finding } from '../finding/finding.js';
import { type Document, readSource, type Source } from '../source/document.js';
import { passingTemplatesOver } from '../source/passed-over.js';

/** A text with Kubernetes and Istio resources. */
export interface CompileInput {
  readonly name: string;
  readonly text: string;
  /** False for one of a folder's: a template there is skipped. By default it was given by itself. */
  readonly single?: boolean;
}

const sources = new WeakMap<CompileInput, Source>();

/** The documents of texts; findings say what is wrong with their syntax. */
export function documentsOf(inputs: readonly CompileInput[], findings: Finding[] = []): Document[] {
  return inputs.flatMap((input) => {
    const { name, text, single = true } = input;
    const source = memo(sources, input, () => readSource(name, text));
    const said = single ? source.findings : passingTemplatesOver(source.findings);
    // A file that holds only comments is no mistake among others.
    findings.push(...said.filter(({ code }) => code !== 'empty'));
    return source.documents;
  });
}
