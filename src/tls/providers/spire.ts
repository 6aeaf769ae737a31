// SPIRE's agent on a socket, reached through a cluster. It serves the workload's own certificate as `default`
// and its trust bundle as `ROOTCA` (spiffe/spire#1988), or both by SPIFFE ID where --secrets says so.

import {
  givenCertificateName,
  givenRootName,
  ROOT_SECRET,
  type SecretNames,
  WORKLOAD_SECRET,
} from '../secret-names.js';
import type { Naming, Provider, SdsCluster, SdsSource } from './provider.js';

/** What the provider is made of. */
export interface SpireOptions {
  readonly description: string;
  readonly source: SdsSource;
  readonly cluster: SdsCluster | undefined;
  readonly secrets: SecretNames;
}

/** SPIRE's agent. A workload has one identity there: the first files that are met stand for it. */
export function spireProvider({ description, source, cluster, secrets }: SpireOptions): Provider {
  const own = new Map<string, string>();
  /** The default name for the first files of a kind; others cannot be the same secret. */
  const onlyOne = (name: string, files: string): Naming => {
    const first = own.get(name);
    if (first === undefined) {
      own.set(name, files);
      const message = `${name} takes the place of ${files}: SPIRE issues it from its own CA, so both ends of a connection must move`;
      return { name, warning: { code: 'issuer-changes', message } };
    }
    if (first !== files) {
      return {
        reason: 'ambiguous-name',
        detail: `${files} cannot be ${name} as well, which stands for ${first}`,
        remedy: 'say in --secrets which SPIFFE ID these files are',
      };
    }
    return { name };
  };
  return {
    name: 'spire',
    description,
    cluster,
    needsNode: true,
    deliversExtras: false,
    nameCertificate: (files) =>
      givenCertificateName(secrets, files) ?? onlyOne(WORKLOAD_SECRET, `${files.chain} and ${files.key}`),
    nameRoot: (path) => givenRootName(secrets, path) ?? onlyOne(ROOT_SECRET, path),
    source: (_, api) => source(api),
    secretFiles: () => [],
  };
}
