// A check that Envoy makes when it starts, beyond what the API's own rules say. Each stands in the table of its area.

import type { Message } from '../../envoy/message.js';
import type { EnvoyConfig } from '../../tls/configs.js';
import type { Report } from '../rule.js';
import type { Instance } from '../run.js';

/** Where a check is made. */
export interface Scene {
  readonly config: EnvoyConfig;
  /** What else the Envoy of this configuration is given in this run. */
  readonly instance: Instance;
  /** Whether the configuration comes to Envoy by discovery. */
  readonly isDynamic: boolean;
}

/** A start-up check: Envoy refuses the configuration that breaks it, unless the finding has a milder level. */
export interface StartupCheck {
  /** Stable: silences and `rules:` name it. */
  readonly code: string;
  /** The full names of the messages that are looked at. */
  readonly on: readonly string[];
  /** What it finds, in a sentence without a full stop. */
  readonly finds: string;
  /** How Envoy says it, shortened. */
  readonly refusal: string;
  /** How to mend it, in a sentence without a full stop. */
  readonly remedy: string;
  /** The first minor version of Envoy 1 that refuses it, where older ones take it. */
  readonly since?: number;
  readonly check: (at: Message, report: Report, scene: Scene) => void;
}

/** Checks that belong together. */
export interface Area {
  /** As in its folder and in the name of its fixture. */
  readonly name: string;
  readonly title: string;
  readonly checks: readonly StartupCheck[];
}
