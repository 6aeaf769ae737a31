// What a named version of Envoy, or an upgrade, says of the elements that a configuration uses.

import type { Level } from '../../finding/finding.js';
import type { FieldInfo, MessageInfo } from '../api-table.js';
import { isIn, type Lifetime, lastOf, lifetimeOf, sinceOf } from './history.js';
import { ruleChange, rulesIn } from './rule-changes.js';
import type { EnvoyTarget } from './target.js';
import { contribFault, goneFault, type VersionFault, type Versions } from './versions.js';

/** The first version that reads no v2 at all. */
const FIRST_WITHOUT_V2 = 18;

/** What a target says. Loads the history. */
export function versionsOf(target: EnvoyTarget): Versions {
  const { minor, name, build } = target;
  return {
    minor,
    decidesDeprecation: true,
    root: ({ isV3, name: type }) =>
      !isV3 && type.startsWith('envoy.') && minor >= FIRST_WITHOUT_V2
        ? {
            code: 'not-in-version',
            level: 'error',
            message: `${name} does not read the v2 API`,
            remedy: '`xdsc convert --to v3` upgrades it',
          }
        : undefined,
    message: (type) => messageFault(type),
    field: (type, field) => fieldFault(type, field),
    rules: (type, newest) => rulesIn(minor, type, newest),
    value: (type, value) => elementFault(lifetimeOf(type, value), `${value} of ${type}`, `${type}.${value}`),
  };

  function messageFault({ name: type }: MessageInfo): VersionFault | undefined {
    const life = lifetimeOf(type);
    if (life !== undefined && build !== 'contrib' && isIn(life.contrib, minor))
      return contribFault(type, 'error');
    return elementFault(life, type, type);
  }

  function fieldFault({ name: type }: MessageInfo, { name: field }: FieldInfo): VersionFault | undefined {
    const what = `${field} of ${type}`;
    const fault = elementFault(lifetimeOf(type, field), what, `${type}.${field}`);
    if (fault !== undefined || target.from === undefined) return fault;
    const changed = ruleChange(type, field, target.from, minor);
    return changed === undefined ? undefined : changedFault(what, changed, `${type}.${field}`);
  }

  function elementFault(
    life: Lifetime | undefined,
    what: string,
    fullName: string,
  ): VersionFault | undefined {
    if (life === undefined) return undefined;
    if (!isIn(life.present, minor)) return absentFault(life, what);
    const isNew = (ranges: Lifetime['deprecated']): boolean =>
      isIn(ranges, minor) && (target.from === undefined || !isIn(ranges, target.from));
    if (isNew(life.disallowed)) return disallowedFault(what, fullName);
    return isNew(life.deprecated) ? deprecatedFault(life, what) : undefined;
  }

  function absentFault(life: Lifetime, what: string): VersionFault {
    const since = sinceOf(life);
    const last = lastOf(life);
    if (last !== undefined && last < minor) return goneFault(what, last, 'error');
    return {
      code: 'not-in-version',
      level: 'error',
      message: `${what} is new in Envoy 1.${since ?? minor + 1}, and this is for ${name}`,
      remedy: 'remove it, or upgrade Envoy',
    };
  }
}

function disallowedFault(what: string, fullName: string): VersionFault {
  const level: Level = 'error';
  return {
    code: 'deprecated-field',
    level,
    message: `${what} is deprecated, and Envoy refuses it by default`,
    remedy: `replace it, or set the runtime key envoy.deprecated_features:${fullName} to true`,
  };
}

function changedFault(what: string, minor: number, fullName: string): VersionFault {
  return {
    code: 'rules-changed',
    level: 'note',
    message: `the rules of ${what} changed in Envoy 1.${minor}`,
    remedy: `\`xdsc explain ${fullName}\` shows those of today; a value that breaks them is an error`,
  };
}

function deprecatedFault({ deprecated }: Lifetime, what: string): VersionFault {
  const first = deprecated.at(-1)?.first ?? 0;
  return {
    code: 'deprecated-field',
    level: 'warning',
    message: `${what} is deprecated since Envoy 1.${first}`,
    remedy: 'replace it before a later version removes it',
  };
}
