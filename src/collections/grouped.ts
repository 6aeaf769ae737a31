// Items by a key, in their order.

/** The item with each key, the last where several have it. */
export function keyed<T>(items: Iterable<T>, key: (item: T) => string): Map<string, T> {
  const map = new Map<string, T>();
  for (const item of items) map.set(key(item), item);
  return map;
}

/** The items with each key. */
export function grouped<Key, T>(
  items: Iterable<T>,
  key: (item: T) => Key,
): ReadonlyMap<Key, readonly [T, ...T[]]> {
  const groups = new Map<Key, [T, ...T[]]>();
  for (const item of items) addToGroup(groups, key(item), item);
  return groups;
}

/** Adds an item to those with a key. */
export function addToGroup<Key, T>(
  groups: { get(key: Key): T[] | undefined; set(key: Key, group: [T, ...T[]]): unknown },
  key: Key,
  item: T,
): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [item]);
  else group.push(item);
}
