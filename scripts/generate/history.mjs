// Writes which minor versions of Envoy have which elements of its API, from proto/history and from the versions
// that proto/additions gives. src/envoy/versions/history.ts reads it. Both have this form; versions are minor ones:
//
//   PACKAGE SPEC                                        what holds for its types, unless they say otherwise
//    TYPE[ SPEC][ | SPEC: FIELD FIELD][ | SPEC: …]      a message or enum, and its fields or values that differ
//
// A SPEC is ranges of versions with the element, then `d` and those in which it is deprecated, `x` and those that
// disallow it by default, `w` and those in which it is work in progress, `c` and those in which only contrib
// builds have it. A range is FIRST-LAST; an open end is before 1.10, or the newest; `33` alone is `33-`.

/**
 * @param {readonly string[]} texts the files of proto/history but changes.txt
 * @param {{ registry: import('@bufbuild/protobuf').FileRegistry, additions: { since: ReadonlyMap<string, number> } }} descriptors
 * @returns {string} the table, in code unit order of packages and types
 */
export function encodeHistory(texts, { registry, additions }) {
  const packages = new Map();
  for (const line of texts.flatMap((text) => text.split('\n'))) {
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith(' ')) readType(line.slice(1), [...packages.values()].at(-1).types);
    else {
      const [name, spec] = line.split(' ');
      packages.set(name, { spec, types: new Map() });
    }
  }
  for (const [name, since] of additions.since) add(name, since);
  return [...packages].sort(byName).flatMap(packageLines).join('\n');

  function readType(line, types) {
    const [head, ...groups] = line.split(' | ');
    const [name, spec = ''] = head.split(' ');
    const members = new Map();
    for (const group of groups) {
      const [groupSpec, names] = group.split(': ');
      for (const member of names.split(' ')) members.set(member, groupSpec);
    }
    types.set(name, { spec, members });
  }

  function add(name, since) {
    const type = registry.getMessage(name) ?? registry.getEnum(name);
    const owner = type === undefined ? name.slice(0, name.lastIndexOf('.')) : name;
    const file = (type ?? registry.getMessage(owner) ?? registry.getEnum(owner))?.file;
    if (file === undefined) return;
    const packageName = file.proto.package;
    if (!packages.has(packageName)) packages.set(packageName, { spec: `${since}-`, types: new Map() });
    const { types } = packages.get(packageName);
    const local = owner.slice(packageName.length + 1);
    if (!types.has(local)) types.set(local, { spec: '', members: new Map() });
    const entry = types.get(local);
    if (type !== undefined) entry.spec = withVersions(entry.spec, since);
    else {
      const member = name.slice(owner.length + 1);
      entry.members.set(member, withVersions(entry.members.get(member) ?? '', since));
    }
  }

  function packageLines([name, { spec, types }]) {
    const lines = [...types].sort(byName).map(([local, entry]) => typeLine(local, entry));
    return [`${name} ${spec}`, ...lines];
  }
}

function typeLine(name, { spec, members }) {
  const groups = new Map();
  for (const [member, memberSpec] of members) {
    if (!groups.has(memberSpec)) groups.set(memberSpec, []);
    groups.get(memberSpec).push(member);
  }
  const texts = [...groups].map(([groupSpec, names]) => ` | ${groupSpec}: ${names.join(' ')}`);
  return ` ${name}${spec === '' ? '' : ` ${spec}`}${texts.join('')}`;
}

const withVersions = (spec, since) => (/^[\d,-]/.test(spec) ? spec : `${since}-${spec}`);
/** @type {(a: [string, unknown], b: [string, unknown]) => number} */
const byName = ([a], [b]) => (a < b ? -1 : 1);
