// What Envoy asks of users and keys that are written into filters.

import { fieldAt } from '../../place.js';
import type { StartupCheck } from '../check.js';
import { inlineBytes } from '../data-source.js';

/** A line `user:{SHA}hash`; the hash of SHA-1 in base64 has 28 characters. */
const HASH_LENGTH = 28;

export const basicAuthUsers: StartupCheck = {
  code: 'basic-auth-users',
  on: [
    'envoy.extensions.filters.http.basic_auth.v3.BasicAuth',
    'envoy.extensions.filters.http.basic_auth.v3.BasicAuthPerRoute',
  ],
  finds: 'the users of basic authentication are not written as htpasswd -s writes them',
  refusal: 'basic auth: unsupported htpasswd format: please use {SHA}',
  remedy: 'write a line for each user as htpasswd -s does, user:{SHA}hash',
  check(filter, report) {
    const users = filter.message('users');
    const bytes = inlineBytes(users);
    const fault = bytes === undefined ? undefined : usersFault(bytes.toString('utf8'));
    if (fault === undefined || users === undefined) return;
    report(fieldAt(users, users.has('inline_string') ? 'inline_string' : 'inline_bytes'), {
      message: fault,
      expected: 'lines such as user:{SHA}hash',
    });
  },
};

/** What is wrong with a list of users; no name and no hash is in it. */
function usersFault(text: string): string | undefined {
  if (text === '') return 'the list of users is empty';
  const names = new Set<string>();
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    // As Envoy reads it: what begins with # is a comment.
    if (line === '' || line.startsWith('#')) continue;
    const fault = userFault(line, names);
    if (fault !== undefined) return `line ${index + 1} of the users ${fault}`;
  }
  return undefined;
}

function userFault(line: string, names: Set<string>): string | undefined {
  const colon = line.indexOf(':');
  if (colon < 0) return 'has no colon between user and hash';
  const [name, hash] = [line.slice(0, colon), line.slice(colon + 1)];
  if (name === '' || hash === '') return 'has no user or no hash';
  if (names.has(name)) return 'has a user that an earlier line has, too';
  names.add(name);
  if (!hash.startsWith('{SHA}'))
    return 'has a hash that is not of the form {SHA}…, the only one that Envoy takes';
  const sha = hash.slice('{SHA}'.length);
  return Buffer.byteLength(sha) === HASH_LENGTH ? undefined : 'has a hash of the wrong length';
}

const KEYS = [
  'envoy.extensions.filters.http.api_key_auth.v3.ApiKeyAuth',
  'envoy.extensions.filters.http.api_key_auth.v3.ApiKeyAuthPerRoute',
];

export const apiKeyTwice: StartupCheck = {
  code: 'api-key-twice',
  on: KEYS,
  finds: 'two clients have the same API key',
  refusal: "Duplicated credential key: '…'",
  remedy: 'give each client its own key',
  check(at, report) {
    const seen = new Set<string>();
    for (const credential of at.messages('credentials')) {
      const key = credential.text('key') ?? '';
      if (seen.has(key)) report(fieldAt(credential, 'key'), { message: 'another client has the same key' });
      seen.add(key);
    }
  },
};

export const apiKeySource: StartupCheck = {
  code: 'api-key-source',
  on: ['envoy.extensions.filters.http.api_key_auth.v3.KeySource'],
  finds: 'a source of API keys names no header, query parameter or cookie',
  refusal: "One of 'header'/'query'/'cookie' must be set.",
  remedy: 'set header, query or cookie',
  check(source, report) {
    if (['header', 'query', 'cookie'].some((field) => (source.text(field) ?? '') !== '')) return;
    report(fieldAt(source), {
      message: 'this source of API keys names no header, query parameter or cookie',
    });
  },
};
