// The proof that a move to SDS is complete: nothing names a file with a key, a certificate or a mounted root,
// and no proxy mounts the secret.

import { pathText } from '../../tls/in-words.js';
import { type MaterialRole, materialOf, secretMaterial } from '../../tls/material.js';
import { isSystemBundle } from '../../tls/secret-names.js';
import { fieldAt, inDocument } from '../place.js';
import type { Rule } from '../rule.js';
import { workloadSecretVolumes } from '../secret-volumes.js';

const FORBIDDEN: Partial<Record<MaterialRole, string>> = {
  chain: 'a certificate chain',
  key: 'a private key',
  pkcs12: 'a certificate with its key',
  password: "a private key's password",
  root: 'a trusted CA',
  tickets: 'a key for session tickets',
};

export const secretFiles: Rule = {
  code: 'secret-files',
  level: 'error',
  finds:
    'a file with a private key, a certificate chain or a mounted root CA is used, or a pod mounts the secret',
  why: 'The option --forbid secret-files requires that none is left. System CA bundles, revocation lists and token files are allowed.',
  source: 'istio#16486',
  remedy: 'get it from SDS; xdsc convert changes configurations and workloads',
  onlyIfAsked: true,
  check({ contexts, secrets, workloads }, report) {
    for (const { role, source, message } of [
      ...contexts.flatMap(materialOf),
      ...secrets.flatMap(secretMaterial),
    ]) {
      const what = FORBIDDEN[role];
      if (what === undefined || source.from !== 'file' || isSystemBundle(source.filename)) continue;
      report(fieldAt(message, 'filename'), {
        message: `${pathText(source.filename)} is ${what} in a file`,
        expected: 'a secret from SDS',
      });
    }
    for (const workload of workloads) {
      for (const { volume, secret } of workloadSecretVolumes(workload))
        report(inDocument(workload.document, volume.node, ''), {
          message: `${workload.kind} ${workload.name} mounts the secret ${secret}`,
          expected: 'an SDS socket',
        });
    }
  },
};
