// The TLS settings of a context in plain values, the same for v2 and v3 and however secrets arrive: what policies
// ask about. Nothing of what certificates and keys hold is part of it.

import type { TlsContext } from './context.js';
import { peerNames } from './peer-names.js';
import { readTlsSettings } from './read.js';
import type { Certificate, DataSource, Root } from './settings.js';

/** A certificate or root: how it arrives, and the secret's name or the file. */
type Delivered = {
  /** `sds`, `file`, `inline`, `environment`, or `none`. */
  readonly delivery: string;
  readonly name: string;
};

/** A name that the peer's certificate must have one of. */
type PlainPeerName = {
  /** `uri`, `dns`, `email`, `ip`, `other` or `any`. */
  readonly kind: string;
  /** `exact`, `prefix`, `suffix`, `contains`, `regex` or `other`. */
  readonly match: string;
  readonly value: string;
};

/** The settings of a context. Names are in the spelling of the API. */
export type PlainTls = {
  readonly side: string;
  readonly certificates: readonly Delivered[];
  readonly root: Delivered;
  readonly sni: string;
  readonly alpn: readonly string[];
  readonly require_client_certificate: boolean;
  readonly minimum_version: string;
  readonly maximum_version: string;
  readonly cipher_suites: readonly string[];
  readonly peer_names: readonly PlainPeerName[];
  /** The name of the cluster or listener. */
  readonly resource: string;
};

/** What they consist of. */
export const TLS_MEMBERS: readonly (keyof PlainTls)[] = [
  'side',
  'certificates',
  'root',
  'sni',
  'alpn',
  'require_client_certificate',
  'minimum_version',
  'maximum_version',
  'cipher_suites',
  'peer_names',
  'resource',
];

/** Reads the settings of a context. */
export function plainTls(context: TlsContext): PlainTls {
  const settings = readTlsSettings(context);
  const parameters = context.common?.message('tls_params');
  return {
    side: settings.side,
    certificates: settings.certificates.map(certificate),
    root: root(settings.validation?.root),
    sni: settings.sni ?? '',
    alpn: settings.alpn,
    require_client_certificate: settings.requireClientCertificate ?? false,
    minimum_version: parameters?.enumName('tls_minimum_protocol_version') ?? 'TLS_AUTO',
    maximum_version: parameters?.enumName('tls_maximum_protocol_version') ?? 'TLS_AUTO',
    cipher_suites: parameters?.texts('cipher_suites') ?? [],
    peer_names: peerNames(settings.validation?.rest).map(({ kind, match, value }) => ({
      kind,
      match,
      value,
    })),
    resource: context.resource?.text('name') ?? '',
  };
}

function certificate(one: Certificate): Delivered {
  return one.delivery === 'sds' ? { delivery: 'sds', name: one.secret.name } : delivered(one.chain);
}

function root(one: Root | undefined): Delivered {
  return one?.delivery === 'sds' ? { delivery: 'sds', name: one.secret.name } : delivered(one?.source);
}

function delivered(source: DataSource | undefined): Delivered {
  switch (source?.from) {
    case 'file':
      return { delivery: 'file', name: source.filename };
    case 'environment':
      return { delivery: 'environment', name: source.variable };
    case 'inline':
      return { delivery: 'inline', name: '' };
    case undefined:
      return { delivery: 'none', name: '' };
  }
}
