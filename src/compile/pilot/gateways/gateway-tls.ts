// The TLS context of a gateway's server: the secrets that its Gateway names, from the SDS server beside the
// proxy, or the files (Pilot 1.1's buildGatewayListenerTLSContext).

import { compareText } from '../../../collections/compare-text.js';
import type {
  Server,
  Server_TLSOptions,
  Server_TLSOptions_TLSProtocol,
} from '../../../envoy/generated/types/networking/v1alpha3/gateway.js';
import { PARAMETER } from '../../../tls/fields.js';
import { ingressGatewaySource } from '../../../tls/sds-source.js';
import type { SdsSecret, TlsSettings } from '../../../tls/settings.js';
import { sansRule, type WrittenTlsContext, writeTlsContext } from '../../../tls/write.js';
import { fileCertificate, fileValidation } from '../clusters/upstream-tls.js';
import type { Context } from '../context/context.js';
import { isPassthrough } from './merged-gateway.js';

/** The secret with the roots that clients' certificates are checked against is named after the credential. */
const ROOT_SUFFIX = '-cacert';

/** How Go spells what is true. */
const TRUE: ReadonlySet<string> = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);

/** The context of a server that ends TLS. */
export function gatewayTls(context: Context, tls: Server_TLSOptions): WrittenTlsContext {
  const credential = credentialOf(context, tls);
  const secrets = credential === '' ? fromFiles(tls) : fromSds(tls, credential);
  return writeTlsContext({
    side: 'downstream',
    ...secrets,
    alpn: ['h2', 'http/1.1'],
    sni: undefined,
    requireClientCertificate: tls.mode === 'MUTUAL',
    parameters: parameters(tls),
    rest: {},
  });
}

/** The credential that SDS gives; '' where the files count. */
function credentialOf(context: Context, tls: Server_TLSOptions): string {
  return hasIngressSds(context) ? (tls.credential_name ?? '') : '';
}

/** Whether a server ends TLS with a certificate from files of which it does not name both. */
export function lacksCertificate(context: Context, server: Server): boolean {
  const { tls } = server;
  if (tls === undefined || isPassthrough(server) || credentialOf(context, tls) !== '') return false;
  return !tls.server_certificate || !tls.private_key;
}

/** Whether an SDS server for credentials is beside the proxy, as its node says, and the proxy knows SDS. */
export function hasIngressSds({ proxy }: Context): boolean {
  return proxy.isVersion11 && TRUE.has(proxy.metadata.USER_SDS ?? '');
}

type Secrets = Pick<TlsSettings, 'certificates' | 'validation'>;

function fromSds(tls: Server_TLSOptions, credential: string): Secrets {
  const sans = subjectAltNames(tls);
  return {
    certificates: [{ delivery: 'sds', secret: secret(credential) }],
    validation:
      tls.mode === 'MUTUAL'
        ? {
            root: { delivery: 'sds', secret: secret(`${credential}${ROOT_SUFFIX}`) },
            rest: sans.length > 0 ? sansRule(sans) : {},
          }
        : fileValidation(undefined, sans),
  };
}

/** Sorted, as the set that they are. */
function subjectAltNames({ subject_alt_names = [] }: Server_TLSOptions): string[] {
  return [...subject_alt_names].sort(compareText);
}

function secret(name: string): SdsSecret {
  return { name, source: ingressGatewaySource() };
}

function fromFiles(tls: Server_TLSOptions): Secrets {
  return {
    certificates: [fileCertificate(tls.server_certificate ?? '', tls.private_key ?? '')],
    validation: fileValidation(tls.ca_certificates, subjectAltNames(tls)),
  };
}

/** Versions and ciphers, where the server limits them. */
function parameters(tls: Server_TLSOptions): TlsSettings['parameters'] {
  const ciphers = tls.cipher_suites ?? [];
  const minimum = version(tls.min_protocol_version);
  const maximum = version(tls.max_protocol_version);
  if (ciphers.length === 0 && minimum === undefined && maximum === undefined) return undefined;
  return {
    ...(minimum !== undefined && { [PARAMETER.minimum]: minimum }),
    ...(maximum !== undefined && { [PARAMETER.maximum]: maximum }),
    ...(ciphers.length > 0 && { [PARAMETER.ciphers]: ciphers }),
  };
}

/** Istio's `TLSV1_2` is Envoy's `TLSv1_2`. */
function version(protocol: Server_TLSOptions_TLSProtocol | undefined): string | undefined {
  return protocol === undefined || protocol === 'TLS_AUTO' ? undefined : protocol.replace('TLSV', 'TLSv');
}
