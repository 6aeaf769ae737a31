// Certificates and roots in short words, for people. What is inline is named by its length; certificates, which
// are public, by their digest.

import { isKeyForPath } from '../secrecy/path-text.js';
import { withheld } from '../secrecy/quoted.js';
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

/** Where bytes come from. */
function sourceText(source: DataSource | undefined): string | undefined {
  switch (source?.from) {
    case 'file':
      return pathText(source.filename);
    case 'inline':
      return source.isPublic
        ? `inline sha256:${source.digest.slice(0, 12)}`
        : `inline (${source.length} bytes)`;
    case 'environment':
      return `$${source.variable}`;
    case undefined:
      return undefined;
  }
}

/** A path, unless a key stands in its place. */
export function pathText(path: string): string {
  return isKeyForPath(path) ? withheld(path) : path;
}
