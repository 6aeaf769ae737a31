// The proof that a move to SDS is complete: nothing names a file with a key, a certificate or a mounted root,
// and no proxy mounts the secret.

import type { Document } from '../../source/document.js';
import { pathText } from '../../tls/in-words.js';
import {
  channelMaterial,
  filesInCopies,
  type MaterialRole,
  materialOf,
  secretMaterial,
} from '../../tls/material.js';
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
  check({ contexts, secrets, surveys, workloads }, report) {
    const seen = new Map<Document, Set<number>>();
    const holders = [...contexts, ...secrets].map(({ message }) => message.reader.document);
    for (const document of holders) seen.set(document, new Set());
    for (const { role, source, message } of [
      ...contexts.flatMap(materialOf),
      ...secrets.flatMap(secretMaterial),
    ]) {
      const found = source.from === 'file' ? forbidden(role, source.filename) : undefined;
      if (found === undefined) continue;
      seen.get(message.reader.document)?.add(message.value('filename'));
      report(fieldAt(message, 'filename'), found);
    }
    for (const [document, nodes] of seen) {
      for (const { role, filename, node } of filesInCopies(document)) {
        const found = nodes.has(node) ? undefined : forbidden(role, filename);
        if (found !== undefined) report(inDocument(document, node, ''), found);
      }
    }
    for (const { message } of surveys.flatMap(({ grpcServices }) => grpcServices))
      for (const { role, source, message: at } of channelMaterial(message)) {
        const found = source.from === 'file' ? forbidden(role, source.filename) : undefined;
        if (found !== undefined) report(fieldAt(at, 'filename'), found);
      }
    for (const workload of workloads) {
      for (const { name, node } of workload.pod.containers.flatMap(({ secretsInEnv }) => secretsInEnv))
        if (name.startsWith('istio.'))
          report(inDocument(workload.document, node, ''), {
            message: `${workload.kind} ${workload.name} has the secret ${name} in its environment`,
            expected: 'an SDS socket',
          });
      for (const { volume, secret } of workloadSecretVolumes(workload))
        report(inDocument(workload.document, volume.node, ''), {
          message: `${workload.kind} ${workload.name} mounts the secret ${secret}`,
          expected: 'an SDS socket',
        });
    }
  },
};

function forbidden(role: MaterialRole, filename: string) {
  const what = FORBIDDEN[role];
  return what === undefined || isSystemBundle(filename)
    ? undefined
    : { message: `${pathText(filename)} is ${what} in a file`, expected: 'a secret from SDS' };
}
