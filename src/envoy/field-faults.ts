// What can be wrong with a field, in words: those that reading a message and the schema check have in common.

import type { Finding, Level } from '../finding/finding.js';
import { quotedKey } from '../secrecy/quoted.js';
import type { Kind } from '../source/tape.js';
import type { FieldInfo, MessageInfo } from './api-table.js';
import { kindName } from './json-shape.js';
import { SNAPSHOT } from './snapshot.js';

/** What is said of a field; how much it weighs is up to the caller. */
type Words = Pick<Finding, 'code' | 'level' | 'message' | 'expected' | 'remedy'>;

/** A value of a wrong kind. */
export function wrongKindOf(what: string, kind: Kind, expected: string): Words {
  return { code: 'wrong-kind', level: 'error', message: `${what} is ${kindName(kind)}`, expected };
}

/** One item without its list. */
export function itemWithoutList(type: MessageInfo, field: FieldInfo, kind: Kind): Words {
  return {
    code: 'single-item',
    level: 'warning',
    message: `${field.name} is a list in ${type.name}, not ${kindName(kind)}`,
    expected: 'a list',
    remedy: 'wrap it in a list: Envoy reads it as one item, other tools may not',
  };
}

/** Both spellings of one field. */
export function bothSpellings(name: string, other: string, level: Level): Words {
  return {
    code: 'field-twice',
    level,
    message: `${name} and ${other} are the same field`,
    expected: 'the field once',
  };
}

/** A name that a message type does not have. */
export function noSuchField(type: MessageInfo, name: string, level: Level): Words {
  return {
    code: 'unknown-field',
    level,
    message: `${type.name} has no field ${quotedKey(name)}`,
    expected: `a field of ${type.name}${ofIstio(type)}`,
  };
}

/** The release of Istio whose API a message is of. */
function ofIstio({ name }: MessageInfo): string {
  if (!name.startsWith('istio.')) return '';
  return /\.v1alpha\d\./.test(name) ? ' in Istio 1.1' : ' in Istio 1.29';
}

/** The name of the field that was meant, in the spelling of what was written. */
export function inSpellingOf(written: string, { name, jsonName }: FieldInfo): string {
  return /[A-Z]/.test(written) ? jsonName : name;
}

/** What to consider where the API that xdsc knows may be too old. */
export function mayBeNewer(what: 'field' | 'value'): string {
  return `xdsc knows ${SNAPSHOT}: the ${what} may be newer`;
}
