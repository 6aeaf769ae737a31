// What has some labels, and what asks for some labels, found without a look at everything: services and
// workloads are as many as one another, and to try each with each would take their product.

import { grouped } from './grouped.js';
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
  const byLabel = grouped(
    items.flatMap((item) => labelKeys(item.namespace, item.labels).map((key) => ({ key, item }))),
    ({ key }) => key,
  );
  const byNamespace = grouped(items, ({ namespace }) => namespace);
  return (namespace, wanted) => {
    const keys = labelKeys(namespace, wanted);
    if (keys.length === 0) return byNamespace.get(namespace) ?? [];
    const lists = keys.map((key) => byLabel.get(key) ?? []);
    const shortest = lists.reduce((a, b) => (b.length < a.length ? b : a));
    return shortest.map(({ item }) => item).filter(({ labels }) => hasLabels(labels, wanted));
  };
}

/** A function that finds those all of whose labels are among some, in their order; those without labels are not. */
export function coveredByLabels<T extends Labelled>(
  items: readonly T[],
): (namespace: string, labels: Labels) => readonly T[] {
  const entries = items.flatMap((item, place) => {
    const [key] = labelKeys(item.namespace, item.labels);
    return key === undefined ? [] : [{ key, item, place }];
  });
  const byFirst = grouped(entries, ({ key }) => key);
  return (namespace, labels) =>
    labelKeys(namespace, labels)
      .flatMap((key) => byFirst.get(key) ?? [])
      .filter(({ item }) => hasLabels(labels, item.labels))
      .sort((a, b) => a.place - b.place)
      .map(({ item }) => item);
}

function labelKeys(namespace: string, labels: Labels): string[] {
  return Object.entries(labels).map(([name, value]) => `${namespace}/${name}=${value}`);
}
