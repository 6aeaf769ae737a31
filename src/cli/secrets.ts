// The file that says which files the names of secrets stand for (`--secrets FILE`).

import { readSecretNames } from '../convert/secrets-file.js';
import type { Finding } from '../finding/finding.js';
import type { SecretNames } from '../tls/secret-names.js';
import { readText } from './inputs.js';

/** Reads it; what is wrong with it joins the other findings. */
export function readSecrets(path: string | undefined, findings: Finding[]): SecretNames | undefined {
  if (path === undefined) return undefined;
  const text = readText(path, path);
  if ('code' in text) {
    findings.push(text);
    return undefined;
  }
  const read = readSecretNames(path, text.text);
  findings.push(...read.findings);
  return read.names;
}
