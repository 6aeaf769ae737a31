// What the verdict covers, a row for each kind of change: docs/verdict.md is made of it, and each row has a fixture.

import type { TlsClass } from './tls/change.js';

/** A kind of change that the verdict covers. */
export interface Covered {
  /** The part of a configuration, as a heading. */
  readonly part: string;
  /** What changes. */
  readonly change: string;
  /** The classes that it may have; of a comparison of two contexts or clusters, those of its differences. */
  readonly classes: readonly TlsClass[] | 'those of the difference';
  /** The folder in fixtures/diff that shows it. */
  readonly fixture: string;
}

const CONTEXTS = 'TLS contexts';
const IN = 'Ways in';
const OUT = 'Ways out';
const SECRETS = 'Secrets';
const CHANNELS = 'gRPC channels';
const SOCKETS = 'Other transport sockets';
const CLIENTS = 'Identity of a client';
const READING = 'How the text is read';

/** All of them, part by part. */
export const COVERED: readonly Covered[] = [
  {
    part: CONTEXTS,
    change: 'whom a context accepts, what it presents and what it negotiates',
    classes: 'those of the difference',
    fixture: 'san-dropped',
  },
  {
    part: CONTEXTS,
    change: 'session secrets that are written to a file, renegotiation, staples and resumption',
    classes: ['loosened', 'tightened'],
    fixture: 'key-log',
  },
  {
    part: CONTEXTS,
    change: 'custom handshakers, ticket keys, and fields that the API does not know',
    classes: ['unknown'],
    fixture: 'custom-handshaker',
  },
  {
    part: CONTEXTS,
    change: 'SANs and pins that move between a Secret and the contexts that use it',
    classes: ['other'],
    fixture: 'sans-out-of-the-secret',
  },
  {
    part: IN,
    change: 'connections that were refused and are accepted now, by a filter chain that accepts others',
    classes: ['loosened'],
    fixture: 'chain-added',
  },
  {
    part: IN,
    change: 'connections that go from one filter chain to another',
    classes: 'those of the difference',
    fixture: 'chain-matches-swapped',
  },
  {
    part: IN,
    change: 'listener filters and switches that feed the choice of a chain, and `filter_chain_matcher`',
    classes: ['loosened', 'unknown'],
    fixture: 'tls-inspector-disabled',
  },
  {
    part: IN,
    change:
      'a listener that takes the connections of another: by its address, `0.0.0.0` or `use_original_dst`',
    classes: 'those of the difference',
    fixture: 'listener-renamed',
  },
  {
    part: IN,
    change: 'a listener that leaves its host, or is added and leads where better guarded listeners led',
    classes: ['loosened'],
    fixture: 'listener-added',
  },
  {
    part: OUT,
    change: 'routes, by domain and match',
    classes: 'those of the difference',
    fixture: 'route-to-another-cluster',
  },
  {
    part: OUT,
    change: 'any other field that names a cluster',
    classes: 'those of the difference',
    fixture: 'access-log-cluster',
  },
  {
    part: OUT,
    change: 'a cluster that a header or a plugin chooses, or that is not among the inputs',
    classes: ['unknown'],
    fixture: 'cluster-header',
  },
  {
    part: OUT,
    change:
      'the transport socket that an endpoint gets: `transport_socket_matches`, metadata, subsets, health checks',
    classes: 'those of the difference',
    fixture: 'endpoint-metadata',
  },
  {
    part: OUT,
    change: 'plain text that stayed on the host and goes over the network',
    classes: ['loosened'],
    fixture: 'plain-text-leaves-the-host',
  },
  {
    part: OUT,
    change:
      'where the name that a server must have comes from: `auto_san_validation`, `auto_host_sni` and what feeds them',
    classes: ['loosened', 'tightened'],
    fixture: 'san-from-a-header',
  },
  {
    part: SECRETS,
    change: 'an SDS name that is asked of another source',
    classes: ['unknown'],
    fixture: 'sds-source-moved',
  },
  {
    part: SECRETS,
    change:
      'an SDS server, or control plane that TLS does not verify or that delivers secrets, which is elsewhere',
    classes: ['unknown'],
    fixture: 'sds-cluster-moved',
  },
  {
    part: CHANNELS,
    change: 'credentials, roots, targets and arguments of `google_grpc`, and headers of gRPC calls',
    classes: ['loosened', 'tightened', 'root', 'identity', 'unknown'],
    fixture: 'grpc-target',
  },
  {
    part: SOCKETS,
    change: 'a tap around TLS',
    classes: ['loosened', 'tightened'],
    fixture: 'tap',
  },
  {
    part: SOCKETS,
    change: 'what a socket holds that is not known, and who makes the handshake of ALTS',
    classes: ['unknown'],
    fixture: 'vendor-socket',
  },
  {
    part: CLIENTS,
    change: '`forward_client_cert_details`: what clients may say of their certificates',
    classes: ['loosened', 'tightened'],
    fixture: 'client-certificate-header',
  },
  {
    part: CLIENTS,
    change: '`require_tls` and redirections to HTTPS',
    classes: ['loosened', 'tightened'],
    fixture: 'tls-not-required',
  },
  {
    part: CLIENTS,
    change: '`client_ssl_auth`, and mutual TLS in the authentication filter of Istio',
    classes: ['loosened', 'tightened'],
    fixture: 'istio-authn-permissive',
  },
  {
    part: CLIENTS,
    change: 'RBAC, JWT and other authorization, which are not part of trust and are counted separately',
    classes: ['authorization'],
    fixture: 'authorization',
  },
  {
    part: 'The bootstrap',
    change: 'providers of certificates and roots, and switches of Envoy that are of TLS',
    classes: ['unknown'],
    fixture: 'certificate-provider',
  },
  {
    part: READING,
    change: 'keys that a map has more than once: the reading of Envoy counts',
    classes: 'those of the difference',
    fixture: 'repeated-key',
  },
  {
    part: READING,
    change:
      'both spellings of a field in YAML, merge keys, and what Envoy rejects: a field twice, two of a oneof',
    classes: ['unknown'],
    fixture: 'both-spellings',
  },
  {
    part: READING,
    change: 'fields of v2 in v3 messages',
    classes: ['unknown'],
    fixture: 'v2-field-in-v3',
  },
  {
    part: 'The whole',
    change: 'two sides with no resource in common',
    classes: ['unknown'],
    fixture: 'nothing-in-common',
  },
  {
    part: 'The whole',
    change: 'what was renamed on purpose (`--rename`): neutral, and the verdict names it',
    classes: [],
    fixture: 'renamed',
  },
];
