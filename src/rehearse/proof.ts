// What a rehearsal proves: each proof is a line, with its figures and what did not hold.

/** The proofs, in the order in which they are made. */
export const PROOFS = [
  'configuration',
  'calls',
  'identities',
  'refusals',
  'rotation',
  'agent',
  'ca',
  'secrets',
] as const;
export type ProofName = (typeof PROOFS)[number];

/** A proof that was made, or failed. */
export interface Proof {
  /** `calls`, or `migrate: …` for a step. */
  readonly name: string;
  readonly ok: boolean;
  readonly requests?: number;
  readonly failed?: number;
  readonly milliseconds?: number;
  /** What was shown. */
  readonly detail: string;
  /** What did not hold, each in a line. */
  readonly problems: readonly string[];
}

/** A rehearsal's result. */
export interface Rehearsal {
  readonly ok: boolean;
  /** What ran: `12 workloads, Envoy 1.40.0, on the loopback`. */
  readonly setting: string;
  readonly proofs: readonly Proof[];
}
