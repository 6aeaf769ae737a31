// Text that people and programs write in unusual ways: what convert writes is read back by two parsers as the same
// data as from a plain twin, or nothing is written and the place is named.

import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { convert } from '../../src/convert/convert.js';
import { deliver } from '../../src/convert/delivery.js';

function converted(name: string, text: string) {
  const delivery = deliver({ provider: 'istio' });
  if ('problem' in delivery) throw new Error(delivery.problem);
  const { files, findings } = convert([{ name, text }], { to: 'v3', provider: delivery.provider });
  const errors = findings.filter(({ level }) => level === 'error');
  return { errors, text: errors.length > 0 ? undefined : [...(files[0]?.chunks() ?? [])].join('') };
}

/** The data that both parsers read in what was written. */
function dataOf(text: string | undefined): unknown {
  const data: unknown = parse(text ?? '', { uniqueKeys: true });
  expect(load(text ?? '')).toEqual(data);
  return data;
}

const YAML: { readonly [what: string]: string } = {
  'a bracket that closes at its key': 'name: a\nconnect_timeout: 1s\ntls_context: {\n  sni: a\n}\n',
  'members that stand further out than the first':
    'tls_context: {\n    sni: a,\n common_tls_context: {}}\nname: a\n',
  'lines of all depths':
    'name: a\ntls_context: {\n  common_tls_context: {\n  validation_context: {\n  trusted_ca: {\n  filename: /etc/certs/root-cert.pem } },\n  alpn_protocols: [\n  h2 ] } }\n',
  'other rules beside the root':
    'tls_context:\n  common_tls_context:\n    validation_context: {\n      trusted_ca: {filename: /etc/certs/root-cert.pem},\n      verify_subject_alt_name: [a]\n      }\nname: a\n',
  'a tab after the colon': 'name:\ta\ntls_context:\t{\n   common_tls_context:\t{}\n  }\n',
  'a null in place of a config':
    'name: a\ntransport_socket:\n  name: envoy.transport_sockets.tls\n  typed_config:\n',
  'mixed line ends': 'name: a\r\nconnect_timeout: 1s\ntls_context: {}\r\n',
};

describe('YAML', () => {
  test.each(Object.entries(YAML))('%s', (_, text) => {
    const twin = converted('twin.json', JSON.stringify(parse(text)));
    expect(dataOf(converted('in.yaml', text).text)).toEqual(JSON.parse(twin.text ?? ''));
  });

  test('quoted text with a # in brackets that close below their key', () => {
    const note = '{\n  "note":"a # b", "other":"c"\n}}}';
    const { text } = converted(
      'in.yaml',
      `name: a\ntls_context: {}\nmetadata: {filter_metadata: {x: ${note}\n`,
    );
    expect(text).toContain(note);
  });

  test('a carriage return alone is refused where an edit would be made', () => {
    const { errors, text } = converted('in.yaml', 'name: a\rtls_context: {}\r');
    expect(text).toBeUndefined();
    expect(errors).toMatchObject([{ code: 'line-ends', region: { line: 1 } }]);
    expect(converted('in.yaml', 'name: a\rconnect_timeout: 1s\r').errors).toEqual([]);
  });
});

describe('JSON', () => {
  test('enum values that were numbers are strings', () => {
    const { text } = converted(
      'c.json',
      '{"name":"x","lb_policy":4,"drain_connections_on_host_removal":true}',
    );
    expect(JSON.parse(text ?? '')).toMatchObject({ lb_policy: 'CLUSTER_PROVIDED' });
  });
});

test('a dynamic forward proxy still sends and checks server names when HTTP options move', () => {
  const cluster = (extra: object) =>
    converted(
      'c.json',
      JSON.stringify({
        name: 'out',
        tls_context: {},
        cluster_type: { name: 'envoy.clusters.dynamic_forward_proxy' },
        http_protocol_options: { accept_http_10: true },
        ...extra,
      }),
    ).text;
  expect(cluster({})).toMatch(/"auto_sni": ?true,\s*"auto_san_validation": ?true/);
  expect(cluster({ upstream_http_protocol_options: { auto_sni: true } })).not.toMatch(/auto_san_validation/);
});
