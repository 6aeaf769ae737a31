// What an Envoy binary, of whatever build, says of the elements that a configuration uses.

import type { BinaryApi } from './binary.js';
import { NEWEST, type VersionFault, type Versions } from './versions.js';

/**
 * What a binary has. Rules and deprecation are those of the newest Envoy that is known.
 *
 * @param name of the binary, for messages
 */
export function versionsOfBinary(api: BinaryApi, name: string): Versions {
  const missing = (what: string): VersionFault => ({
    code: 'not-in-version',
    level: 'error',
    message: `${name} does not have ${what}`,
    remedy: 'remove it, or use an Envoy that has it',
  });
  const isOwn = (type: string): boolean => type.startsWith('envoy.');
  return {
    ...NEWEST,
    root: ({ name: type, isV3 }) =>
      isOwn(type) && !isV3 && !api.has(type) ? missing(`the v2 API`) : undefined,
    message: ({ name: type }) => (isOwn(type) && !api.has(type) ? missing(type) : undefined),
    field: ({ name: type }, field) =>
      isOwn(type) && api.get(type)?.has(field.name) === false
        ? missing(`${field.name} of ${type}`)
        : undefined,
    value: (type, value) =>
      isOwn(type) && api.has(type) && /^[A-Z]/.test(value) && api.get(type)?.has(value) === false
        ? missing(`${value} of ${type}`)
        : undefined,
  };
}
