// Which minor versions of Envoy have an element of its API, 1.10 to the newest, and in which it is deprecated or
// disallowed. From a table that `npm run generate` writes (scripts/generate/history.mjs describes it). It is large:
// load this module only for runs that ask about versions.

import table from '../generated/history.data.js';

/** Minor versions, both ends included; an open end is before 1.10, or the newest. */
interface Range {
  readonly first: number;
  readonly last: number;
}

/** When an element was there. */
export interface Lifetime {
  readonly present: readonly Range[];
  readonly deprecated: readonly Range[];
  readonly disallowed: readonly Range[];
  readonly contrib: readonly Range[];
}

/** The oldest minor version that the history tells apart: what is as old or older begins there. */
export const OLDEST_ENVOY = 10;

const NONE: readonly Range[] = [];
const SPEC = /^([\d,-]*)(?:d([\d,-]+))?(?:x([\d,-]+))?(?:w[\d,-]+)?(?:c([\d,-]+))?$/;

/**
 * The lifetime of a message or enum, or of a field or value of it; undefined where the history has none: names
 * outside of `envoy.`, and packages that it does not know.
 *
 * @param type full name of the message or enum
 * @param member proto name of the field or value
 */
export function lifetimeOf(type: string, member?: string): Lifetime | undefined {
  const found = typeEntry(type);
  if (found === undefined) return undefined;
  const own = lifetime(found.spec, found.packageSpec);
  if (member === undefined) return own;
  const spec = found.members.get(member);
  return spec === undefined ? { ...own, deprecated: NONE, disallowed: NONE } : lifetime(spec, undefined, own);
}

/** Whether a version is in one of the ranges. */
export function isIn(ranges: readonly Range[], minor: number): boolean {
  return ranges.some(({ first, last }) => first <= minor && minor <= last);
}

/** The first version of the last time that an element came; undefined where it was there from the beginning. */
export function sinceOf({ present }: Lifetime): number | undefined {
  const first = present.at(-1)?.first ?? 0;
  return first <= OLDEST_ENVOY ? undefined : first;
}

/** The last version that had an element; undefined where the newest has it. */
export function lastOf({ present }: Lifetime): number | undefined {
  const last = present.at(-1)?.last ?? Number.POSITIVE_INFINITY;
  return Number.isFinite(last) ? last : undefined;
}

interface Entry {
  readonly packageSpec: string;
  readonly spec: string;
  readonly members: ReadonlyMap<string, string>;
}

let packages: ReadonlyMap<string, { readonly spec: string; readonly lines: readonly string[] }> | undefined;
const entries = new Map<string, Entry | undefined>();

function typeEntry(type: string): Entry | undefined {
  if (!entries.has(type)) entries.set(type, findEntry(type));
  return entries.get(type);
}

function findEntry(type: string): Entry | undefined {
  packages ??= readPackages();
  const end = type.search(/\.[A-Z]/);
  const scope = packages.get(type.slice(0, end));
  if (scope === undefined) return undefined;
  const local = type.slice(end + 1);
  const line = scope.lines.find((one) => one === local || one.startsWith(`${local} `)) ?? local;
  const [head = '', ...groups] = line.split(' | ');
  const members = groups.flatMap((group) => {
    const [spec = '', names = ''] = group.split(': ');
    return names.split(' ').map((name) => [name, spec] as const);
  });
  return { packageSpec: scope.spec, spec: head.split(' ')[1] ?? '', members: new Map(members) };
}

function readPackages(): NonNullable<typeof packages> {
  return new Map(
    table.split(/\n(?! )/).map((block) => {
      const [head = '', ...lines] = block.split('\n');
      const [name = '', spec = ''] = head.split(' ');
      return [name, { spec, lines: lines.map((line) => line.slice(1)) }];
    }),
  );
}

function lifetime(spec: string, packageSpec: string | undefined, holder?: Lifetime): Lifetime {
  const [, present = '', deprecated, disallowed, contrib] = SPEC.exec(spec) ?? [];
  return {
    present: present === '' ? (holder?.present ?? ranges(packageSpec ?? '-')) : ranges(present),
    deprecated: ranges(deprecated),
    disallowed: ranges(disallowed),
    contrib: ranges(contrib),
  };
}

function ranges(text: string | undefined): readonly Range[] {
  if (text === undefined || text === '') return NONE;
  return text.split(',').map((range) => {
    const [first = '', last = ''] = range.split('-');
    return { first: Number(first || 0), last: last === '' ? Number.POSITIVE_INFINITY : Number(last) };
  });
}
