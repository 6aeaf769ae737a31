// TLS settings as a value: what a context presents, whom it trusts and what it negotiates, whatever the API
// version and however the secrets arrive. convert changes their delivery, compile builds them from policy,
// diff compares them.

import type { Side } from '../envoy/extensions/side.js';
import type { Fragment } from '../source/fragment.js';

/** Where bytes come from, other than SDS. Inline bytes are never shown: `digest` only tells whether two are the same. */
export type DataSource =
  | { readonly from: 'file'; readonly filename: string }
  | {
      readonly from: 'inline';
      readonly digest: string;
      /** In bytes. */
      readonly length: number;
      /** Whether it is nothing but certificates, which are public, and too random to be found by their digest. */
      readonly isPublic: boolean;
    }
  | { readonly from: 'environment'; readonly variable: string };

/** A secret that Envoy asks for by name; without a source it is a static secret of the bootstrap. */
export interface SdsSecret {
  readonly name: string;
  /** The `ConfigSource` as the API has it. */
  readonly source: Fragment | undefined;
}

/** What a certificate holds beside its chain and key, by field name: password, OCSP staple and the like. */
export type CertificateExtras = { readonly [field: string]: Fragment };

/** A certificate to present. */
export type Certificate =
  | {
      readonly delivery: 'direct';
      readonly chain: DataSource | undefined;
      readonly key: DataSource | undefined;
      readonly extras: CertificateExtras;
    }
  | { readonly delivery: 'sds'; readonly secret: SdsSecret };

/** The certificates that are trusted to vouch for a peer. */
export type Root =
  | { readonly delivery: 'direct'; readonly source: DataSource }
  | { readonly delivery: 'sds'; readonly secret: SdsSecret };

/** How the peer's certificate is checked. */
export interface Validation {
  readonly root: Root | undefined;
  /**
   * The rest of the validation context, as the API has it: SANs, hashes, revocation lists. Undefined where
   * the context is wholly the secret's (`validation_context_sds_secret_config`).
   */
  readonly rest: Fragment | undefined;
}

/** A TLS context as a value. */
export interface TlsSettings {
  readonly side: Side;
  readonly certificates: readonly Certificate[];
  readonly validation: Validation | undefined;
  readonly alpn: readonly string[];
  /** Upstream: the server name that the client asks for. */
  readonly sni: string | undefined;
  /** Downstream: whether a client must present a certificate; undefined where the config leaves it open. */
  readonly requireClientCertificate: boolean | undefined;
  /** Protocol versions, ciphers and curves, as the API has them. */
  readonly parameters: Fragment | undefined;
  /** Everything else that the context holds, by field name, carried untouched. */
  readonly rest: { readonly [field: string]: Fragment };
}
