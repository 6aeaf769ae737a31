// What is computed once for a context and then used wherever it is needed again.

import type { Context } from './context.js';

/** A function whose result is computed once for each context. */
export function perContext<T extends object>(compute: (context: Context) => T): (context: Context) => T {
  const results = new WeakMap<Context, T>();
  return (context) => {
    let result = results.get(context);
    if (result === undefined) {
      result = compute(context);
      results.set(context, result);
    }
    return result;
  };
}
