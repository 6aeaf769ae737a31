// Format strings and CEL expressions, each as a real Envoy 1.40 answered when it was asked.

import { describe, expect, test } from 'vitest';
import { celFault } from '../../../src/validate/startup/formats/cel.js';
import { BUILT_IN } from '../../../src/validate/startup/formats/commands.js';
import { formatFault } from '../../../src/validate/startup/formats/format-string.js';

const NOTHING_ADDED = new Map();

describe('format strings', () => {
  test.each([
    ['', 'a%%b', '%PROTOCOL()%', '%%%PROTOCOL%%%', '%PROTOCOL%%PROTOCOL%'],
    ['%REQ(:path)%', '%REQ(a?)%', '%REQ(?:b):20%', '%REQ(a%b)%', "%REQ(A!#$&'*+^`|~)%"],
    ['%START_TIME(%s.%3f)%', '%START_TIME(a%)%', '%START_TIME(%EOn)%', '%START_TIME(%10n)%'],
    ['%RESPONSE_CODE_DETAILS(x)%', '%DYNAMIC_METADATA(:)%', '%DYNAMIC_METADATA(["a","b"]):9%'],
    ['%FILTER_STATE(a)%', '%FILTER_STATE(a:)%', '%FILTER_STATE(a:FIELD:b:c)%', '%METADATA(CLUSTER):3%'],
    ['%COMMON_DURATION(a:b)%', '%COMMON_DURATION(::us)%', '%PATH(:ORIG):5%', '%PATH(WQ:PATH:x)%'],
    ['%XFCC_VALUE(uRi)%', '%REQUESTED_SERVER_NAME(HOST_FIRST:)%', '%QUERY_PARAMS(DECODED)%'],
    ['%COALESCE({"operators": ["PROTOCOL", {"command": "REQ", "param": "a", "max_length": 3}]})%'],
    ['%CEL(size(request.headers) > 3)%', '%REQ(a):18446744073709551615%'],
  ])('are taken: %s', (...formats) => {
    for (const format of formats)
      expect([format, formatFault(format, NOTHING_ADDED)]).toEqual([format, undefined]);
  });

  test.each([
    ['%', '100%', '%PROTOCOL', '%PROTOCOL %', '% PROTOCOL%', '%duration%', '%{DURATION}%', '%PROTOCOL%%'],
    ['%FOO%', '%_%', '%9%', '%REQ_WITHOUT_QUERY(:path)%', '%PER_REQUEST_STATE(a)%'],
    ['%REQ%', '%REQ()%', '%REQ(a?b?c)%', '%REQ(a b)%', '%REQ(a:b)%', '%REQ(:)%', '%REQ(é)%', '%REQ(a\n)%'],
    ['%REQ(a):18446744073709551616%', '%REQ(a):5:5%', '%REQ(a)5%', '%PROTOCOL(x)%', '%PROTOCOL:5%'],
    ['%START_TIME:5%', '%START_TIME(%n)%', '%START_TIME(%-5On)%', '%CLUSTER_METADATA(a):5%'],
    ['%FILTER_STATE%', '%FILTER_STATE(:PLAIN)%', '%FILTER_STATE(a:plain)%', '%FILTER_STATE(a::b)%'],
    ['%METADATA%', '%METADATA(dynamic:a)%', '%COMMON_DURATION(a)%', '%COMMON_DURATION(a:b:s)%'],
    ['%PATH(wq)%', '%PATH(NQ:orig)%', '%XFCC_VALUE%', '%GRPC_STATUS(number)%', '%QUERY_PARAMS(ORIG:x)%'],
    ['%COALESCE(a)%', '%COALESCE({})%', '%COALESCE({"operators": ["NOPE"]})%', '%TYPED_CEL(1 +)%'],
    ['%COALESCE({"operators": [{"command": "PROTOCOL", "max_length": 3}]})%'],
  ])('are refused: %s', (...formats) => {
    for (const format of formats)
      expect([format, formatFault(format, NOTHING_ADDED)]).not.toContain(undefined);
  });

  test('a formatter adds its commands, and one that is not known may add any', () => {
    const added = new Map([['SECRET', { argument: 'optional', length: true } as const]]);
    expect(formatFault('%SECRET(a)%', added)).toBeUndefined();
    expect(formatFault('%SECRETS(a)%', added)?.meant?.name).toBe('SECRET');
    expect(formatFault('%MINE(a)%', 'any')).toBeUndefined();
    expect(formatFault('%PROTOCOL(a)%', 'any')?.at).toBe(0);
  });

  test('no command of the table is refused as such', () => {
    expect(BUILT_IN.size).toBeGreaterThan(150);
    for (const [name, { argument }] of BUILT_IN)
      if (argument === 'none') expect(formatFault(`%${name}%`, NOTHING_ADDED)).toBeUndefined();
  });
});

describe('CEL expressions', () => {
  test.each([
    ['a ? b : c ? d : e', 'a in b && !c || d[0] == -1', 'a.for', '.a.b', '{"a": 1,}', '[,]', '!-1', '--a'],
    ['r"\\d"', 'b"\\x41"', '"""a"b"""', '1.5e3 + .5', '0x1Fu', 'a // rest', 'a.startsWith("x")'],
    ['google.protobuf.Duration{seconds: 1}', 're.extract(a, "b", "c")', 'has(a.b)', 'a - -b', '{a: b}'],
  ])('are read: %s', (...texts) => {
    for (const text of texts) expect([text, celFault(text)]).toEqual([text, undefined]);
  });

  test.each([
    [
      '',
      'a >=',
      'a &&',
      'a b',
      '(a',
      'a)',
      'a[]',
      'a..b',
      '1.',
      'a = b',
      'a & b',
      'a and b',
      "'a",
      'a == "x',
    ],
    [
      'if',
      'a.in',
      'a.true',
      '"\\q"',
      '"\\x4"',
      '-!a',
      'a ? b',
      '{"a" 1}',
      'f(a,)',
      '1e5u',
      'a.b,',
      '/* c */ a',
    ],
    ['a.exists(x, x)', 'lower(a)', 'a.len()', 'a.map(x, x)'],
  ])('are refused: %s', (...texts) => {
    for (const text of texts) expect([text, celFault(text)]).not.toContain(undefined);
  });
});
