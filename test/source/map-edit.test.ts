import { describe, expect, it } from 'vitest';
import { readSource } from '../../src/source/document.js';
import { applyEdits, type Edit, sortEdits } from '../../src/source/edit.js';
import { type Fragment, MapBody } from '../../src/source/fragment.js';
import { insertFirstItem, insertFirstMember, replaceMember } from '../../src/source/map-edit.js';
import { scanYaml } from '../../src/source/scan-yaml.js';
import { Kind, type Tape } from '../../src/source/tape.js';
import { Random } from './random.js';
import { randomYaml } from './random-yaml.js';
import { nodes } from './tape-value.js';
import { differences, yamlDocuments } from './yaml-second-opinion.js';

function read(text: string): Tape {
  const { documents, findings } = readSource('test', text);
  expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
  return documents[0]?.tape as Tape;
}

/** The first key of a name, and the map that it stands in. */
function member(tape: Tape, name: string): { map: number; key: number } {
  const key = nodes(tape).find((node) => tape.kind(node) === Kind.Key && tape.name(node) === name) as number;
  const map = nodes(tape).findLast(
    (node) => node < key && tape.kind(node) === Kind.Map && (tape.links[node] as number) > key,
  ) as number;
  return { map, key };
}

function apply(text: string, ...edits: Edit[]): string {
  return [...applyEdits(text, sortEdits(edits))].join('');
}

/** Puts `new` in the place of `old`: a value of every kind, and what is left of the old one without `gone`. */
function replaceOld(text: string): string {
  const tape = read(text);
  const name = tape.names.includes('oldContext') ? 'oldContext' : 'old_context';
  const { map, key } = member(tape, name);
  const body = tape.resolve(key + 1);
  const omitted: number[] = [];
  for (let at = body + 1; at < (tape.links[body] as number); at = tape.next(at + 1)) {
    if (tape.name(at).startsWith('gone')) omitted.push(at);
  }
  const value: Fragment = {
    default_context: new MapBody(tape, body, omitted),
    secret: { name: 'ROOTCA', sources: [{ ads: {} }, { path: '/a b' }] },
    empty: [],
  };
  const changed = apply(text, replaceMember(tape, map, key, 'new_context', value));
  // What was written can be read again.
  read(changed);
  return changed;
}

/** Lines without the margin that they share here. */
function lines(strings: TemplateStringsArray): string {
  const text = strings.raw.join('').replace(/^\n/, '').replace(/ *$/, '');
  const margin = /^ */.exec(text)?.[0] as string;
  return text.replaceAll(new RegExp(`^${margin}`, 'gm'), '');
}

describe('replaceMember', () => {
  it.each([
    ['two spaces', 2],
    ['one space', 1],
    ['four spaces', 4],
    ['tabs', '\t'],
    ['none', undefined],
  ])('writes JSON as JSON.stringify did: %s', (_, indent) => {
    const left = { a: 1, kept: { b: ['x', 'y'] }, z: null };
    const old = { before: [], old_context: { gone: { filename: 'f' }, ...left }, after: {} };
    const expected = {
      before: [],
      new_context: {
        default_context: left,
        secret: { name: 'ROOTCA', sources: [{ ads: {} }, { path: '/a b' }] },
        empty: [],
      },
      after: {},
    };
    expect(replaceOld(JSON.stringify(old, null, indent))).toBe(JSON.stringify(expected, null, indent));
  });

  it.each([
    [
      'JSON on one line with spaces',
      '{ "old_context": { "a": 1, "gone": 2 }, "b": 3 }',
      '{ "new_context": { "default_context": { "a": 1 }, "secret": { "name": "ROOTCA", "sources": [{ "ads": {} }, { "path": "/a b" }] }, "empty": [] }, "b": 3 }',
    ],
    [
      'YAML in brackets on one line',
      'x: {old_context: {gone: 2, a: 1}, b: 3} # c\n',
      'x: {new_context: {default_context: {a: 1}, secret: {name: ROOTCA, sources: [{ads: {}}, {path: /a b}]}, empty: []}, b: 3} # c\n',
    ],
    [
      'YAML in brackets with spaces, in lowerCamelCase',
      'x: { oldContext: { goneOne: 2 } }',
      'x: { newContext: { defaultContext: {}, secret: { name: ROOTCA, sources: [{ ads: {} }, { path: /a b }] }, empty: [] } }',
    ],
    [
      'block style, with the comments of what stays',
      lines`
        x:
          # above old
          old_context: # beside old
            # above gone
            gone: {a: 1} # beside gone
            # above kept
            kept:
              - 1 # one

              - 2
            text: |
              a
                b

              c
            # below
          # between
          b: 3
      `,
      lines`
        x:
          # above old
          new_context: # beside old
            default_context:
              # above kept
              kept:
                - 1 # one

                - 2
              text: |
                a
                  b

                c
            secret:
              name: ROOTCA
              sources:
                - ads: {}
                - path: /a b
            empty: []
            # below
          # between
          b: 3
      `,
    ],
    [
      'block style with lists as deep as their keys, in lowerCamelCase, the last member gone',
      lines`
        list:
        -   oldContext:
                keptList:
                - a
                goneOne: x
      `,
      lines`
        list:
        -   newContext:
                defaultContext:
                    keptList:
                    - a
                secret:
                    name: ROOTCA
                    sources:
                    - ads: {}
                    - path: /a b
                empty: []
      `,
    ],
    [
      'block style behind a dash, all members gone, without a last line break',
      '- old_context:\n    gone: 1',
      lines`
        - new_context:
            default_context: {}
            secret:
              name: ROOTCA
              sources:
                - ads: {}
                - path: /a b
            empty: []`,
    ],
    [
      'brackets inside of block style',
      lines`
        old_context: { gone: 1, a: 2 } # beside
        b: 3
      `,
      lines`
        new_context: # beside
          default_context: { a: 2 }
          secret:
            name: ROOTCA
            sources:
              - ads: {}
              - path: /a b
          empty: []
        b: 3
      `,
    ],
    [
      'brackets on several lines',
      lines`
        x: {
          # above
          old_context: {
            gone: 1, # beside gone
            # above a
            a: [ 1 ], # beside a
            gone2: 3
          }, # beside
          b: 3
        }
      `,
      lines`
        x: {
          # above
          new_context: {
            default_context: {
              # above a
              a: [ 1 ] # beside a
            },
            secret: {
              name: ROOTCA,
              sources: [
                {
                  ads: {}
                },
                {
                  path: /a b
                }
              ]
            },
            empty: []
          }, # beside
          b: 3
        }
      `,
    ],
    [
      'JSON with comments and trailing commas',
      lines`
        {
          "old_context": {
            "gone": 1,
            // above
            "a": 2, // beside
          },
        }
      `,
      lines`
        {
          "new_context": {
            "default_context": {
              // above
              "a": 2 // beside
            },
            "secret": {
              "name": "ROOTCA",
              "sources": [
                {
                  "ads": {}
                },
                {
                  "path": "/a b"
                }
              ]
            },
            "empty": []
          },
        }
      `,
    ],
    [
      'members behind an alias',
      lines`
        shared: &old
            gone: 1
            kept: &list
            - a
        use:
            old_context: *old
      `,
      lines`
        shared: &old
            gone: 1
            kept: &list
            - a
        use:
            new_context:
                default_context:
                    kept: &list
                    - a
                secret:
                    name: ROOTCA
                    sources:
                    - ads: {}
                    - path: /a b
                empty: []
      `,
    ],
    [
      'members in block style that an alias brings into brackets',
      'shared: &old\n  gone: 1\n  kept: [true, a, ~, 1.0]\nuse: {old_context: *old}\n',
      'shared: &old\n  gone: 1\n  kept: [true, a, ~, 1.0]\nuse: {new_context: {default_context: {kept: [true, a, null, "1.0"]}, secret: {name: ROOTCA, sources: [{ads: {}}, {path: /a b}]}, empty: []}}\n',
    ],
    [
      'an anchor on the value',
      'old_context: &x # beside\n  &y kept: 1\n  gone: 2\n',
      lines`
        new_context: # beside
          default_context:
            &y kept: 1
          secret:
            name: ROOTCA
            sources:
              - ads: {}
              - path: /a b
          empty: []
      `,
    ],
    [
      'an explicit key',
      '? old_context\n: gone: 1\n  kept: 2\nb: 3\n',
      lines`
        new_context:
          default_context:
            kept: 2
          secret:
            name: ROOTCA
            sources:
              - ads: {}
              - path: /a b
          empty: []
        b: 3
      `,
    ],
  ])('matches the surrounding style: %s', (_, text, expected) => {
    expect(replaceOld(text)).toBe(expected);
    const crlf = (value: string): string => value.replaceAll('\n', '\r\n');
    if (text.includes('\n')) expect(replaceOld(crlf(text))).toBe(crlf(expected));
    expect(replaceOld(`\ufeff${text}`)).toBe(`\ufeff${expected}`);
  });

  it.each([
    ['plain', 'plain'],
    ['/etc/certs/key.pem', '/etc/certs/key.pem'],
    ['unix:/var/run/sds/uds_path', 'unix:/var/run/sds/uds_path'],
    ['file-cert:/a~/b', 'file-cert:/a~/b'],
    ['two words', 'two words'],
    ['0.25s', '0.25s'],
    ['@type', '"@type"'],
    ['', '""'],
    ['yes', '"yes"'],
    ['y', '"y"'],
    ['Null', '"Null"'],
    ['10', '"10"'],
    ['1e3', '"1e3"'],
    ['0x10', '"0x10"'],
    ['1_000', '"1_000"'],
    ['12:30', '"12:30"'],
    ['2001-01-01', '"2001-01-01"'],
    ['a: b', '"a: b"'],
    ['a:', '"a:"'],
    ['a #b', '"a #b"'],
    ['a, b', '"a, b"'],
    ['*', '"*"'],
    [' a', '" a"'],
    ['-', '"-"'],
    ['a\nb\u2028\u0085', '"a\\nb\\u2028\\u0085"'],
    ['日', '"日"'],
    [true, 'true'],
    [1.5, '1.5'],
    [null, 'null'],
  ])('writes the scalar %j unambiguously', (value, expected) => {
    for (const [text, key] of [
      ['a: 1\n', 'a'],
      ['{a: 1}', 'a'],
    ] as const) {
      const tape = read(text);
      const { map } = member(tape, key);
      const changed = apply(text, replaceMember(tape, map, map + 1, 'b', value));
      expect(changed).toBe(text.replace('a: 1', `b: ${expected}`));
      expect(yamlDocuments(changed)?.[0]?.toJS()).toEqual({ b: String(value) });
    }
  });
});

describe('insertFirstMember', () => {
  it.each([
    ['{\n  "a": 1\n}', '{\n  "node": {\n    "id": "x"\n  },\n  "a": 1\n}'],
    ['{"a":1}', '{"node":{"id":"x"},"a":1}'],
    ['{ a: 1 }', '{ node: { id: x }, a: 1 }'],
    ['a: 1\n', 'node:\n  id: x\na: 1\n'],
    ['a:\n    b: 1', 'node:\n    id: x\na:\n    b: 1'],
    ['# header\na: 1\n', '# header\nnode:\n  id: x\na: 1\n'],
    ['# header\n\n# about a\na: 1\n', '# header\n\nnode:\n  id: x\n# about a\na: 1\n'],
    ['---\n# header\na: 1\n', '---\n# header\nnode:\n  id: x\na: 1\n'],
    ['\ufeffa: 1\r\n', '\ufeffnode:\r\n  id: x\r\na: 1\r\n'],
  ])('%j', (text, expected) => {
    expect(apply(text, insertFirstMember(read(text), 0, 'node', { id: 'x' }))).toBe(expected);
  });
});

describe('insertFirstItem', () => {
  it.each([
    ['{"l":[{"a":1}]}', '{"l":[{"name":"sds","hosts":[{"b":1}]},{"a":1}]}'],
    [
      '{\n  "l": [\n    {\n      "a": 1\n    }\n  ]\n}',
      '{\n  "l": [\n    {\n      "name": "sds",\n      "hosts": [\n        {\n          "b": 1\n        }\n      ]\n    },\n    {\n      "a": 1\n    }\n  ]\n}',
    ],
    [
      '{\n  "l": [{\n    "a": 1\n  }, {\n    "a": 2\n  }]\n}',
      '{\n  "l": [{\n    "name": "sds",\n    "hosts": [\n      {\n        "b": 1\n      }\n    ]\n  }, {\n    "a": 1\n  }, {\n    "a": 2\n  }]\n}',
    ],
    ['l:\n- a: 1\n', 'l:\n- name: sds\n  hosts:\n  - b: 1\n- a: 1\n'],
    ['l:\n  # first\n  - a: 1\n', 'l:\n  - name: sds\n    hosts:\n      - b: 1\n  # first\n  - a: 1\n'],
    ['l:\n  -   a: 1\n', 'l:\n  -   name: sds\n      hosts:\n        - b: 1\n  -   a: 1\n'],
    ['l:\n- # first\n  a: 1\n', 'l:\n- name: sds\n  hosts:\n  - b: 1\n- # first\n  a: 1\n'],
    ['l:\n- &x\n  a: 1\n- *x\n', 'l:\n- name: sds\n  hosts:\n  - b: 1\n- &x\n  a: 1\n- *x\n'],
    ['x: &x\n  a: 1\nl:\n- *x\n', 'x: &x\n  a: 1\nl:\n- name: sds\n  hosts:\n  - b: 1\n- *x\n'],
    ['l:\n- {a: 1}\n', 'l:\n- {name: sds, hosts: [{b: 1}]}\n- {a: 1}\n'],
    ['l:\n- {}\n', 'l:\n- {"name":"sds","hosts":[{"b":1}]}\n- {}\n'],
    ['l: [ {a: 1} ]\n', 'l: [ {name: sds, hosts: [{b: 1}]}, {a: 1} ]\n'],
  ])('%j', (text, expected) => {
    const tape = read(text);
    const list = member(tape, 'l').key + 1;
    expect(apply(text, insertFirstItem(tape, list, { name: 'sds', hosts: [{ b: 1 }] }))).toBe(expected);
  });
});

describe('edits of random YAML', () => {
  /** A value with its keys in order, also those that stand twice; `change` may put something else. */
  const ordered = (tape: Tape, node: number, change: (node: number) => unknown): unknown => {
    const end = tape.links[node] as number;
    if (tape.kind(node) === Kind.Map) {
      const members: unknown[] = [];
      for (let key = node + 1; key < end; key = tape.next(key + 1)) {
        members.push(change(key) ?? [tape.name(key), ordered(tape, key + 1, change)]);
      }
      return { members: [change(node), ...members].filter((one) => one !== undefined) };
    }
    if (tape.kind(node) !== Kind.List) return { kind: tape.kind(node), text: tape.string(node) };
    const items: unknown[] = [];
    for (let item = node + 1; item < end; item = tape.next(item)) items.push(ordered(tape, item, change));
    return [change(node), ...items].filter((one) => one !== undefined);
  };
  const string = (text: string): unknown => ({ kind: Kind.String, text });
  const put: Fragment = { name: 'a: b', list: [{ on: 'yes' }] };
  const putOrdered = {
    members: [
      ['name', string('a: b')],
      ['list', [{ members: [['on', string('yes')]] }]],
    ],
  };
  const unchanged = (): undefined => undefined;

  /** A random edit, and the value that it should lead to. */
  const randomEdit = (tape: Tape, random: Random): { edit: Edit; expected: unknown } | undefined => {
    const filled = nodes(tape).filter((node) => (tape.links[node] as number) > node + 1);
    const maps = filled.filter((node) => tape.kind(node) === Kind.Map);
    const lists = filled.filter((node) => tape.kind(node) === Kind.List);
    if (lists.length > 0 && random.chance(3)) {
      const list = random.pick(lists);
      const expected = ordered(tape, 0, (node) => (node === list ? putOrdered : undefined));
      return { edit: insertFirstItem(tape, list, put as { [name: string]: Fragment }), expected };
    }
    if (maps.length === 0) return undefined;
    const map = random.pick(maps);
    if (random.chance(2)) {
      const expected = ordered(tape, 0, (node) => (node === map ? ['put', putOrdered] : undefined));
      return { edit: insertFirstMember(tape, map, 'put', put), expected };
    }
    const keys = nodes(tape).filter((key) => tape.kind(key) === Kind.Key);
    const key = random.pick(keys);
    const owner = maps.findLast((node) => node < key && (tape.links[node] as number) > key) as number;
    if (tape.kind(key + 1) !== Kind.Map) {
      const expected = ordered(tape, 0, (node) => (node === key ? ['put', putOrdered] : undefined));
      return { edit: replaceMember(tape, owner, key, 'put', put), expected };
    }
    const omitted = keys.filter(() => random.chance(2));
    const body = ordered(tape, key + 1, unchanged) as { members: unknown[] };
    let members = 0;
    const kept = body.members.filter(() => {
      const own = keys.filter(
        (one) =>
          one > key && maps.findLast((node) => node < one && (tape.links[node] as number) > one) === key + 1,
      );
      return !omitted.includes(own[members++] as number);
    });
    const value = {
      members: [
        ['body', { members: kept }],
        ['put', putOrdered],
      ],
    };
    const expected = ordered(tape, 0, (node) => (node === key ? ['new_name', value] : undefined));
    return {
      edit: replaceMember(tape, owner, key, 'new_name', { body: new MapBody(tape, key + 1, omitted), put }),
      expected,
    };
  };

  it('result in the intended value for every parser', () => {
    const random = new Random(6);
    let edited = 0;
    for (let run = 0; run < 500; run++) {
      const text = randomYaml(random);
      const { tapes } = scanYaml(text);
      const tape = tapes[0];
      // What an edit cuts may be what an alias elsewhere stands for: that is for the caller to know.
      if (tape === undefined || tape.aliases.length > 0) continue;
      const change = randomEdit(tape, random);
      if (change === undefined) continue;
      edited++;
      const { edit, expected } = change;
      const changed = apply(text, edit);
      const again = scanYaml(changed);
      expect([text, changed, again.error]).toEqual([text, changed, undefined]);
      expect([text, changed, ordered(again.tapes[0] as Tape, 0, unchanged)]).toEqual([
        text,
        changed,
        expected,
      ]);
      const documents = yamlDocuments(changed) ?? [];
      expect([
        text,
        changed,
        again.tapes.flatMap((one, i) => differences(one, documents[i] as never)),
      ]).toEqual([text, changed, []]);
    }
    expect(edited).toBeGreaterThan(200);
  });
});
