// A provider is a way of delivering secrets by SDS: which names its server answers to, and the block that
// leads there. Each is one file beside this one.

import type { Api } from '../../envoy/detect.js';
import type { Fragment } from '../../source/fragment.js';
import type { CertificateExtras } from '../settings.js';

/** The files of one certificate, and what stands beside them in its message. */
export interface CertificateFiles {
  readonly chain: string;
  readonly key: string;
  readonly extras: CertificateExtras;
}

/** What the user should know of a name. */
export interface NamingWarning {
  readonly code: 'secret-must-be-known' | 'issuer-changes';
  readonly message: string;
}

/** What a provider says of some files: the secret's name, or why it is none of its. */
export type Naming =
  | { readonly name: string; readonly warning?: NamingWarning }
  | { readonly reason: Reason; readonly detail: string; readonly remedy?: string };

/** Why something is left as it is, in a word for machines. */
export type Reason =
  | 'alias'
  | 'ambiguous-name'
  | 'certificate-extras'
  | 'duplicate-key'
  | 'incomplete'
  | 'inline'
  | 'no-sds-cluster'
  | 'not-workload-files'
  | 'outside-mount'
  | 'private-key-provider'
  | 'redacted'
  | 'sds-server'
  | 'served-secret'
  | 'several-certificates'
  | 'static-secret'
  | 'undetermined'
  | 'wrong-direction';

/** A static cluster that must be in the bootstrap for the provider's server to be reached. */
export interface SdsCluster {
  readonly name: string;
  /** The cluster to add; undefined where the user says that it exists. */
  readonly definition: ((api: Api) => { readonly [field: string]: Fragment }) | undefined;
}

/** A Secret file that is written beside the config. */
export interface SecretFile {
  /** The file's name in the secrets' folder. */
  readonly filename: string;
  readonly content: string;
}

/** The ConfigSource that leads to a server, in a version of the API. */
export type SdsSource = (api: Api) => Fragment;

/** How secrets are delivered. */
export interface Provider {
  readonly name: string;
  /** The provider in words, for the summary: what serves, in which form, at which address. */
  readonly description: string;
  readonly cluster: SdsCluster | undefined;
  /** Whether what a certificate holds beside its chain and key arrives as well. */
  readonly deliversExtras: boolean;
  /** Says that the input asks for a secret of this name already: other files cannot have the same name. */
  reserve?(purpose: 'certificate' | 'root', name: string): void;
  nameCertificate(files: CertificateFiles, api: Api): Naming;
  nameRoot(path: string, api: Api): Naming;
  /** The ConfigSource of a secret that the provider named. */
  source(secretName: string, api: Api): Fragment;
  /** The Secret files that were needed for the names given out, in the order of their names. */
  secretFiles(): readonly SecretFile[];
}
