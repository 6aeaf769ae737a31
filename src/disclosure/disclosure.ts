// What of a document may be shown, value by value: what a field of the API that is not sensitive holds, and
// names of fields. All else is not known to be harmless, so it is not shown.

import { oncePer } from '../collections/once-per.js';
import { detect } from '../envoy/detect.js';
import { isKubernetesObject } from '../source/config-map.js';
import type { Document } from '../source/document.js';
import { EnvoyMarks } from './envoy-marks.js';
import { markKubernetes } from './kubernetes-marks.js';
import { Marks } from './marks.js';
import { markUntyped } from './untyped-marks.js';

/** Which nodes of a document may be shown. */
export interface Disclosure {
  /** Whether a key or scalar may be shown as it is. */
  isShown(node: number): boolean;
}

/** Decides for all nodes of a document; once for each. */
export const disclosureOf: (document: Document) => Disclosure = oncePer(decide);

function decide(document: Document): Disclosure {
  const { tape } = document;
  const marks = new Marks(tape);
  if (isKubernetesObject(tape, 0)) markKubernetes(document, marks);
  else {
    const { roots } = detect(tape);
    const envoy = new EnvoyMarks(document, marks);
    // What stands around the messages, as in a list of responses, has keys of no type.
    if (roots.every(({ node }) => node !== 0))
      markUntyped(marks, 0, '', new Set(roots.map(({ node }) => node)));
    for (const { type, node } of roots) envoy.root(type, node);
  }
  return marks;
}
