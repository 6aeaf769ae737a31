// Whether a value keeps the rules of validate.proto, as protoc-gen-validate's generated code decides it, and
// the rules in words.

import { memo } from '../../collections/memo.js';
import { formatName, hasFormat } from './formats.js';
import type { Bound, FieldRules, ValueRules } from './rules.js';
import { type Comparable, durationNanos } from './well-known.js';

/** Whether a text keeps its rules. */
export function stringKeeps(text: string, rules: ValueRules): boolean {
  if (rules.ignoreEmpty === true && text === '') return true;
  const { len, minLen, maxLen, lenBytes, minBytes, maxBytes } = rules;
  if (len !== undefined || minLen !== undefined || maxLen !== undefined) {
    if (!lengthKeeps(characters(text), len, minLen, maxLen)) return false;
  }
  if (lenBytes !== undefined || minBytes !== undefined || maxBytes !== undefined) {
    if (!lengthKeeps(Buffer.byteLength(text), lenBytes, minBytes, maxBytes)) return false;
  }
  const { prefix, suffix, contains, notContains, format, pattern } = rules;
  return (
    isAllowed(text, rules) &&
    (prefix === undefined || text.startsWith(prefix)) &&
    (suffix === undefined || text.endsWith(suffix)) &&
    (contains === undefined || text.includes(contains)) &&
    (notContains === undefined || !text.includes(notContains)) &&
    (format === undefined || hasFormat(text, format, rules.strict)) &&
    (pattern === undefined || expression(pattern).test(text))
  );
}

/** Whether a `bytes` value of a length keeps its rules; the API has no others for bytes. */
export function bytesKeep(length: number, { len, minLen, maxLen }: ValueRules): boolean {
  return lengthKeeps(length, len, minLen, maxLen);
}

/** Whether a number keeps its rules. */
export function numberKeeps(value: Comparable, rules: ValueRules): boolean {
  if (rules.ignoreEmpty === true && Number(value) === 0) return true;
  return isAllowedNumber(value, rules, comparable) && isWithin(value, rules, comparable);
}

/** Whether a duration, in nanoseconds, keeps its rules. */
export function durationKeeps(nanos: bigint, rules: ValueRules): boolean {
  return isAllowedNumber(nanos, rules, nanosOf) && isWithin(nanos, rules, nanosOf);
}

/** Whether an enum's number keeps its rules. */
export function enumKeeps(value: number, isDefined: boolean, rules: ValueRules): boolean {
  return (rules.definedOnly !== true || isDefined) && isAllowedNumber(value, rules, comparable);
}

/** Whether a list or map of a size keeps the rules on sizes. */
export function sizeKeeps(size: number, rules: FieldRules): boolean {
  if (rules.ignoreEmpty === true && size === 0) return true;
  return (
    size >= (rules.minItems ?? rules.minPairs ?? 0) &&
    size <= (rules.maxItems ?? rules.maxPairs ?? Number.MAX_SAFE_INTEGER)
  );
}

function lengthKeeps(length: number, exact?: number, least?: number, most?: number): boolean {
  return (
    (exact === undefined || length === exact) &&
    (least === undefined || length >= least) &&
    (most === undefined || length <= most)
  );
}

/** Unicode code points, as RE2 and protoc-gen-validate count them. */
function characters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function isAllowed(text: string, rules: ValueRules): boolean {
  return (
    (rules.const === undefined || text === rules.const) &&
    (rules.in === undefined || rules.in.includes(text)) &&
    !rules.notIn?.includes(text)
  );
}

function comparable(bound: Bound): Comparable {
  return typeof bound === 'string' ? BigInt(bound) : bound;
}

function nanosOf(bound: Bound): bigint {
  return durationNanos(String(bound)) as bigint;
}

// `1n == 1` holds and `1n === 1` does not, so equality is neither less nor more.
const equal = (a: Comparable, b: Comparable): boolean => !(a < b) && !(a > b);

function isAllowedNumber(value: Comparable, rules: ValueRules, read: (bound: Bound) => Comparable): boolean {
  const { const: only, in: allowed, notIn } = rules;
  if (only !== undefined && !equal(value, read(only as Bound))) return false;
  if (allowed !== undefined && !allowed.some((bound) => equal(value, read(bound)))) return false;
  return !notIn?.some((bound) => equal(value, read(bound)));
}

/** An upper bound below the lower one means outside of the two. */
function isWithin(value: Comparable, rules: ValueRules, read: (bound: Bound) => Comparable): boolean {
  const { lt, lte, gt, gte } = rules;
  const upper = lt ?? lte;
  const lower = gt ?? gte;
  const below = upper === undefined || (lt !== undefined ? value < read(upper) : value <= read(upper));
  const above = lower === undefined || (gt !== undefined ? value > read(lower) : value >= read(lower));
  const outside = upper !== undefined && lower !== undefined && read(upper) < read(lower);
  return outside ? below || above : below && above;
}

const expressions = new Map<string, RegExp>();

/** A pattern of RE2. Those that the API has mean the same in JavaScript with the flag `u`, once escapes that it does not know are plain. */
function expression(pattern: string): RegExp {
  return memo(expressions, pattern, () => new RegExp(javaScriptPattern(pattern), 'u'));
}

/** The pattern for JavaScript's `u` mode: RE2 lets any punctuation be escaped, JavaScript only its own, and `-` in classes. */
export function javaScriptPattern(pattern: string): string {
  return pattern.replace(/\\([^\w\s])/g, (whole, mark: string) =>
    /[\^$\\.*+?()[\]{}|/]/.test(mark) ? whole : mark === '-' ? '\\x2d' : mark,
  );
}

/** The rules of a value in words, as in `at least 1 byte`; empty where there are none. */
export function ruleText(rules: ValueRules): string {
  const parts: string[] = [];
  const { const: only, in: allowed, notIn, pattern, prefix, suffix, contains, notContains, format } = rules;
  if (only !== undefined) parts.push(`exactly ${JSON.stringify(only)}`);
  if (allowed !== undefined) parts.push(`one of ${allowed.map(spelled).join(', ')}`);
  if (notIn !== undefined) parts.push(`not ${notIn.map(spelled).join(' or ')}`);
  parts.push(...rangeText(rules));
  parts.push(...lengthText(rules.len, rules.minLen, rules.maxLen, 'character'));
  parts.push(...lengthText(rules.lenBytes, rules.minBytes, rules.maxBytes, 'byte'));
  if (prefix !== undefined) parts.push(`beginning with ${JSON.stringify(prefix)}`);
  if (suffix !== undefined) parts.push(`ending with ${JSON.stringify(suffix)}`);
  if (contains !== undefined) parts.push(`with ${JSON.stringify(contains)} in it`);
  if (notContains !== undefined) parts.push(`without ${JSON.stringify(notContains)}`);
  if (format !== undefined) parts.push(formatName(format));
  if (pattern !== undefined) parts.push(`matching ${pattern}`);
  if (rules.definedOnly === true) parts.push('a value that the enum has');
  const text = parts.join(', ');
  return text !== '' && rules.ignoreEmpty === true ? `${text}, or empty` : text;
}

/** How many items or pairs a field takes, in words. */
export function sizeText(rules: FieldRules): string {
  return [
    ...lengthText(undefined, rules.minItems, rules.maxItems, 'item'),
    ...lengthText(undefined, rules.minPairs, rules.maxPairs, 'pair'),
    ...(rules.unique === true ? ['none twice'] : []),
  ].join(', ');
}

function spelled(bound: Bound): string {
  return bound === '' ? '""' : String(bound);
}

function rangeText({ lt, lte, gt, gte }: ValueRules): string[] {
  const upper = lt !== undefined ? `less than ${lt}` : lte !== undefined ? `at most ${lte}` : undefined;
  const lower = gt !== undefined ? `greater than ${gt}` : gte !== undefined ? `at least ${gte}` : undefined;
  if (upper === undefined || lower === undefined) return [upper ?? lower ?? []].flat();
  if (gte !== undefined && lte !== undefined && isWithin(0, { lte: 0 }, comparable)) {
    const inverted = isInverted(gte, lte);
    return [inverted ? `${upper} or ${lower}` : `from ${gte} to ${lte}`];
  }
  return [isInverted(gt ?? gte, lt ?? lte) ? `${upper} or ${lower}` : `${lower} and ${upper}`];
}

function isInverted(lower: Bound | undefined, upper: Bound | undefined): boolean {
  const read = (bound: Bound | undefined): Comparable =>
    typeof bound === 'string' ? (durationNanos(bound) ?? BigInt(bound)) : (bound ?? 0);
  return read(upper) < read(lower);
}

function lengthText(
  exact: number | undefined,
  least: number | undefined,
  most: number | undefined,
  unit: string,
): string[] {
  const many = (count: number): string => `${count} ${unit}${count === 1 ? '' : 's'}`;
  if (exact !== undefined) return [`exactly ${many(exact)}`];
  if (least !== undefined && most !== undefined)
    return [least === most ? `exactly ${many(most)}` : `${least} to ${many(most)}`];
  if (least !== undefined) return [`at least ${many(least)}`];
  return most === undefined ? [] : [`at most ${many(most)}`];
}
