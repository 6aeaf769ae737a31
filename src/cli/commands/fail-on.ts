// What can make `xdsc diff` and `xdsc report` exit with 1.

/** What can fail a run, beside the classes of TLS differences. */
export const FAIL_ON = [
  'trust',
  'any',
  'none',
  'loosened',
  'tightened',
  'root',
  'identity',
  'unknown',
  'negotiation',
  'disruptive',
  'other',
  'delivery',
] as const;

export type FailOn = (typeof FAIL_ON)[number];
