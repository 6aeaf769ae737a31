// Discovery responses as YAML in block style, without anchors: Envoy need not know them.

import { stringify } from 'yaml';
import type { ResponseForm } from './response.js';

/** Responses as YAML. Every piece is whole lines, so that pieces can be at any depth. */
export const YAML_FORM: ResponseForm = {
  resource: (depth) => (resource, typeUrl) =>
    indented(
      stringify([{ '@type': typeUrl, ...resource }], { aliasDuplicateObjects: false, lineWidth: 0 }),
      depth + 1,
    ),
  *response(typeUrl, resources, text, depth) {
    yield indented(resources.length === 0 ? 'resources: []\n' : 'resources:\n', depth);
    for (const resource of resources) yield text(resource, typeUrl);
    yield indented(`type_url: ${typeUrl}\n`, depth);
  },
  *object(members, depth) {
    for (const [name, pieces] of members) {
      yield indented(`${stringify(name).trimEnd()}:\n`, depth);
      yield* pieces;
    }
  },
  end: '',
};

/** Lines two spaces further in for each level; empty lines stay empty. */
function indented(lines: string, depth: number): string {
  return depth === 0 ? lines : lines.replace(/^(?=.)/gm, '  '.repeat(depth));
}
