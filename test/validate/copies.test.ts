// `--forbid secret-files` counts the files of every copy of a repeated field: one that does not count today does
// when the other one goes.

import { expect, test } from 'vitest';
import { validate } from '../../src/validate/validate.js';

const socket = (common: string) =>
  `static_resources:\n  clusters:\n  - name: a\n    transport_socket:\n      name: tls\n      typed_config:\n        "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext\n        common_tls_context:\n${common}`;
const validation = (name: string, file: string) =>
  `          validation_context:\n            ${name}: {filename: ${file}}\n`;

function files(name: string, text: string): string[] {
  const { findings } = validate([{ name, text }], { ask: new Set(['secret-files']) });
  return findings.filter(({ code }) => code === 'secret-files').map(({ message }) => message);
}

test.each([
  ['once', validation('trusted_ca', '/b'), ['/b']],
  ['a repeated message', validation('trusted_ca', '/a') + validation('trusted_ca', '/b'), ['/b', '/a']],
  [
    'both spellings',
    `          validation_context:\n            trusted_ca: {filename: /a}\n            trustedCa: {filename: /b}\n`,
    ['/b', '/a'],
  ],
])('%s', (_, common, names) => {
  const found = files('a.yaml', socket(common));
  expect(found.map((message) => names.find((name) => message.includes(name))).sort()).toEqual(
    [...names].sort(),
  );
});
