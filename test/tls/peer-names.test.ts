// Which names of peers are accepted, of both versions of the API.

import { expect, test } from 'vitest';
import { covers, type PeerName, peerNames, peerNameText } from '../../src/tls/peer-names.js';

const texts = (validation: Parameters<typeof peerNames>[0]): string[] =>
  peerNames(validation).map(peerNameText);

test('matchers without a kind count only where there are none with one', () => {
  const untyped = [{ exact: 'spiffe://a/one' }];
  const typed = [{ san_type: 'URI', matcher: { prefix: 'spiffe://a/' } }];
  expect(texts({ match_subject_alt_names: untyped })).toEqual(['spiffe://a/one']);
  expect(texts({ match_subject_alt_names: untyped, match_typed_subject_alt_names: typed })).toEqual([
    'prefix spiffe://a/',
  ]);
  expect(texts({ match_subject_alt_names: untyped, match_typed_subject_alt_names: [] })).toEqual([
    'spiffe://a/one',
  ]);
});

test('names that have no kind of their own are told apart by their identifiers', () => {
  const named = (oid: string) =>
    peerNames({
      match_typed_subject_alt_names: [{ san_type: 'OTHER_NAME', oid, matcher: { exact: 'me' } }],
    })[0] as PeerName;
  expect(peerNameText(named('1.2.3'))).toBe('other (1.2.3) me');
  expect(covers(named('1.2.3'), named('1.2.3'))).toBe(true);
  expect(covers(named('1.2.3'), named('1.2.4'))).toBe(false);
});

test('a pattern that fits all fits what any other does, of its kind', () => {
  const all: PeerName = { kind: 'uri', match: 'regex', value: '.*', ignoresCase: false };
  const prefix: PeerName = { kind: 'uri', match: 'prefix', value: 'spiffe://', ignoresCase: false };
  expect(covers(all, prefix)).toBe(true);
  expect(covers(prefix, all)).toBe(false);
  expect(covers(all, { ...prefix, kind: 'dns' })).toBe(false);
});
