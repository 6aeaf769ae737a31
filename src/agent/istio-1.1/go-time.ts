// The time as Go prints it, which the node agent uses as version and nonce.

/** As in `2019-05-20 18:23:45.123456789 +0000 UTC m=+12.345678901`; no two are the same. */
export function goTime(): string {
  const monotonic = process.hrtime.bigint();
  const [seconds = '', fraction = ''] = split(monotonic - START);
  const wall = new Date(START_WALL + Number((monotonic - START) / 1_000_000n)).toISOString();
  const nanoseconds = `${wall.slice(20, 23)}${fraction.slice(3)}`;
  return `${wall.slice(0, 10)} ${wall.slice(11, 19)}.${nanoseconds} +0000 UTC m=+${seconds}.${fraction}`;
}

const START = process.hrtime.bigint();
const START_WALL = Date.now();

function split(nanoseconds: bigint): readonly [string, string] {
  return [String(nanoseconds / 1_000_000_000n), String(nanoseconds % 1_000_000_000n).padStart(9, '0')];
}
