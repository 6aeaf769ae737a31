// Names that a server's certificate must have which come from endpoints, routes and headers, and servers of
// configuration that are elsewhere while secrets come from them.

import { expect, test } from 'vitest';
import { diff } from '../../src/diff/diff.js';
import {
  anyOf,
  bootstrap,
  chain,
  cluster,
  downstream,
  hcm,
  host,
  type Json,
  listener,
  type Pair,
  route,
  SOCKETS,
  side,
  upstream,
} from './configurations.js';

const checking = (o: Json) => ({
  name: 'tls',
  typed_config: anyOf(`${SOCKETS}.tls.v3.UpstreamTlsContext`, {
    common_tls_context: { validation_context: { trusted_ca: { filename: '/ca.pem' } } },
    sni: 'a.x',
    ...o,
  }),
});
const BOTH = { auto_host_sni: true, auto_sni_san_validation: true };
const named = (hostname?: string, address = '10.0.0.1') => ({
  endpoint: { address: { socket_address: { address, port_value: 443 } }, ...(hostname && { hostname }) },
});
const hosts = (o: Json, endpoints: Json, type: Json = 'STATIC') =>
  bootstrap({
    c: [
      cluster('b', checking(o), {
        type,
        load_assignment: { cluster_name: 'b', endpoints: [{ lb_endpoints: endpoints }] },
      }),
    ],
  });

const validating = (o: Json = {}) => ({
  typed_extension_protocol_options: {
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': anyOf(
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
      {
        upstream_http_protocol_options: { auto_sni: true, auto_san_validation: true, ...o },
        explicit_http_config: { http_protocol_options: {} },
      },
    ),
  },
});
const routed = (
  action: Json,
  options: Json = validating(),
  hostOptions: Json = {},
  sock: Json = upstream(),
) =>
  bootstrap({
    l: [
      listener('in', [
        chain({ filters: [hcm([host([route('b', { prefix: '/' }, action)], ['*'], 'v', hostOptions)])] }),
      ]),
    ],
    c: [cluster('b', sock, options)],
  });
const writes = (key: string, value: string) => ({ request_headers_to_add: [{ header: { key, value } }] });

const ADS_SECRETS = {
  name: 'tls',
  typed_config: anyOf(`${SOCKETS}.tls.v3.DownstreamTlsContext`, {
    common_tls_context: { tls_certificate_sds_secret_configs: [{ name: 'c', sds_config: { ads: {} } }] },
  }),
};
const controlled = (address: string, sock: Json, plane: Json = upstream()) =>
  bootstrap({
    l: [listener('in', [chain({ sock })])],
    c: [
      cluster('b', upstream()),
      cluster('xds', plane, {
        load_assignment: { cluster_name: 'xds', endpoints: [{ lb_endpoints: [named(undefined, address)] }] },
      }),
    ],
    more: {
      dynamic_resources: {
        ads_config: { api_type: 'GRPC', grpc_services: [{ envoy_grpc: { cluster_name: 'xds' } }] },
      },
    },
  });

const PAIRS: readonly Pair[] = [
  ['another hostname that is checked', 'diff', hosts(BOTH, [named('a.x')]), hosts(BOTH, [named('b.x')])],
  [
    'an endpoint with another hostname',
    'diff',
    hosts(BOTH, [named('a.x')]),
    hosts(BOTH, [named('a.x'), named('b.x', '10.0.0.2')]),
  ],
  [
    'an endpoint with the same hostname',
    'same',
    hosts(BOTH, [named('a.x')]),
    hosts(BOTH, [named('a.x'), named('A.x', '10.0.0.2')]),
  ],
  ['a hostname goes', 'diff', hosts(BOTH, [named('b.x')]), hosts(BOTH, [named()])],
  [
    'a hostname goes that is the name of the context',
    'same',
    hosts(BOTH, [named('a.x')]),
    hosts(BOTH, [named()]),
  ],
  [
    'another name to resolve',
    'diff',
    hosts(BOTH, [named(undefined, 'a.x')], 'STRICT_DNS'),
    hosts(BOTH, [named(undefined, 'b.x')], 'STRICT_DNS'),
  ],
  [
    'a hostname that is only asked for',
    'same',
    hosts({ auto_host_sni: true }, [named('a.x')]),
    hosts({ auto_host_sni: true }, [named('b.x')]),
  ],
  [
    'a hostname that is not asked for',
    'same',
    hosts({ auto_sni_san_validation: true }, [named('a.x')]),
    hosts({ auto_sni_san_validation: true }, [named('b.x')]),
  ],
  [
    'a checked name comes from endpoints',
    'diff',
    hosts({ auto_sni_san_validation: true }, [named('b.x')]),
    hosts(BOTH, [named('b.x')]),
  ],
  [
    'a name that is only asked for comes from endpoints',
    'same',
    hosts({}, [named('b.x')]),
    hosts({ auto_host_sni: true }, [named('b.x')]),
  ],
  ['a host is rewritten', 'diff', routed({}), routed({ host_rewrite_literal: 'b.x' })],
  [
    'to another literal',
    'diff',
    routed({ host_rewrite_literal: 'a.x' }),
    routed({ host_rewrite_literal: 'b.x' }),
  ],
  [
    'from another header',
    'diff',
    routed({ host_rewrite_header: 'x-a' }),
    routed({ host_rewrite_header: 'x-b' }),
  ],
  [
    'a host is rewritten that is not checked',
    'same',
    routed({}, {}),
    routed({ host_rewrite_literal: 'b.x' }, {}),
  ],
  [
    'a host is rewritten in plain text',
    'same',
    routed({}, validating(), {}, null),
    routed({ host_rewrite_literal: 'b.x' }, validating(), {}, null),
  ],
  [
    'the same host with another timeout',
    'same',
    routed({ host_rewrite_literal: 'a.x' }),
    routed({ host_rewrite_literal: 'a.x', timeout: '3s' }),
  ],
  [
    'another value for the header of the name',
    'diff',
    routed({}, validating({ override_auto_sni_header: 'x-name' }), writes('X-Name', 'a')),
    routed({}, validating({ override_auto_sni_header: 'x-name' }), writes('X-Name', 'b')),
  ],
  [
    'another value for another header',
    'same',
    routed({}, validating({ override_auto_sni_header: 'x-name' }), writes('x-other', 'a')),
    routed({}, validating({ override_auto_sni_header: 'x-name' }), writes('x-other', 'b')),
  ],
  [
    'a control plane with TLS moves, and delivers secrets',
    'diff',
    controlled('10.0.0.1', ADS_SECRETS),
    controlled('10.0.0.2', ADS_SECRETS),
  ],
  [
    'a control plane with TLS moves, and secrets are files',
    'same',
    controlled('10.0.0.1', downstream()),
    controlled('10.0.0.2', downstream()),
  ],
  [
    'a control plane that nothing verifies moves',
    'diff',
    controlled('10.0.0.1', downstream(), upstream({ noval: 1 })),
    controlled('10.0.0.2', downstream(), upstream({ noval: 1 })),
  ],
];

test.each(PAIRS)('%s: %s', (_, expected, old, now) => {
  const { trust } = diff(side(old), side(now)).verdict;
  if (expected === 'same') expect(trust).toBe('same');
  else expect(trust).not.toBe('same');
});
