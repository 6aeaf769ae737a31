// Plain values of Kubernetes objects, whatever stands in them: a map, a list of maps, a text.

export type Fields = { readonly [field: string]: unknown };

/** The fields of a map; none of what is no map. */
export function fieldsOf(value: unknown): Fields {
  return value !== null && typeof value === 'object' ? (value as Fields) : {};
}

/** The maps of a list; none of what is no list. */
export function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

/** A scalar as text; '' for what is absent. */
export function textOf(value: unknown): string {
  return value === undefined || value === null ? '' : String(value);
}

/** A port as its number or its name. */
export function portOrName(value: unknown): number | string {
  return typeof value === 'number' ? value : textOf(value);
}
