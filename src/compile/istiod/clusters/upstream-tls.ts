// TLS to what a proxy calls: which settings apply, and what Envoy makes of them (istiod 1.29's
// core/cluster_tls.go).

import { memo } from '../../../collections/memo.js';
import type { Cluster } from '../../../envoy/generated/types/envoy/config/cluster/v3/cluster.js';
import type { TransportSocket } from '../../../envoy/generated/types/envoy/config/core/v3/base.js';
import type { CommonTlsContext } from '../../../envoy/generated/types/envoy/extensions/transport_sockets/tls/v3/tls.js';
import type {
  ClientTLSSettings,
  TrafficPolicy_ProxyProtocol,
} from '../../../envoy/generated/types/networking/v1/destination_rule.js';
import type { MutualTlsMode, Service } from '../../../mesh/istiod/model.js';
import type { Context } from '../context/context.js';
import { RAW_BUFFER, tlsSocket, typed } from '../context/extensions.js';
import {
  CA_SUFFIX,
  CERTIFICATE,
  CONFIG_MAP_PREFIX,
  certificateFiles,
  credentialSecret,
  exactNames,
  fileSecret,
  ROOT,
  rootFile,
} from '../context/secrets.js';
import { type ClusterDraft, usesHttp2 } from './draft.js';

/** What decides on the TLS of a cluster. */
export interface TlsInputs {
  /** Of the rule. */
  readonly tls: ClientTLSSettings | undefined;
  /** Who may serve. */
  readonly identities: readonly string[];
  /** What SNI says of the service. */
  readonly sni: string;
  readonly service: Service;
  /** What the service's namespace takes; undefined where nothing can be told. */
  readonly mode: MutualTlsMode | undefined;
  /** Whether the rule is for some workloads only. */
  readonly hasSelector: boolean;
}

/** Settings, and whether istiod chose them itself. */
interface ChosenTls {
  readonly settings: ClientTLSSettings | undefined;
  readonly isAutomatic: boolean;
}

/** The settings that apply: those of the rule, else mutual TLS where it can be. */
function chosenTls({ mesh, proxy, features }: Context, inputs: TlsInputs): ChosenTls {
  const { tls, identities, sni, service, mode } = inputs;
  const files = proxy.metadata.tlsClient;
  const fromFiles = (names: readonly string[], name: string): ClientTLSSettings => ({
    mode: 'MUTUAL',
    client_certificate: files?.chain ?? '',
    private_key: files?.key ?? '',
    ca_certificates: files?.root ?? '',
    subject_alt_names: [...names],
    sni: name,
  });
  const mutual = (names: readonly string[], name: string): ClientTLSSettings => ({
    mode: 'ISTIO_MUTUAL',
    subject_alt_names: [...names],
    sni: name,
  });
  if (tls !== undefined) {
    const said = tls.mode ?? 'DISABLE';
    const isKept = said === 'DISABLE' || said === 'SIMPLE';
    if (isKept || (files !== undefined && features.preferRulesForExternal && service.meshExternal))
      return { settings: tls, isAutomatic: false };
    if (files !== undefined)
      return { settings: fromFiles(tls.subject_alt_names ?? [], tls.sni ?? ''), isAutomatic: false };
    if (said !== 'ISTIO_MUTUAL') return { settings: tls, isAutomatic: false };
    const names = tls.subject_alt_names?.length ? tls.subject_alt_names : identities;
    return { settings: mutual(names, tls.sni || sni), isAutomatic: false };
  }
  const isAutomatic = mesh.settings.enable_auto_mtls ?? false;
  if (service.meshExternal || !isAutomatic || mode === undefined || mode === 'DISABLE')
    return { settings: undefined, isAutomatic: false };
  return {
    settings: files === undefined ? mutual(identities, sni) : fromFiles(identities, sni),
    isAutomatic: true,
  };
}

/** Applies TLS to a cluster. */
export function applyUpstreamTls(context: Context, draft: ClusterDraft, inputs: TlsInputs): void {
  const { cluster } = draft;
  const { settings, isAutomatic } = chosenTls(context, inputs);
  if (settings === undefined) return;
  const socket = socketOf(context, draft, settings, inputs);
  if (settings.mode === 'ISTIO_MUTUAL' && isAutomatic && cluster.type !== 'ORIGINAL_DST')
    cluster.transport_socket_matches = automaticMatches(socket as TransportSocket);
  else if (socket !== undefined) cluster.transport_socket = socket;
}

const matches = new WeakMap<TransportSocket, NonNullable<Cluster['transport_socket_matches']>>();

/** Mutual TLS with the endpoints that have a sidecar, plain text with the others. */
function automaticMatches(socket: TransportSocket): NonNullable<Cluster['transport_socket_matches']> {
  return memo(matches, socket, () => [
    { name: 'tlsMode-istio', match: { tlsMode: 'istio' }, transport_socket: socket },
    { name: 'tlsMode-disabled', match: {}, transport_socket: RAW_BUFFER },
  ]);
}

function socketOf(
  context: Context,
  draft: ClusterDraft,
  settings: ClientTLSSettings,
  inputs: TlsInputs,
): TransportSocket | undefined {
  const { mode = 'DISABLE', credential_name = '' } = settings;
  const isPrivileged = credential_name !== '' && !credential_name.startsWith(CONFIG_MAP_PREFIX);
  if (
    isPrivileged &&
    context.proxy.type === 'sidecar' &&
    !inputs.hasSelector &&
    (mode === 'SIMPLE' || mode === 'MUTUAL')
  )
    return undefined;
  switch (mode) {
    case 'ISTIO_MUTUAL':
      return mutualSocket(context, draft, settings);
    case 'SIMPLE':
    case 'MUTUAL':
      return ownSocket(context, draft, settings, inputs);
    default:
      return undefined;
  }
}

const TLS_PARAMS = {
  tls_minimum_protocol_version: 'TLSv1_2',
  tls_maximum_protocol_version: 'TLSv1_3',
} as const;

function mutualSocket(
  { features }: Context,
  draft: ClusterDraft,
  { sni, subject_alt_names }: ClientTLSSettings,
): TransportSocket {
  const names = exactNames(subject_alt_names);
  return tlsSocket('Upstream', {
    common_tls_context: {
      tls_params: TLS_PARAMS,
      alpn_protocols: [
        ...(features.disableMxAlpn ? [] : ['istio-peer-exchange']),
        'istio',
        ...(usesHttp2(draft) ? ['h2'] : []),
      ],
      tls_certificate_sds_secret_configs: [CERTIFICATE],
      combined_validation_context: {
        default_validation_context: names === undefined ? {} : { match_subject_alt_names: names },
        validation_context_sds_secret_config: ROOT,
      },
    },
    sni: sni || draft.cluster.name,
  });
}

function ownSocket(
  context: Context,
  draft: ClusterDraft,
  settings: ClientTLSSettings,
  { service, identities }: TlsInputs,
): TransportSocket | undefined {
  applyAutomaticNames(draft, settings);
  const said = settings.subject_alt_names ?? [];
  const names = service.registry === 'External' && said.length === 0 ? identities : said;
  const common: CommonTlsContext = { tls_params: tlsParams(context) };
  if (usesHttp2(draft)) common.alpn_protocols = ['h2'];
  if (settings.credential_name) applyCredential(context, common, settings, names);
  else if (!applyFiles(context, common, settings, names)) return undefined;
  return tlsSocket('Upstream', {
    common_tls_context: common,
    ...(settings.sni && { sni: settings.sni }),
  });
}

function tlsParams({ mesh }: Context): NonNullable<CommonTlsContext['tls_params']> {
  const { ecdh_curves = [], cipher_suites = [] } = mesh.settings.tls_defaults ?? {};
  return {
    ...TLS_PARAMS,
    ...(cipher_suites.length > 0 && { cipher_suites }),
    ...(ecdh_curves.length > 0 && { ecdh_curves }),
  };
}

/** Takes names that are not said from the request. */
function applyAutomaticNames(draft: ClusterDraft, settings: ClientTLSSettings): void {
  if (settings.sni) return;
  const validates = !settings.subject_alt_names?.length && !settings.insecure_skip_verify;
  draft.options = {
    ...draft.options,
    upstream_http_protocol_options: { auto_sni: true, ...(validates && { auto_san_validation: true }) },
  };
}

function applyCredential(
  { proxy }: Context,
  common: CommonTlsContext,
  { mode, credential_name = '', insecure_skip_verify }: ClientTLSSettings,
  names: readonly string[],
): void {
  const secret = (name: string) => credentialSecret(name, proxy.metadata.credentialSocket);
  if (mode === 'MUTUAL') common.tls_certificate_sds_secret_configs = [secret(credential_name)];
  if (insecure_skip_verify) return;
  common.combined_validation_context = {
    default_validation_context: validation(names),
    validation_context_sds_secret_config: secret(credential_name + CA_SUFFIX),
  };
}

function validation(names: readonly string[]) {
  const exact = exactNames(names);
  return exact === undefined ? {} : { match_subject_alt_names: exact };
}

/** Takes certificates from files; false where those of the client are not all named. */
function applyFiles(
  { proxy }: Context,
  common: CommonTlsContext,
  settings: ClientTLSSettings,
  names: readonly string[],
): boolean {
  const { mode, client_certificate, private_key, ca_certificates, ca_crl, insecure_skip_verify } = settings;
  const secret = (name: string) => fileSecret(name, proxy.metadata.fileCredentialSocket);
  if (mode === 'MUTUAL') {
    if (!client_certificate || !private_key) return false;
    common.tls_certificate_sds_secret_configs = [secret(certificateFiles(client_certificate, private_key))];
  }
  if (insecure_skip_verify) common.validation_context = {};
  else
    common.combined_validation_context = {
      default_validation_context: {
        ...validation(names),
        ...(ca_crl && { crl: { filename: ca_crl } }),
      },
      validation_context_sds_secret_config: secret(rootFile(ca_certificates || 'system')),
    };
  return true;
}

/** Plain text under the PROXY protocol has a name of its own. */
const PLAIN: TransportSocket = { ...RAW_BUFFER, name: 'raw_buffer' };

/** Wraps the sockets of a cluster so that they begin with the PROXY protocol. */
export function applyProxyProtocol(
  cluster: Cluster,
  protocol: TrafficPolicy_ProxyProtocol | undefined,
): void {
  if (protocol === undefined) return;
  const wrapped = (socket: TransportSocket): TransportSocket => ({
    name: 'envoy.transport_sockets.upstream_proxy_protocol',
    typed_config: typed(
      'envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport',
      { config: { version: protocol.version ?? 'V1' }, transport_socket: socket },
    ),
  });
  if (cluster.transport_socket_matches !== undefined)
    cluster.transport_socket_matches = cluster.transport_socket_matches.map((match) => ({
      ...match,
      transport_socket: wrapped(match.transport_socket ?? RAW_BUFFER),
    }));
  else cluster.transport_socket = wrapped(cluster.transport_socket ?? PLAIN);
}
