// What has some labels, and what asks for some labels, found without a look at everything: services and
// workloads are as many as one another, and to try each with each would take their product.

import { addToGroup } from '../collections/grouped.js';
import { memo } from '../collections/memo.js';
import { hasLabels } from './instances.js';
import type { Labels } from './model.js';

/** Something with a namespace and labels. */
interface Labelled {
  readonly namespace: string;
  readonly labels: Labels;
}

/** A function that finds those that have some labels in a namespace, in their order. */
export function havingLabels<T extends Labelled>(
  items: readonly T[],
): (namespace: string, wanted: Labels) => readonly T[] {
  const byNamespace = new Map<string, Map<string, T[]>>();
  for (const item of items) {
    const byLabel = memo(byNamespace, item.namespace, () => new Map<string, T[]>());
    for (const name in item.labels) addToGroup(byLabel, labelKey(item.labels, name), item);
  }
  return (namespace, wanted) => {
    const byLabel = byNamespace.get(namespace);
    let shortest: readonly T[] | undefined;
    for (const name in wanted) {
      const list = byLabel?.get(labelKey(wanted, name)) ?? [];
      if (shortest === undefined || list.length < shortest.length) shortest = list;
    }
    return (
      shortest?.filter(({ labels }) => hasLabels(labels, wanted)) ??
      items.filter((item) => item.namespace === namespace)
    );
  };
}

/** A function that finds those all of whose labels are among some, in their order; those without labels are not. */
export function coveredByLabels<T extends Labelled>(
  items: readonly T[],
): (namespace: string, labels: Labels) => readonly T[] {
  const byFirst = new Map<string, { readonly item: T; readonly place: number }[]>();
  items.forEach((item, place) => {
    for (const name in item.labels) {
      addToGroup(byFirst, `${item.namespace}/${labelKey(item.labels, name)}`, { item, place });
      break;
    }
  });
  return (namespace, labels) => {
    if (byFirst.size === 0) return [];
    return Object.keys(labels)
      .flatMap((name) => byFirst.get(`${namespace}/${labelKey(labels, name)}`) ?? [])
      .filter(({ item }) => hasLabels(labels, item.labels))
      .sort((a, b) => a.place - b.place)
      .map(({ item }) => item);
  };
}

function labelKey(labels: Labels, name: string): string {
  return `${name}=${labels[name]}`;
}
