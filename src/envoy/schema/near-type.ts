// The message type that an unknown name was probably meant for.

import { nearName } from '../../finding/near-name.js';
import { messageNames } from '../api-table.js';
import { simpleName } from './type-names.js';

/** A message type of the API that a name is near to: its neighbour in a package, or of another version. */
export function nearType(name: string): string | undefined {
  const simple = simpleName(name);
  const scope = name.slice(0, -simple.length);
  const names = messageNames();
  const neighbours = names.filter(
    (known) => known.startsWith(scope) && !known.slice(scope.length).includes('.'),
  );
  const near = nearName(simple, neighbours.map(simpleName));
  if (near !== undefined) return scope + near;
  return names.find((known) => known.endsWith(`.${simple}`) && sameButOnePart(known, name));
}

function sameButOnePart(a: string, b: string): boolean {
  const [left, right] = [a.split('.'), b.split('.')];
  return left.length === right.length && left.filter((part, i) => part !== right[i]).length === 1;
}
