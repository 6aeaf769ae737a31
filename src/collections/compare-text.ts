// The order of texts, the same on every machine.

/** Orders text by code unit, on every machine alike. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
