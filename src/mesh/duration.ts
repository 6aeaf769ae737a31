// Durations as Istio's YAML and Go write them (`1m30s`, `0.5s`) and as protobuf's JSON form does (`90s`).

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);

/** Nanoseconds; undefined where the text is no duration. */
export function parseDuration(text: string): bigint | undefined {
  const match = /^([-+]?)((?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h)|\.\d+(?:ns|us|µs|ms|s|m|h))+)$/.exec(text);
  if (match === null) return text === '0' ? 0n : undefined;
  let total = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of (match[2] as string).matchAll(
    /(\d*)(?:\.(\d*))?(ns|us|µs|ms|s|m|h)/g,
  )) {
    const size = UNITS.get(unit) as bigint;
    total += BigInt(whole || '0') * size;
    if (fraction !== '') total += (BigInt(fraction) * size) / 10n ** BigInt(fraction.length);
  }
  return match[1] === '-' ? -total : total;
}

/** A duration in protobuf's JSON form: seconds, with 3, 6 or 9 digits where there is a fraction. */
export function durationText(nanoseconds: bigint): string {
  const sign = nanoseconds < 0n ? '-' : '';
  const absolute = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const seconds = absolute / 1_000_000_000n;
  const rest = String(absolute % 1_000_000_000n).padStart(9, '0');
  const digits = rest.endsWith('000000000')
    ? ''
    : rest.endsWith('000000')
      ? rest.slice(0, 3)
      : rest.endsWith('000')
        ? rest.slice(0, 6)
        : rest;
  return `${sign}${seconds}${digits === '' ? '' : `.${digits}`}s`;
}

/** Any spelling of a duration in protobuf's JSON form; what is no duration stays as it is. */
export function normalDuration(text: string): string {
  const parsed = parseDuration(text);
  return parsed === undefined ? text : durationText(parsed);
}

/** The whole seconds of a duration; 0 where it is none. */
export function wholeSeconds(text: string): number {
  return Number((parseDuration(text) ?? 0n) / 1_000_000_000n);
}
