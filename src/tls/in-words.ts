// Certificates and roots in short words, for people. What is inline is named by its digest.

import type { Certificate, DataSource, Root } from './settings.js';

/** What a certificate is made of. */
export function certificateText(certificate: Certificate | undefined): string | undefined {
  if (certificate === undefined) return undefined;
  if (certificate.delivery === 'sds') return secretText(certificate.secret.name);
  const { chain, key } = certificate;
  return [...new Set([sourceText(chain), sourceText(key)])].filter(Boolean).join(', ') || 'no files';
}

/** What a root is made of. */
export function rootText(root: Root | undefined): string | undefined {
  if (root === undefined) return undefined;
  return root.delivery === 'sds' ? secretText(root.secret.name) : sourceText(root.source);
}

function secretText(name: string): string {
  return `SDS ${name === '' ? '(no name)' : name}`;
}

function sourceText(source: DataSource | undefined): string | undefined {
  switch (source?.from) {
    case 'file':
      return source.filename;
    case 'inline':
      return `inline sha256:${source.digest.slice(0, 12)}`;
    case 'environment':
      return `$${source.variable}`;
    case undefined:
      return undefined;
  }
}
