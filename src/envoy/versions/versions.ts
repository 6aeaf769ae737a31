// What a version of Envoy says of the elements that a configuration uses. The newest is known from the API table
// alone; any other from the history, which is large and loaded only for runs that name a version.

import type { Finding } from '../../finding/finding.js';
import type { FieldInfo, MessageInfo } from '../api-table.js';
import type { MessageRules } from '../schema/rules.js';

/** A finding that does not know its place yet. */
export type VersionFault = Omit<Finding, 'region' | 'path'>;

/** What one version, or an upgrade, has to say of used elements; undefined for nothing. */
export interface Versions {
  /** The minor version of Envoy 1; undefined where it is not known. */
  readonly minor: number | undefined;
  /** Whether it decides what is deprecated, instead of the newest API. */
  readonly decidesDeprecation: boolean;
  /** A message at the top of a document. */
  root(type: MessageInfo): VersionFault | undefined;
  /** A message in an Any. */
  message(type: MessageInfo): VersionFault | undefined;
  field(type: MessageInfo, field: FieldInfo): VersionFault | undefined;
  value(enumName: string, value: string): VersionFault | undefined;
  /** The rules of a message in the version, from those of the newest. */
  rules(type: string, newest: MessageRules): MessageRules;
}

/** The newest Envoy that is known, of whatever build. */
export const NEWEST: Versions = {
  minor: undefined,
  decidesDeprecation: false,
  root: () => undefined,
  message: ({ name, last, contrib }) => {
    if (last !== undefined) return goneFault(name, last, 'error');
    return contrib ? contribFault(name, 'warning') : undefined;
  },
  field: ({ name }, field) =>
    field.last === undefined ? undefined : goneFault(`${field.name} of ${name}`, field.last, 'error'),
  value: () => undefined,
  rules: (_, newest) => newest,
};

/** An element that later versions no longer have. */
export function goneFault(what: string, last: number, level: VersionFault['level']): VersionFault {
  return {
    code: 'not-in-version',
    level,
    message: `${what} was removed in Envoy 1.${last + 1}`,
    remedy: `remove it, or stay on Envoy 1.${last} or older`,
  };
}

/** A message that only contrib builds of Envoy have. */
export function contribFault(name: string, level: VersionFault['level']): VersionFault {
  return {
    code: 'not-in-build',
    level,
    message: `${name} is only in contrib builds of Envoy`,
    remedy: 'use a contrib build, and say so with --envoy contrib-VERSION',
  };
}
