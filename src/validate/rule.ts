// What a rule is. Each stands in a file of its own in rules/, and in the list there.

import type { Finding, Level } from '../finding/finding.js';
import type { FindingPlace } from './place.js';
import type { Run } from './run.js';

/** What is said of a rule. */
export interface RuleText {
  readonly code: string;
  /** Unless the project's configuration says otherwise. `error` is for what Envoy refuses and what breaks trust. */
  readonly level: Level;
  /** What it finds, in a sentence without a full stop. */
  readonly finds: string;
  /** Why that matters, in whole sentences. */
  readonly why: string;
  /** Where that is known from: an issue, or the API's documentation. */
  readonly source: string;
  /** How to mend it, in a sentence without a full stop. */
  readonly remedy: string;
  /** Whether it is off unless somebody asks for it. */
  readonly onlyIfAsked?: true;
}

/** A rule. */
export interface Rule extends RuleText {
  readonly check: (run: Run, report: Report) => void;
}

/** What a finding says beside what its rule says; a level of its own where Envoy takes what it refuses elsewhere. */
type Said = Pick<Finding, 'message'> &
  Partial<Pick<Finding, 'level' | 'expected' | 'suggestion' | 'remedy' | 'edits'>>;

/** Reports a finding at a place. */
export type Report = (place: FindingPlace, said: Said) => void;
