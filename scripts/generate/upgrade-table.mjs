// Writes which v3 message takes the place of each v2 message, as src/envoy/upgrade/correspondence.ts reads it.
// The v3 descriptors say it themselves: udpa.annotations.versioning.previous_message_type.

import { previousName } from './descriptors.mjs';

/** Where the annotation names a message that never was: the one that is meant. */
const MEANT = new Map([
  ['envoy.config.filter.http.ext_authz.v3.ExtAuthz', 'envoy.config.filter.http.ext_authz.v2.ExtAuthz'],
]);

/**
 * Encodes the correspondence: a line for each pair of packages, `v2 v3;Message;OldName=NewName;…`.
 *
 * @param {{
 *   registry: import('@bufbuild/protobuf').FileRegistry,
 *   additions: { contrib: ReadonlySet<string> },
 * }} descriptors
 * @returns {string} the table, the same for the same descriptors in whatever order of files
 * @throws an Error when two messages claim the same predecessor
 */
export function encodeUpgradeTable({ registry, additions }) {
  const lines = new Map();
  const claimed = new Map();
  for (const type of registry) {
    // What moved to contrib is not in the builds that a configuration is upgraded for.
    if (type.kind !== 'message' || additions.contrib.has(type.typeName)) continue;
    const said = previousName(registry, type);
    if (said === '') continue;
    const previous = registry.getMessage(MEANT.get(said) ?? said);
    // Some name messages that only existed for a short time.
    if (previous === undefined || /\.v3\w*$/.test(previous.file.proto.package)) continue;
    if (claimed.has(previous))
      throw new Error(`${previous.typeName}: ${type.typeName} and ${claimed.get(previous)}`);
    claimed.set(previous, type.typeName);
    const packages = `${previous.file.proto.package} ${type.file.proto.package}`;
    const from = localName(previous);
    const to = localName(type);
    if (!lines.has(packages)) lines.set(packages, []);
    lines.get(packages).push(from === to ? from : `${from}=${to}`);
  }
  return [...lines]
    .map(([packages, names]) => [packages, ...names.sort()].join(';'))
    .sort()
    .join('\n');
}

function localName(type) {
  return type.typeName.slice(type.file.proto.package.length + 1);
}
