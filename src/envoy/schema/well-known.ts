// The JSON forms of scalars and of protobuf's well-known types, and what a text in that form says. After the
// ProtoJSON format (https://protobuf.dev/programming-guides/json/).

import type { ScalarKind } from '../api-table.js';

/** What is compared: 64-bit integers are bigints where no double holds them, durations always are. */
export type Comparable = number | bigint;

/** 10,000 years, on either side. */
const MAX_DURATION_SECONDS = 315_576_000_000;

const DURATION = /^(-?)(\d+)(?:\.(\d{1,9}))?s$/;

/** A duration in nanoseconds; undefined where the text is none. */
export function durationNanos(text: string): bigint | undefined {
  const match = DURATION.exec(text);
  if (match === null) return undefined;
  const [, sign, seconds = '', fraction = ''] = match;
  if (Number(seconds) > MAX_DURATION_SECONDS) return undefined;
  const nanos = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
  return sign === '-' ? -nanos : nanos;
}

/** Whether Envoy takes a duration: in none of its fields it takes one that is negative, or more than 64 bits of nanoseconds hold. */
export function isCountable(nanos: bigint): boolean {
  return nanos >= 0n && nanos < 9_223_372_036_000_000_000n;
}

/** Seconds in the units that people write. */
const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  us: 1e-6,
  ms: 1e-3,
  m: 60,
  min: 60,
  h: 3600,
  d: 86400,
};

/** The duration that a text in another unit, or without one, probably means. */
export function durationMeant(text: string): string | undefined {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?) ?([a-z]*)$/.exec(text) ?? [];
  const seconds = UNITS[unit];
  if (amount === undefined || seconds === undefined) return undefined;
  return `${Number((Number(amount) * seconds).toFixed(9))}s`;
}

const TIMESTAMP =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** Whether a text is a time of RFC 3339 in the years 1 to 9999. */
export function isTimestamp(text: string): boolean {
  const match = TIMESTAMP.exec(text);
  if (match === null) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return false;
  const days = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  if (day > days) return false;
  const at = Date.parse(text);
  return at >= Date.UTC(1, 0, 1) - YEARS_1900 && at <= Date.parse('9999-12-31T23:59:59.999999999Z');
}

/** `Date.UTC` takes the years 0 to 99 for those of the last century. */
const YEARS_1900 = Date.UTC(1, 0, 1) - Date.parse('0001-01-01T00:00:00Z');

/** Whether a text is a field mask: paths in lowerCamelCase between commas. */
export function isFieldMask(text: string): boolean {
  return text === '' || /^[A-Za-z][\w.]*(?:,[A-Za-z][\w.]*)*$/.test(text);
}

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** The number of bytes that a text has in base64, in either alphabet, padded or not; -1 where it is none. */
export function base64Length(text: string): number {
  if (!BASE64.test(text)) return -1;
  const digits = text.replace(/=+$/, '').length;
  if (digits % 4 === 1 || (text.length > digits && text.length % 4 !== 0)) return -1;
  return Math.floor((digits * 3) / 4);
}

const INTEGER = /^-?\d+$/;
const DECIMAL = /^-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/;

/** The whole number that a text says, also as `1.0` or `1e3`; undefined where it says none. */
export function integerOf(text: string): Comparable | undefined {
  if (INTEGER.test(text)) {
    const value = Number(text);
    return Number.isSafeInteger(value) ? value : BigInt(text);
  }
  if (!DECIMAL.test(text)) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value)) return undefined;
  return Number.isSafeInteger(value) ? value : BigInt(value);
}

/** The whole number that an unquoted scalar of YAML says: yaml-cpp reads `0x1f` and `017` too. */
export function yamlIntegerOf(text: string): Comparable | undefined {
  const match = /^([-+]?)(?:0x([\da-fA-F]+)|0([0-7]+))$/.exec(text);
  if (match === null) return integerOf(text.startsWith('+') ? text.slice(1) : text);
  const [, sign, hexadecimal, octal] = match;
  const value = hexadecimal !== undefined ? BigInt(`0x${hexadecimal}`) : BigInt(`0o${octal}`);
  const signed = sign === '-' ? -value : value;
  return signed >= Number.MIN_SAFE_INTEGER && signed <= Number.MAX_SAFE_INTEGER ? Number(signed) : signed;
}

/** The number that a text says; `NaN`, `Infinity` and `-Infinity` are numbers, where they are quoted. */
export function numberOf(text: string, quoted: boolean): number | undefined {
  if (quoted && /^(?:NaN|-?Infinity)$/.test(text)) return Number(text);
  if (!DECIMAL.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

const RANGES: Partial<Record<ScalarKind, readonly [Comparable, Comparable]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  sint32: [-(2 ** 31), 2 ** 31 - 1],
  sfixed32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  fixed32: [0, 2 ** 32 - 1],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  sint64: [-(2n ** 63n), 2n ** 63n - 1n],
  sfixed64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
  fixed64: [0n, 2n ** 64n - 1n],
};

/** The least and the greatest value of an integer type; undefined for what is none. */
export function rangeOf(scalar: ScalarKind): readonly [Comparable, Comparable] | undefined {
  return RANGES[scalar];
}
