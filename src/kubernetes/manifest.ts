// Manifests as text: YAML with a comment above each object that says what it is for.

import { Document } from 'yaml';

/** A Kubernetes object and what to know of it. */
export interface Manifest {
  readonly comment: readonly string[];
  readonly object: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly [field: string]: unknown;
  };
}

/** The YAML stream of some manifests. */
export function manifestsText(manifests: readonly Manifest[]): string {
  return manifests
    .map(({ comment, object }) => {
      const document = new Document(object, { aliasDuplicateObjects: false });
      const yaml = document.toString({ lineWidth: 0, indentSeq: false });
      return comment.map((line) => (line === '' ? '#\n' : `# ${line}\n`)).join('') + yaml;
    })
    .join('---\n');
}
