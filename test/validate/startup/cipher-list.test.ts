// What Envoy 1.40 answered to each list of cipher suites, asked with --mode validate.

import { expect, test } from 'vitest';
import { cipherListFault } from '../../../src/validate/startup/tls/cipher-list.js';

const SUITE = 'ECDHE-RSA-AES128-GCM-SHA256';

test.each([
  SUITE,
  `-ALL:${SUITE}`,
  `${SUITE}:!3DES`,
  `${SUITE}:TLS_AES_128_GCM_SHA256`,
  `:${SUITE}:`,
  `[${SUITE}|AES128-SHA]`,
  `[${SUITE}|]`,
  `[TLS_AES_128_GCM_SHA256|${SUITE}]`,
  'ALL+ECDHE',
  'kRSA+AES',
  `@STRENGTH:${SUITE}`,
  `+AES:${SUITE}`,
  'DEFAULT:!3DES',
  `ALL:-ALL:${SUITE}`,
  'TLSv1.2:TLSv1',
  'ECDHE+AESGCM:!PSK',
  'aPSK',
])('takes %s', (list) => expect(cipherListFault(list)).toBeUndefined());

test.each([
  [`${SUITE}:-ALL`, 'nothing-left', undefined],
  [`${SUITE}:!${SUITE}`, 'nothing-left', undefined],
  [`!${SUITE}:${SUITE}`, 'nothing-left', undefined],
  ['TLS_AES_128_GCM_SHA256', 'nothing-left', undefined],
  ['@STRENGTH', 'nothing-left', undefined],
  ['+AES', 'nothing-left', undefined],
  [`${SUITE}:!aNULL`, 'unknown', 29],
  [`${SUITE}:@strength`, 'unknown', 29],
  ['ECDHE+RC4', 'unknown', 0],
  ['!3DES:DEFAULT', 'unknown', 6],
  ['TLSv1.3', 'unknown', 0],
  [`TLS_AES_128_GCM_SHA256+AES:${SUITE}`, 'unknown', 0],
  ['HIGH:!aNULL:!MD5', 'unknown', 6],
  [`${SUITE} `, 'syntax', 27],
  [`${SUITE},AES128-SHA`, 'syntax', 27],
  [`[${SUITE}`, 'syntax', 28],
  [`[${SUITE}|!AES128-SHA]`, 'syntax', 29],
])('refuses %s', (list, kind, at) => {
  const fault = cipherListFault(list);
  expect(fault?.kind).toBe(kind);
  expect(fault?.at).toBe(at);
});
