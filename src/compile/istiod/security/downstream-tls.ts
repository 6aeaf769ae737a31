// TLS that a proxy ends: that of the mesh, and that of servers (istiod 1.29's authn.BuildInboundTLS and
// core.BuildListenerTLSContext).

import type { CertificateValidationContext } from '../../../envoy/generated/types/envoy/extensions/transport_sockets/tls/v3/common.js';
import type { SdsSecretConfig } from '../../../envoy/generated/types/envoy/extensions/transport_sockets/tls/v3/secret.js';
import type {
  CommonTlsContext,
  DownstreamTlsContext,
} from '../../../envoy/generated/types/envoy/extensions/transport_sockets/tls/v3/tls.js';
import type { ServerTLSSettings } from '../../../envoy/generated/types/networking/v1/gateway.js';
import type { MutualTlsMode } from '../../../mesh/istiod/model.js';
import type { CertificateFiles } from '../../../mesh/istiod/node-metadata.js';
import type { Context } from '../context/context.js';
import { lookupCluster } from '../context/lookup.js';
import {
  CA_SUFFIX,
  CERTIFICATE,
  certificateFiles,
  credentialSecret,
  exactNames,
  fileSecret,
  ROOT,
  rootFile,
} from '../context/secrets.js';
import { clientDomains } from './trust-domains.js';

const HTTP_ALPN = ['h2', 'http/1.1'];
const PEER_ALPN = ['istio-peer-exchange', ...HTTP_ALPN];

const CIPHERS = [
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-GCM-SHA256',
];

/** What is carried inside TLS. */
export type Carried = 'HTTP' | 'TCP';

/** The TLS of the mesh; none where it is not taken. */
export function inboundTls(
  context: Context,
  mode: MutualTlsMode,
  carried: Carried,
): DownstreamTlsContext | undefined {
  if (mode === 'DISABLE') return undefined;
  const { proxy, mesh, features } = context;
  const said = mesh.settings.mesh_mTLS;
  const prefixes = clientDomains(context).map((domain) => ({ prefix: `spiffe://${domain}/` }));
  return {
    require_client_certificate: true,
    common_tls_context: {
      alpn_protocols: carried === 'TCP' && !features.disableMxAlpn ? PEER_ALPN : HTTP_ALPN,
      tls_params: {
        cipher_suites: said?.cipher_suites ?? CIPHERS,
        tls_minimum_protocol_version: minimumVersion(said?.min_protocol_version),
        tls_maximum_protocol_version: 'TLSv1_3',
      },
      ...ownCertificates(context, [proxy.metadata.tlsServer]),
      ...validation(context, proxy.metadata.tlsServer.root, {
        ...(prefixes.length > 0 && { match_subject_alt_names: prefixes }),
      }),
    },
  };
}

function minimumVersion(version: string | undefined): 'TLSv1_2' | 'TLSv1_3' {
  return version === 'TLSV1_3' ? 'TLSv1_3' : 'TLSv1_2';
}

function secretOf(context: Context, file: string, fallback: SdsSecretConfig): SdsSecretConfig {
  return file === '' ? fallback : fileSecret(file, context.proxy.metadata.fileCredentialSocket);
}

/** Certificates in files; the workload's own where there are none. */
function ownCertificates(context: Context, files: readonly CertificateFiles[]): CommonTlsContext {
  return {
    tls_certificate_sds_secret_configs: files.map(({ chain, key }) =>
      secretOf(context, chain !== '' && key !== '' ? certificateFiles(chain, key) : '', CERTIFICATE),
    ),
  };
}

/** How clients are checked: by roots in a file, by those of the mesh where there are none. */
function validation(
  context: Context,
  root: string,
  default_validation_context: CertificateValidationContext,
): CommonTlsContext {
  return {
    combined_validation_context: {
      default_validation_context,
      validation_context_sds_secret_config: secretOf(context, root === '' ? '' : rootFile(root), ROOT),
    },
  };
}

/** How a server's TLS is carried. */
export interface Transport {
  readonly isQuic: boolean;
  /** Whether there is something else than HTTP in it. */
  readonly isTcp: boolean;
}

/** The TLS of a server of a Gateway, or of an ingress listener of a Sidecar. */
export function serverTls(
  context: Context,
  settings: ServerTLSSettings,
  { isQuic, isTcp }: Transport,
): DownstreamTlsContext {
  const mode = settings.mode ?? 'PASSTHROUGH';
  const isMutual = mode === 'MUTUAL' || mode === 'ISTIO_MUTUAL';
  const requires = isMutual && !isQuic;
  const validates = requires || mode === 'OPTIONAL_MUTUAL';
  const isPeer = !isQuic && isTcp && mode === 'ISTIO_MUTUAL' && !context.features.disableMxAlpn;
  const common: CommonTlsContext = {
    alpn_protocols: isQuic ? ['h3'] : isPeer ? PEER_ALPN : HTTP_ALPN,
    ...secretsOf(context, settings, validates),
  };
  if (mode === 'SIMPLE' || mode === 'MUTUAL' || mode === 'OPTIONAL_MUTUAL') {
    const params = parametersOf(context, settings);
    if (Object.keys(params).length > 0) common.tls_params = params;
  }
  return { common_tls_context: common, require_client_certificate: requires };
}

function secretsOf(context: Context, settings: ServerTLSSettings, validates: boolean): CommonTlsContext {
  const { credential_name = '', credential_names = [], tls_certificates = [] } = settings;
  const names = exactNames(settings.subject_alt_names);
  const checks: CertificateValidationContext = {
    ...(names && { match_subject_alt_names: names }),
    ...(settings.ca_crl && { crl: { filename: settings.ca_crl } }),
  };
  if (settings.mode === 'ISTIO_MUTUAL') {
    const { tlsServer } = context.proxy.metadata;
    return {
      ...ownCertificates(context, [tlsServer]),
      ...(validates && validation(context, tlsServer.root, checks)),
    };
  }
  if (credential_names.length > 0 || credential_name !== '') return credentialsOf(context, settings);
  const root = settings.ca_certificates ?? '';
  const files =
    tls_certificates.length > 0
      ? tls_certificates.map(({ server_certificate = '', private_key = '' }) => ({
          chain: server_certificate,
          key: private_key,
          root,
        }))
      : [{ chain: settings.server_certificate ?? '', key: settings.private_key ?? '', root }];
  return {
    ...ownCertificates(context, files),
    ...(validates && validation(context, root, checks)),
  };
}

function credentialsOf(context: Context, settings: ServerTLSSettings): CommonTlsContext {
  const { credential_name = '', credential_names = [], ca_cert_credential_name = '' } = settings;
  const names = credential_names.length > 0 ? credential_names : [credential_name];
  const secret = (name: string): SdsSecretConfig => serverSecret(context, name);
  const subjects = exactNames(settings.subject_alt_names);
  const checked = subjects && { match_subject_alt_names: subjects };
  const certificates = { tls_certificate_sds_secret_configs: names.map(secret) };
  if (settings.mode !== 'MUTUAL' && settings.mode !== 'OPTIONAL_MUTUAL')
    return { ...certificates, ...(checked && { validation_context: checked }) };
  const { verify_certificate_spki: spki = [], verify_certificate_hash: hash = [] } = settings;
  return {
    ...certificates,
    combined_validation_context: {
      default_validation_context: {
        ...checked,
        ...(spki.length > 0 && { verify_certificate_spki: spki }),
        ...(hash.length > 0 && { verify_certificate_hash: hash }),
      },
      validation_context_sds_secret_config: secret(ca_cert_credential_name || names[0] + CA_SUFFIX),
    },
  };
}

function serverSecret({ mesh, proxy }: Context, name: string): SdsSecretConfig {
  return credentialSecret(name, proxy.metadata.credentialSocket, (server) => {
    const provider = mesh.settings.extension_providers.find(({ sds }) => sds?.name === server)?.sds;
    return provider && lookupCluster(mesh, provider.service ?? '', provider.port ?? 0)?.cluster;
  });
}

function parametersOf(
  { mesh }: Context,
  settings: ServerTLSSettings,
): NonNullable<CommonTlsContext['tls_params']> {
  const defaults = mesh.settings.tls_defaults ?? {};
  const { cipher_suites = [], min_protocol_version: min, max_protocol_version: max } = settings;
  const ciphers = cipher_suites.length > 0 ? cipher_suites : (defaults.cipher_suites ?? []);
  const curves = defaults.ecdh_curves ?? [];
  const least = min !== undefined && min !== 'TLS_AUTO' ? min : undefined;
  const general = defaults.min_protocol_version;
  const isGeneralSaid = general !== undefined && general !== 'TLS_AUTO';
  return {
    ...(curves.length > 0 && { ecdh_curves: curves }),
    ...(ciphers.length > 0 && { cipher_suites: ciphers }),
    ...(least !== undefined
      ? { tls_minimum_protocol_version: versionOf(least) }
      : isGeneralSaid && { tls_minimum_protocol_version: minimumVersion(general) }),
    ...(max !== undefined && max !== 'TLS_AUTO' && { tls_maximum_protocol_version: versionOf(max) }),
  };
}

/** `TLSV1_2` as Envoy spells it. */
function versionOf(version: string) {
  return version.replace('TLSV', 'TLSv') as 'TLSv1_2';
}

const KNOWN_CIPHERS: ReadonlySet<string> = new Set([
  ...CIPHERS,
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES256-SHA',
  'AES128-SHA',
  'AES256-SHA',
  'DES-CBC3-SHA',
]);

/** Settings with the ciphers alone that Envoy takes, each once. */
export function withKnownCiphers(settings: ServerTLSSettings): ServerTLSSettings {
  const { cipher_suites = [] } = settings;
  const known = cipher_suites.filter(
    (cipher) =>
      cipher === '' || cipher === 'ALL' || !/^[\p{L}\p{N}]/u.test(cipher) || KNOWN_CIPHERS.has(cipher),
  );
  return { ...settings, cipher_suites: [...new Set(known)] };
}
