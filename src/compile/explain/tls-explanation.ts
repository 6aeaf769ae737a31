// Why a cluster or listener has the TLS that it has, as a value: what it came to, and the resources and
// rules that decided, in the order in which they did.

import type { Region } from '../../finding/finding.js';
import type { TlsSettings } from '../../tls/settings.js';

/** One thing that had a say. */
export interface Reason {
  /** A sentence without a full stop. */
  readonly text: string;
  /** Where it is; undefined if no resource sets it. */
  readonly region?: Region | undefined;
}

/** The TLS of some connections; undefined settings for none. */
export interface TlsOutcome {
  /** Which connections, where they are not all alike; else ''. */
  readonly of: string;
  readonly settings: TlsSettings | undefined;
}

/** An explanation. */
export interface TlsExplanation {
  readonly kind: 'cluster' | 'listener';
  readonly name: string;
  /** What it is for. */
  readonly purpose: string;
  readonly outcomes: readonly TlsOutcome[];
  readonly reasons: readonly Reason[];
}

/** What is found out before the outcome is read from the resource itself. */
export type Grounds = Pick<TlsExplanation, 'purpose' | 'reasons'>;
