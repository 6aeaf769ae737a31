// The TLS context of a cluster, from a DestinationRule's `tls` (Pilot 1.1's applyUpstreamTLSSettings).

import { compareText } from '../../../collections/compare-text.js';
import type { TLSSettings } from '../../../envoy/generated/types/networking/v1alpha3/destination_rule.js';
import { WORKLOAD_CHAIN, WORKLOAD_KEY, WORKLOAD_ROOT } from '../../../istio/workload-files.js';
import type { Fragment } from '../../../source/fragment.js';
import {
  fileCertificateName,
  fileRootName,
  isWorkloadCertificate,
  isWorkloadRoot,
} from '../../../tls/secret-names.js';
import type { Certificate, Root, SdsSecret, TlsSettings, Validation } from '../../../tls/settings.js';
import { sansRule, type WrittenTlsContext, writeTlsContext } from '../../../tls/write.js';
import { hasQuirk } from '../context/compat.js';
import type { Context } from '../context/context.js';

/** What a cluster is, as far as its TLS depends on it. */
export interface UpstreamPeer {
  /** The accounts that may serve it, as SPIFFE ids. */
  readonly accounts: readonly string[];
  readonly serverName: string;
  readonly hostname: string;
  readonly http2: boolean;
}

/**
 * The TLS context after a policy was applied to a cluster.
 *
 * @param before the context that it has so far; a rule that cannot be applied leaves it
 */
export function upstreamTls(
  context: Context,
  tls: TLSSettings,
  peer: UpstreamPeer,
  before: WrittenTlsContext | undefined,
): WrittenTlsContext | undefined {
  switch (tls.mode ?? 'DISABLE') {
    case 'SIMPLE':
      return upstreamContext({
        certificates: [],
        validation: serverValidation(context, tls, peer),
        alpn: peer.http2 ? ['h2'] : [],
        sni: tls.sni,
      });
    case 'MUTUAL':
      // Without a certificate there is nothing to present, and Pilot leaves the cluster as it is.
      if (!tls.client_certificate || !tls.private_key)
        return hasQuirk(context.compat, 'mutual-without-files') ? before : istioMutual(context, tls, peer);
      return upstreamContext({
        ...ruleSecrets(context, tls, tls.client_certificate, tls.private_key),
        alpn: peer.http2 ? ['h2'] : [],
        sni: tls.sni,
      });
    case 'ISTIO_MUTUAL':
      return istioMutual(context, tls, peer);
    default:
      return undefined;
  }
}

const ALPN = ['istio'];
const ALPN_HTTP2 = ['istio', 'h2'];

function istioMutual(context: Context, tls: TLSSettings, peer: UpstreamPeer): WrittenTlsContext {
  const sans = saysNames(tls) ? (tls.subject_alt_names ?? []) : peer.accounts;
  const source = context.workloadSource;
  const alpn = peer.http2 ? ALPN_HTTP2 : ALPN;
  const sni = tls.sni || peer.serverName;
  if (source !== undefined) {
    return upstreamContext({
      certificates: source.presented,
      validation: { root: source.trusted, rest: sanRules(sans) ?? {} },
      alpn,
      sni,
    });
  }
  const { metadata } = context.proxy;
  const base = hasQuirk(context.compat, 'base-for-servers-only') ? '' : (metadata.BASE ?? '');
  return upstreamContext({
    certificates: [
      fileCertificate(
        metadata.TLS_CLIENT_CERT_CHAIN || base + WORKLOAD_CHAIN,
        metadata.TLS_CLIENT_KEY || base + WORKLOAD_KEY,
      ),
    ],
    validation: fileValidation(metadata.TLS_CLIENT_ROOT_CERT || base + WORKLOAD_ROOT, sans),
    alpn,
    sni,
  });
}

/** Whether a rule says which names a server may have; otherwise those of its accounts count. */
export function saysNames({ subject_alt_names = [] }: TLSSettings): boolean {
  return subject_alt_names.length > 0;
}

/** What a rule presents and trusts: its files, or secrets that are named after them. */
function ruleSecrets(
  context: Context,
  tls: TLSSettings,
  chain: string,
  key: string,
): Pick<TlsSettings, 'certificates' | 'validation'> {
  const source = context.workloadSource;
  const files = {
    chain: clientFile(context, 'CERT_CHAIN', chain),
    key: clientFile(context, 'KEY', key),
    extras: {},
  };
  const root = rootFile(context, tls);
  if (source === undefined || hasQuirk(context.compat, 'mutual-files-under-sds'))
    return {
      certificates: [fileCertificate(files.chain, files.key)],
      validation: fileValidation(root, vouchedNames(context, root, tls)),
    };
  const secret = (name: string): SdsSecret => ({ name, source: source.certificate.source });
  return {
    certificates: [
      {
        delivery: 'sds',
        secret: isWorkloadCertificate(files) ? source.certificate : secret(fileCertificateName(files)),
      },
    ],
    validation:
      root === undefined
        ? fileValidation(undefined, vouchedNames(context, undefined, tls))
        : {
            root: {
              delivery: 'sds',
              secret: isWorkloadRoot(root) ? source.root : secret(fileRootName(root)),
            },
            rest: sanRules(tls.subject_alt_names ?? []) ?? {},
          },
  };
}

/** Where public authorities' certificates are, in the images of Envoy. */
export const PUBLIC_ROOTS = '/etc/ssl/certs/ca-certificates.crt';

/** How SIMPLE checks its server. */
function serverValidation(context: Context, tls: TLSSettings, peer: UpstreamPeer): Validation | undefined {
  const { subject_alt_names: sans = [], sni } = tls;
  const root = rootFile(context, tls);
  if (root !== undefined || hasQuirk(context.compat, 'simple-without-ca-unverified'))
    return fileValidation(root, vouchedNames(context, root, tls));
  const name = sni || peer.hostname;
  return fileValidation(PUBLIC_ROOTS, sans.length > 0 || name.startsWith('*') ? sans : [name]);
}

/**
 * The names that a server may have. Without a trusted CA they mean nothing: anyone can create a certificate
 * with a name, and an upstream Envoy refuses to check it.
 */
function vouchedNames(
  { dataplane }: Context,
  root: string | undefined,
  { subject_alt_names: sans = [] }: TLSSettings,
): readonly string[] {
  return root === undefined && dataplane === 'envoy' ? [] : sans;
}

/** A rule's root file, or the one that the node has in its place; undefined for none. */
function rootFile(context: Context, { ca_certificates: file }: TLSSettings): string | undefined {
  return file ? clientFile(context, 'ROOT_CERT', file) : undefined;
}

/** A rule's file, or the one that the node has in its place. */
function clientFile({ compat, proxy }: Context, which: ClientFile, file: string): string {
  const own = proxy.metadata[`TLS_CLIENT_${which}`];
  return own && hasQuirk(compat, 'metadata-replaces-rule-files') ? own : file;
}

type ClientFile = 'CERT_CHAIN' | 'KEY' | 'ROOT_CERT';

/** A certificate in two files. */
export function fileCertificate(chain: string, key: string): Certificate {
  return {
    delivery: 'direct',
    chain: { from: 'file', filename: chain },
    key: { from: 'file', filename: key },
    extras: {},
  };
}

/** What is checked of a peer, with roots in a file; undefined where nothing is. */
export function fileValidation(
  rootFile: string | undefined,
  sans: readonly string[] | undefined,
): Validation | undefined {
  const rest = sanRules(sans ?? []);
  if (!rootFile && rest === undefined) return undefined;
  const root: Root | undefined = rootFile
    ? { delivery: 'direct', source: { from: 'file', filename: rootFile } }
    : undefined;
  return { root, rest };
}

/** SANs as rules, sorted: Pilot's order of generated ones is that of a map, and a rule's own mean a set. */
function sanRules(sans: readonly string[]): Fragment | undefined {
  if (sans.length === 0) return undefined;
  return sansRule(sans.length === 1 ? sans : [...sans].sort(compareText));
}

/** An upstream context without what is not given. */
export function upstreamContext(
  settings: Pick<TlsSettings, 'certificates' | 'validation' | 'alpn'> & { readonly sni: string | undefined },
): WrittenTlsContext {
  return writeTlsContext({
    side: 'upstream',
    ...settings,
    sni: settings.sni || undefined,
    requireClientCertificate: undefined,
    parameters: undefined,
    rest: {},
  });
}
