// Names of resources, and the places of their fields in the text that they were read from.

import type { Region } from '../../../finding/finding.js';
import type { Config } from '../../../mesh/model.js';
import type { Document } from '../../../source/document.js';
import { fieldPlace } from '../../../source/field-place.js';

/** A path of field names and indices in a resource. */
export type FieldPath = readonly (string | number)[];

/** Where a field of a resource's spec is. */
export function placeOf({ document, node }: ResourceNode, path: FieldPath = []): Region {
  return fieldPlace(document, node, path);
}

export interface ResourceNode {
  readonly document: Document;
  readonly node: number;
}

/** `Kind name.namespace`. */
export function resourceName({
  kind,
  name,
  namespace,
}: Pick<Config<unknown>, 'kind' | 'name' | 'namespace'>): string {
  return namespace === '' ? `${kind} ${name}` : `${kind} ${name}.${namespace}`;
}
