// Silences in comments, and what is wrong with them.

import { expect, test } from 'vitest';
import { findingText, PLAIN } from '../../src/report/finding-text.js';
import { type ValidateOptions, validate } from '../../src/validate/validate.js';

function cluster(comment: string): string {
  return `name: backend
connect_timeout: 1s
tls_context:
  common_tls_context:
    tls_params:
      ${comment}
      tls_minimum_protocol_version: TLSv1_0
    validation_context:
      trusted_ca: {filename: /etc/envoy/ca.pem}
      verify_subject_alt_name: [backend.shop.svc]
`;
}

const LEVELS: ValidateOptions = { levels: new Map([['deprecated-field', 'off']]) };

function said(text: string, options = LEVELS): string {
  const { findings } = validate([{ name: 'cluster.yaml', text }], options);
  return findings.map((finding) => `${findingText(finding, PLAIN)}\n`).join('');
}

test('without a comment the finding is told', () => {
  expect(said(cluster('# an old client'))).toContain('cluster.yaml:7:7: warning: TLS 1.0 is allowed');
});

test('a comment with a reason silences the next line', () => {
  const text = cluster('# xdsc-disable-next-line outdated-tls: the printers know nothing else');
  expect(said(text)).toBe('');
  expect(validate([{ name: 'a.yaml', text }], LEVELS).silenced).toBe(1);
});

test('other comments may stand between, and several codes in one', () => {
  const comment = '# xdsc-disable-next-line outdated-tls, weak-cipher: old\n      # and more to say';
  expect(
    said(cluster(comment)),
  ).toBe(`cluster.yaml:6:7: warning: the next line has no finding weak-cipher [unused-silence]
  expected the code of a finding on the next line
  remove the comment
`);
});

test('a silence without a reason is a note', () => {
  expect(
    said(cluster('# xdsc-disable-next-line outdated-tls')),
  ).toBe(`cluster.yaml:6:7: note: this silence has no reason [silence-without-reason]
  expected # xdsc-disable-next-line CODE: reason
`);
});

test('a silence that silences nothing is a finding, with the name that was meant', () => {
  expect(
    said(cluster('# xdsc-disable-next-line outdated-tsl: old printers')),
  ).toContain(`cluster.yaml:6:7: warning: the next line has no finding outdated-tsl [unused-silence]
  did you mean outdated-tls?
  remove the comment
`);
});

test('a silence works inside of a ConfigMap', () => {
  const inner = cluster('# xdsc-disable-next-line outdated-tls: old printers').replaceAll(/^/gm, '    ');
  expect(
    said(`apiVersion: v1\nkind: ConfigMap\nmetadata: {name: envoy}\ndata:\n  envoy.yaml: |\n${inner}`),
  ).toBe('');
});

test('what cannot be read cannot be silenced', () => {
  expect(said('# xdsc-disable-next-line syntax: no\na: [')).toContain(
    'error: this bracket is not closed [syntax]',
  );
});

test('levels of the project win, and off is off', () => {
  const levels = (level: 'off' | 'error') => ({
    levels: new Map([['deprecated-field', 'off'] as const, ['outdated-tls', level] as const]),
  });
  expect(said(cluster('# x'), levels('off'))).toBe('');
  expect(said(cluster('# x'), levels('error'))).toContain('error: TLS 1.0 is allowed');
});
