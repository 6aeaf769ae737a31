// Host names, gateway names, protocols and durations as Istio 1.1 reads them.

import { describe, expect, it } from 'vitest';
import { durationText, normalDuration, parseDuration, wholeSeconds } from '../../src/mesh/duration.js';
import { bySpecificity, fullGatewayName, fullHost, hostsMatch } from '../../src/mesh/host.js';
import { protocolOfPort } from '../../src/mesh/protocol.js';

describe('hosts', () => {
  it.each([
    ['a.foo', 'a.foo', true],
    ['*.foo', 'a.foo', true],
    ['a.foo', '*.foo', true],
    ['*.foo', '*.a.foo', true],
    ['*', 'a', true],
    ['a.foo', 'b.foo', false],
    ['*.foo', 'a.bar', false],
  ])('%s and %s: %s', (a, b, match) => {
    expect(hostsMatch(a, b)).toBe(match);
  });

  it('go from the most specific to the least', () => {
    expect(['*', '*.b', 'a.b', '*.a.b', 'x.a.b'].sort(bySpecificity)).toEqual([
      'x.a.b',
      'a.b',
      '*.a.b',
      '*.b',
      '*',
    ]);
  });

  it('without a dot are of their own namespace', () => {
    expect(fullHost('a', 'foo', 'cluster.local')).toBe('a.foo.svc.cluster.local');
    expect(fullHost('a.bar', 'foo', 'cluster.local')).toBe('a.bar');
    expect(fullHost('*', 'foo', 'cluster.local')).toBe('*');
  });
});

it.each([
  ['gw', 'foo/gw'],
  ['./gw', 'foo/gw'],
  ['bar/gw', 'bar/gw'],
  ['gw.bar', 'bar/gw'],
  ['gw.bar.svc.cluster.local', 'bar/gw'],
])('gateway %s is %s', (name, full) => {
  expect(fullGatewayName(name, 'foo')).toBe(full);
});

it.each([
  ['http', 'TCP', 'HTTP'],
  ['http2-web', 'TCP', 'HTTP2'],
  ['HTTP-web', 'TCP', 'HTTP'],
  ['grpc-web', 'TCP', 'GRPCWeb'],
  ['grpc-other', 'TCP', 'GRPC'],
  ['odd', 'TCP', 'TCP'],
  ['', 'TCP', 'TCP'],
  ['udp-x', 'TCP', 'TCP'],
  ['http', 'UDP', 'UDP'],
])('port %s over %s is %s', (name, transport, protocol) => {
  expect(protocolOfPort(name, transport)).toBe(protocol);
});

it.each([
  ['10s', '10s'],
  ['0.5s', '0.500s'],
  ['1m30s', '90s'],
  ['30ms', '0.030s'],
  ['1us', '0.000001s'],
  ['1ns', '0.000000001s'],
  ['0', '0s'],
  ['soon', 'soon'],
])('duration %s is %s', (text, normal) => {
  expect(normalDuration(text)).toBe(normal);
});

it('reads durations exactly', () => {
  expect(parseDuration('-1.5h')).toBe(-5_400_000_000_000n);
  expect(parseDuration('')).toBeUndefined();
  expect(durationText(-1_500_000_000n)).toBe('-1.500s');
  expect(wholeSeconds('1.9s')).toBe(1);
});
