import { expect, it } from 'vitest';
import { nearName } from '../../src/finding/near-name.js';

const FIELDS = ['filename', 'inline_string', 'trusted_ca', 'tls_certificates', 'tls_params', 'sni', 'name'];

it.each([
  ['filname', 'filename'],
  ['file_name', 'filename'],
  ['fileName', 'filename'],
  ['trustedCa', 'trusted_ca'],
  ['trusted_cas', 'trusted_ca'],
  ['tls_certificate', 'tls_certificates'],
  ['tls_cretificates', 'tls_certificates'],
  ['sin', 'sni'],
  ['nmae', 'name'],
  ['hosts', undefined],
  ['x', undefined],
  ['', undefined],
  ['completely_different_field', undefined],
])('the name that was meant by %s is %s', (word, expected) => {
  expect(nearName(word, FIELDS)).toBe(expected);
});

it.each([
  ['revies.default.svc.cluster.local', 'reviews.default.svc.cluster.local'],
  ['reviews.defualt.svc.cluster.local', 'reviews.default.svc.cluster.local'],
  ['kubernetes.default.svc.cluster.local', undefined],
])('the host that was meant by %s is %s', (word, expected) => {
  expect(nearName(word, ['reviews.default.svc.cluster.local', 'ratings.default.svc.cluster.local'])).toBe(
    expected,
  );
});
