// Values derived from an object and kept for as long as the object lives.

/**
 * A function whose result is computed once for each object it is given.
 *
 * @param make computes the result; it may return undefined, which is kept as well
 */
export function oncePer<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const results = new WeakMap<Key, { readonly value: Value }>();
  return (key) => {
    let result = results.get(key);
    if (result === undefined) {
      result = { value: make(key) };
      results.set(key, result);
    }
    return result.value;
  };
}
