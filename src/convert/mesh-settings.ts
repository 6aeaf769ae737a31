// What a mesh's settings say of SDS and of trust: a few fields of Istio's MeshConfig.

import type { Finding } from '../finding/finding.js';
import { readSettings } from '../mesh/said-settings.js';
import type { MeshSdsSettings } from '../tls/providers/descriptor.js';

/** The fields that are read. Of others a newer mesh may have more, or other kinds. */
const FIELDS = ['sds_uds_path', 'enable_sds_token_mount', 'sds_use_k8s_sa_jwt', 'trust_domain'] as const;

/** Settings, or findings of level error that say why there are none. */
export interface ReadMeshSettings {
  readonly settings: MeshSdsSettings | undefined;
  readonly findings: readonly Finding[];
}

/** Reads MeshConfig YAML or JSON, a ConfigMap with it under `mesh`, or values of Helm's chart. */
export function readMeshSettings(name: string, text: string): ReadMeshSettings {
  const { said, findings } = readSettings(name, text, FIELDS);
  if (said === undefined || findings.some(({ level }) => level === 'error'))
    return { settings: undefined, findings };
  const { given, sdsUdsPathRegion } = said;
  return {
    settings: {
      sdsUdsPath: given.sds_uds_path ?? '',
      enableSdsTokenMount: given.enable_sds_token_mount === true,
      sdsUseK8sSaJwt: given.sds_use_k8s_sa_jwt === true,
      trustDomain: given.trust_domain ?? '',
      sdsUdsPathRegion,
    },
    findings,
  };
}
