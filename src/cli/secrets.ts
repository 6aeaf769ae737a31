// The file that says which files the names of secrets stand for (`--secrets FILE`).

import { readSecretNames } from '../convert/secrets-file.js';
import type { Finding } from '../finding/finding.js';
import type { SecretNames } from '../tls/secret-names.js';
import { readFlag } from './flag-file.js';

/** Reads it; what is wrong with it joins the other findings. */
export function readSecrets(path: string | undefined, findings: Finding[]): SecretNames | undefined {
  return path === undefined ? undefined : readFlag(path, readSecretNames, findings)?.names;
}
