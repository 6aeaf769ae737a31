// All rules: what is trusted, where secrets come from, how the parts of a configuration fit, what pods mount.

import type { Rule, RuleText } from '../rule.js';
import { STARTUP_RULES } from '../startup/areas.js';
import { acceptsExpiredCertificates } from './accepts-expired.js';
import { acceptsUntrustedChain } from './accepts-untrusted.js';
import { adminExposed } from './admin-exposed.js';
import { bothSanFields } from './both-san-fields.js';
import { caNotReloaded } from './ca-not-reloaded.js';
import { callCredentialsWithoutChannel } from './call-credentials-without-channel.js';
import { clientCertificateOptional } from './client-certificate-optional.js';
import { clientCertificateUnchecked } from './client-certificate-unchecked.js';
import { combinedContextMerge } from './combined-context-merge.js';
import { differingSdsBlocks } from './differing-sds-blocks.js';
import { duplicateName } from './duplicate-name.js';
import { endlessFetch } from './endless-fetch.js';
import { equalFilterChains } from './equal-filter-chains.js';
import { extensionName } from './extension-name.js';
import { grpcWithoutHttp2 } from './grpc-without-http2.js';
import { keyAsPath } from './key-as-path.js';
import { leftoverSecretFiles } from './leftover-secret-files.js';
import { leftoverSecretVolume } from './leftover-secret-volume.js';
import { noApiVersion } from './no-api-version.js';
import { noConnectionLimit } from './no-connection-limit.js';
import { noNode } from './no-node.js';
import { noTlsInspector } from './no-tls-inspector.js';
import { nodeOnFirstMessageOnly } from './node-on-first-message-only.js';
import { outdatedTls } from './outdated-tls.js';
import { plainBesideMtls } from './plain-beside-mtls.js';
import { renegotiation } from './renegotiation.js';
import { sanKind } from './san-kind.js';
import { sanPatternDots } from './san-pattern-dots.js';
import { sansWithoutCa } from './sans-without-ca.js';
import { sdsClusterNotStatic } from './sds-cluster-not-static.js';
import { sdsClusterOrder } from './sds-cluster-order.js';
import { sdsDependsOnItself } from './sds-depends-on-itself.js';
import { sdsStreams } from './sds-streams.js';
import { secretFile } from './secret-file.js';
import { secretFiles } from './secret-files.js';
import { serverNameNotChecked } from './server-name-not-checked.js';
import { serverNotVerified } from './server-not-verified.js';
import { sessionKeysLogged } from './session-keys-logged.js';
import { sharedPrivateKey } from './shared-private-key.js';
import { socketAddress } from './socket-address.js';
import { socketNotMounted } from './socket-not-mounted.js';
import { spiffeValidatorIgnores } from './spiffe-validator-ignores.js';
import { spireSecretName } from './spire-secret-name.js';
import { staticClusterAdsSecret } from './static-cluster-ads-secret.js';
import { tlsVersionRange } from './tls-version-range.js';
import { tokenNotProjected } from './token-not-projected.js';
import { unfilledTemplate } from './unfilled-template.js';
import { unknownCluster } from './unknown-cluster.js';
import { unknownSecret } from './unknown-secret.js';
import { unnamedSecret } from './unnamed-secret.js';
import { unprotectedFetch } from './unprotected-fetch.js';
import { unprovedPrincipal } from './unproved-principal.js';
import { unusedSecret } from './unused-secret.js';
import { unwatchedDirectory } from './unwatched-directory.js';
import { watchedInline } from './watched-inline.js';
import { watchedWithoutSds } from './watched-without-sds.js';
import { weakCipher } from './weak-cipher.js';

/** The rules, in the order of the documentation. */
export const RULES: readonly Rule[] = [
  sansWithoutCa,
  bothSanFields,
  serverNotVerified,
  serverNameNotChecked,
  sanKind,
  sanPatternDots,
  clientCertificateOptional,
  clientCertificateUnchecked,
  plainBesideMtls,
  unprovedPrincipal,
  acceptsUntrustedChain,
  acceptsExpiredCertificates,
  outdatedTls,
  tlsVersionRange,
  weakCipher,
  sessionKeysLogged,
  renegotiation,
  sharedPrivateKey,
  spiffeValidatorIgnores,
  combinedContextMerge,
  caNotReloaded,
  unknownSecret,
  unusedSecret,
  unnamedSecret,
  secretFile,
  unwatchedDirectory,
  watchedInline,
  watchedWithoutSds,
  keyAsPath,
  noNode,
  staticClusterAdsSecret,
  sdsClusterOrder,
  sdsClusterNotStatic,
  sdsDependsOnItself,
  endlessFetch,
  callCredentialsWithoutChannel,
  unprotectedFetch,
  nodeOnFirstMessageOnly,
  socketAddress,
  grpcWithoutHttp2,
  spireSecretName,
  noApiVersion,
  differingSdsBlocks,
  sdsStreams,
  noConnectionLimit,
  adminExposed,
  leftoverSecretFiles,
  unknownCluster,
  duplicateName,
  equalFilterChains,
  noTlsInspector,
  extensionName,
  unfilledTemplate,
  socketNotMounted,
  tokenNotProjected,
  leftoverSecretVolume,
  secretFiles,
];

/** What is said of all rules and start-up checks. */
export const RULE_TEXTS: readonly RuleText[] = [...RULES, ...STARTUP_RULES];
