// `--on-unknown keep`: configs by extension that no Envoy has stay where they are, beside those that are known.

import { expect, test } from 'vitest';
import { convert } from '../../src/convert/convert.js';
import { diff } from '../../src/diff/diff.js';

const routes = (per_filter_config: object): string =>
  JSON.stringify({
    '@type': 'type.googleapis.com/envoy.api.v2.RouteConfiguration',
    name: 'r',
    virtual_hosts: [{ name: 'v', domains: ['*'], per_filter_config }],
  });

function upgraded(configs: object): unknown {
  const { files } = convert([{ name: 'a.json', text: routes(configs) }], { to: 'v3', onUnknown: 'keep' });
  const { virtual_hosts } = JSON.parse([...(files[0]?.chunks() ?? [])].join(''));
  const { name: _, domains: __, ...rest } = virtual_hosts[0];
  return rest;
}

const buffer = { disabled: true };
const typed = {
  'envoy.filters.http.buffer': {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.buffer.v3.BufferPerRoute',
    disabled: true,
  },
};

test('kept, and upgraded', () => {
  expect(upgraded({ mixer: { a: 1 } })).toEqual({ per_filter_config: { mixer: { a: 1 } } });
  expect(upgraded({ 'envoy.buffer': buffer })).toEqual({ typed_per_filter_config: typed });
  expect(upgraded({ 'envoy.buffer': buffer, mixer: { a: 1 } })).toEqual({
    typed_per_filter_config: typed,
    per_filter_config: { mixer: { a: 1 } },
  });
});

test('a change of an unknown one is reported', () => {
  const paths = (old: object, now: object): string[] =>
    diff([{ name: 'old.json', text: routes(old) }], [{ name: 'new.json', text: routes(now) }]).changes.map(
      ({ path }) => path,
    );
  expect(paths({ mixer: { a: 1 } }, { mixer: { a: 2 } })).toEqual([
    'virtual_hosts[v].per_filter_config.mixer.a',
  ]);
  expect(paths({ mixer: { a: 1 } }, {})).toEqual(['virtual_hosts[v].per_filter_config']);
});
